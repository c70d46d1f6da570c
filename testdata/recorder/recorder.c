/*
 * Runs snippets of 64-bit user code on the real processor and prints what they leave behind.
 *
 * Input, a line each: NAME HEX. Output: the changed registers, the arithmetic flags with DF, and the changed bytes of the data area.
 * The snippet runs in a traced child that shares code and data area with this process; an int3 behind it ends it.
 * Layout and initial values are those of the test fixture (class InstructionCase of the runtime's tests).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define CODE 0x200000
#define DATA 0x100000
#define DATA_SIZE 0x10000
#define FLAGS 0xcd5

static const char *const NAMES[16] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};

static void initial(unsigned long *r) {
    for (int i = 0; i < 16; i++) r[i] = 0x1122334455667788ul + i * 0x0101010101010101ul;
    r[3] = 0x101000;
    r[4] = 0x108000;
    r[5] = 0x107000;
    r[6] = 0x102000;
    r[7] = 0x104000;
}

static unsigned char pattern(int i) {
    return (unsigned char) (i * 7 + 3 ^ i >> 8);
}

static void list(struct user_regs_struct *u, unsigned long long **p) {
    unsigned long long *all[16] = {&u->rax, &u->rcx, &u->rdx, &u->rbx, &u->rsp, &u->rbp, &u->rsi, &u->rdi,
        &u->r8, &u->r9, &u->r10, &u->r11, &u->r12, &u->r13, &u->r14, &u->r15};
    memcpy(p, all, sizeof all);
}

int main(void) {
    unsigned char *code = mmap((void *) CODE, 0x1000, 7, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    unsigned char *data = mmap((void *) DATA, DATA_SIZE, 3, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (code == MAP_FAILED || data == MAP_FAILED) return perror("mmap"), 1;
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    struct user_regs_struct start;
    ptrace(PTRACE_GETREGS, child, 0, &start);
    char name[128], hex[1024];
    while (scanf("%127s %1023s", name, hex) == 2) {
        int n = strlen(hex) / 2;
        for (int i = 0; i < n; i++) {
            unsigned byte;
            sscanf(hex + 2 * i, "%2x", &byte);
            code[i] = byte;
        }
        code[n] = 0xcc;
        for (int i = 0; i < DATA_SIZE; i++) data[i] = pattern(i);
        unsigned long first[16];
        initial(first);
        struct user_regs_struct u = start;
        unsigned long long *p[16];
        list(&u, p);
        for (int i = 0; i < 16; i++) *p[i] = first[i];
        u.rip = CODE;
        u.eflags = 0x202;
        u.orig_rax = -1;
        ptrace(PTRACE_SETREGS, child, 0, &u);
        ptrace(PTRACE_CONT, child, 0, 0);
        waitpid(child, &status, 0);
        if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) {
            fprintf(stderr, "%s: signal %d\n", name, WIFSTOPPED(status) ? WSTOPSIG(status) : -1);
            return 1;
        }
        ptrace(PTRACE_GETREGS, child, 0, &u);
        printf("%s flags=%llx", name, u.eflags & FLAGS);
        for (int i = 0; i < 16; i++) {
            if (*p[i] != first[i]) printf(" %s=%llx", NAMES[i], *p[i]);
        }
        for (int i = 0; i < DATA_SIZE; i++) {
            if (data[i] == pattern(i)) continue;
            printf(" %x:", DATA + i);
            for (; i < DATA_SIZE && data[i] != pattern(i); i++) printf("%02x", data[i]);
        }
        printf("\n");
    }
    kill(child, SIGKILL);
    return 0;
}
