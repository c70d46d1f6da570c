/*
 * Runs pieces of user-level code on the processor of this machine, for 'ringside fuzz'. Freestanding: no libc, no thread-local storage.
 *
 * It lives in a signal handler. Each signal ends a case: the handler writes the state to standard output, reads the next case from standard
 * input, maps its pages, puts its registers into the signal frame, and returns into it. A seccomp filter lets system calls through only from
 * this program's own text; those of a case become SIGSYS. All numbers are little-endian; the layout is that of class HostProcessor.
 *
 *   request: pages (4), mode 64 or 32 (4), then for each page: address (8), rights r=1 w=2 x=4 (8), content (4096); then struct state
 *   answer: signal (4), vector (4), error code (8), CR2 (8), struct state, then the content of each page in the order of the request
 */
#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#define PAGES 32
#define SA_SIGINFO_ 4
#define SA_ONSTACK_ 0x08000000
#define SA_RESTORER_ 0x04000000

struct state {
    uint64_t gpr[16], rip, flags;
    uint8_t fx[416];  /* FXSAVE image up to XMM15 */
    uint8_t high[256]; /* bits 255:128 of YMM0..15 */
};
struct page {
    uint64_t address, rights;
    uint8_t content[4096];
};
struct answer {
    uint32_t signal, vector;
    uint64_t error, cr2;
    struct state s;
};
static struct page pages[PAGES];
static struct answer answer;
static uint32_t head[2];
static struct state next;
static uint8_t stack[1 << 16] __attribute__((aligned(4096)));

static long call(long n, long a, long b, long c, long d, long e, long f) {
    long r;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return r;
}

void *memcpy(void *to, const void *from, size_t n) {
    void *start = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    return start;
}

void *memset(void *to, int v, size_t n) {
    void *start = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(v) : "memory");
    return start;
}

static void quit(int status) {
    call(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

static void whole(int number, int fd, void *p, size_t n) {
    for (size_t done = 0; done < n;) {
        long k = call(number, fd, (long) ((char *) p + done), n - done, 0, 0, 0);
        if (k <= 0) quit(number == SYS_read && done == 0 ? 0 : 3);
        done += k;
    }
}

/* General registers by number, as the signal frame has them. */
static const int place[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13,
    REG_R14, REG_R15};

static int has_avx(uint8_t *fp) {
    uint32_t magic, features;
    memcpy(&magic, fp + 464, 4);
    memcpy(&features, fp + 472, 4);
    return magic == 0x46505853 && (features & 4);
}

/* A selector that is not null gives FS and GS the base 0, as the case expects. */
static void segments(void) {
    uint16_t data = 0x2b;
    __asm__ volatile("mov %0, %%ds\n mov %0, %%es\n mov %0, %%fs\n mov %0, %%gs" : : "r"(data));
}

static void timer(long ms) {
    long t[4] = {0, 0, 0, ms * 1000};
    call(SYS_setitimer, 2, (long) t, 0, 0, 0, 0); /* ITIMER_PROF: processor time, so that a busy machine ends no case */
}

static void get(struct state *s, greg_t *g, uint8_t *fp) {
    for (int i = 0; i < 16; i++) s->gpr[i] = g[place[i]];
    s->rip = g[REG_RIP];
    s->flags = g[REG_EFL];
    memcpy(s->fx, fp, sizeof s->fx);
    memset(s->high, 0, sizeof s->high);
    if (has_avx(fp) && (fp[512] & 4)) memcpy(s->high, fp + 576, 256);
    if (has_avx(fp) && !(fp[512] & 2)) memset(s->fx + 160, 0, 256);
}

static void put(struct state *s, greg_t *g, uint8_t *fp, int bits) {
    for (int i = 0; i < 16; i++) g[place[i]] = s->gpr[i];
    g[REG_RIP] = s->rip;
    g[REG_EFL] = s->flags;
    g[REG_CSGSFS] = (g[REG_CSGSFS] & 0xffff00000000) | (bits == 64 ? 0x33 : 0x23) | 0x2bul << 48;
    memcpy(fp, s->fx, 28);
    memcpy(fp + 32, s->fx + 32, sizeof s->fx - 32);
    if (has_avx(fp)) {
        fp[512] = 7; /* XSTATE_BV: all else is initial, so that no case sees what one before left, PKRU by WRPKRU for one */
        memset(fp + 513, 0, 7);
        memcpy(fp + 576, s->high, 256);
    }
}

__attribute__((used)) static void handle(int signal, void *info, ucontext_t *c) {
    static int running;
    greg_t *g = c->uc_mcontext.gregs;
    uint8_t *fp = (uint8_t *) c->uc_mcontext.fpregs;
    (void) info;
    timer(0);
    segments();
    if (running) {
        answer.signal = signal;
        answer.vector = g[REG_TRAPNO];
        answer.error = g[REG_ERR];
        answer.cr2 = g[REG_CR2];
        get(&answer.s, g, fp);
        whole(SYS_write, 1, &answer, sizeof answer);
        for (uint32_t i = 0; i < head[0]; i++) {
            if (!(pages[i].rights & 1)) call(SYS_mprotect, pages[i].address, 4096, 1, 0, 0, 0);
            whole(SYS_write, 1, (void *) pages[i].address, 4096);
        }
        for (uint32_t i = 0; i < head[0]; i++) call(SYS_munmap, pages[i].address, 4096, 0, 0, 0, 0);
    }
    whole(SYS_read, 0, head, sizeof head);
    if (head[0] > PAGES) quit(4);
    whole(SYS_read, 0, pages, head[0] * sizeof(struct page));
    whole(SYS_read, 0, &next, sizeof next);
    for (uint32_t i = 0; i < head[0]; i++) {
        long a = pages[i].address;
        if (call(SYS_mmap, a, 4096, 3, 0x100022, -1, 0) != a) quit(5);
        memcpy((void *) a, pages[i].content, 4096);
        if (pages[i].rights != 3) call(SYS_mprotect, a, 4096, pages[i].rights & 1 ? pages[i].rights : 0, 0, 0, 0);
    }
    running = 1;
    put(&next, g, fp, head[1]);
    timer(500);
}

/* The handler is entered with the flags of the case: alignment checks, NT and the like must go first. */
__asm__(".text\n.globl text_start\ntext_start = .\n"
    "entry: pushq $0x202\n popfq\n cld\n jmp handle\n"
    "restorer: mov $15, %eax\n syscall\n"
    ".globl _start\n_start: and $-16, %rsp\n call begin\n");
extern char entry[] __attribute__((visibility("hidden"))), restorer[] __attribute__((visibility("hidden")));

/* Whether the kernel keeps a segment for 32-bit code of users (a virtual machine may have none). */
static uint8_t compatibility(void) {
    uint32_t rights = 0;
    uint8_t valid;
    __asm__("lar %2, %0\n setz %1" : "+r"(rights), "=qm"(valid) : "r"(0x23) : "cc");
    return valid && (rights & 0x601800) == 0x401800; /* code, D set, L clear */
}

__attribute__((used, noreturn)) static void begin(void) {
    uint8_t hello = compatibility();
    whole(SYS_write, 1, &hello, 1);
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    call(SYS_sigaltstack, (long) &alternate, 0, 0, 0, 0, 0);
    struct { void *handler; unsigned long flags; void *restorer; uint64_t mask; } a = {entry, SA_SIGINFO_ | SA_ONSTACK_ | SA_RESTORER_, restorer, -1ul};
    static const int signals[] = {4, 5, 7, 8, 11, 27, 31, 10};
    for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) call(SYS_rt_sigaction, signals[i], (long) &a, 0, 8, 0, 0);
    uint64_t text = (uint64_t) &entry & ~0xffffful;
    /* System calls come from within 1 MiB around the text, or they are a case's. */
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, text >> 32, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff00000),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t) text, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    };
    struct sock_fprog p = {sizeof f / sizeof *f, f};
    call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);
    if (call(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (long) &p, 0, 0, 0) != 0) quit(6);
    call(SYS_kill, call(SYS_getpid, 0, 0, 0, 0, 0, 0), 10, 0, 0, 0, 0);
    quit(7);
    __builtin_unreachable();
}
