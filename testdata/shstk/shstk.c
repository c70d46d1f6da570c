/*
 * Turns on its own shadow stack under Linux (arch_prctl ARCH_SHSTK_ENABLE) and says what happens. No C library: the first function must never return.
 *   shstk run       nested calls, the instructions that read and move the shadow stack pointer, a signal handler; exit status 0
 *   shstk missing   writes shadow-stack pages that are missing: the kernel fills one, then another process by userfaultfd; exit status 0
 *   shstk corrupt   overwrites a return address; the handler prints the code of the SIGSEGV; exit status 0 if it is SEGV_CPERR
 *   shstk die       the same without a handler
 */
typedef unsigned long u64;

enum { SYS_READ = 0, SYS_WRITE = 1, SYS_MMAP = 9, SYS_SIGACTION = 13, SYS_IOCTL = 16, SYS_MADVISE = 28, SYS_FORK = 57, SYS_WAIT4 = 61 };
enum { SYS_USERFAULTFD = 323, SYS_MAP_SHADOW_STACK = 453 };
enum { SYS_SIGRETURN = 15, SYS_GETPID = 39, SYS_EXIT = 60, SYS_KILL = 62, SYS_ARCH_PRCTL = 158 };
enum { ARCH_SHSTK_ENABLE = 0x5001, ARCH_SHSTK_SHSTK = 1, ARCH_SHSTK_WRSS = 2, SIGUSR1 = 10, SIGSEGV = 11, SEGV_CPERR = 10 };
enum { UFFD_API = 0xaa, UFFDIO_REGISTER_MODE_MISSING = 1, MADV_DONTNEED = 4, EINVAL = 22, PAGE = 4096 };
static const u64 UFFDIO_API = 0xc018aa3f, UFFDIO_REGISTER = 0xc020aa00, UFFDIO_COPY = 0xc028aa03;
enum { SA_SIGINFO = 4, SA_RESTORER = 0x04000000 };

struct action {
    void *handler;
    u64 flags;
    void *restorer;
    u64 mask;
};

static inline __attribute__((always_inline)) long system3(long n, u64 a, u64 b, u64 c)
{
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return r;
}

static inline __attribute__((always_inline)) long system4(long n, u64 a, u64 b, u64 c, u64 d)
{
    register u64 r10 __asm__("r10") = d;
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    return r;
}

static inline u64 pointer(void)
{
    u64 ssp = 0;
    __asm__ volatile("rdsspq %0" : "+r"(ssp));
    return ssp;
}

static __attribute__((noinline)) void say(const char *s)
{
    u64 n = 0;
    while (s[n]) n++;
    system3(SYS_WRITE, 1, (u64)s, n);
}

static __attribute__((noreturn)) void leave(int status)
{
    system3(SYS_EXIT, status, 0, 0);
    __builtin_unreachable();
}

static volatile u64 deepest, handled;

__attribute__((naked)) static void restorer(void)
{
    __asm__("mov $15, %eax\n\tsyscall");
}

static void onUser(int number)
{
    handled = number;
}

static void onSegv(int number, int *info)
{
    (void)number;
    if (info[2] != SEGV_CPERR) {
        say("shstk: SIGSEGV with another code\n");
        leave(1);
    }
    say("shstk: SIGSEGV with SEGV_CPERR\n");
    leave(0);
}

static __attribute__((noinline)) int nest(int depth)
{
    if (depth == 0) {
        deepest = pointer();
        return 0;
    }
    return 1 + nest(depth - 1);
}

/* Drops its caller's frame from both stacks, as longjmp does. */
__attribute__((naked, noinline)) static void twoUp(void)
{
    __asm__("mov $1, %eax\n\tincsspq %rax\n\tadd $8, %rsp\n\tret");
}

__attribute__((naked, noinline)) static void viaTwoUp(void)
{
    __asm__("call %P0\n\tud2" : : "i"(twoUp));
}

__attribute__((naked, noinline)) static void corrupted(void)
{
    __asm__("lea 1f(%rip), %rax\n\tmov %rax, (%rsp)\n\tret\n1:\n\tud2");
}

static void handle(int signal, void *f, u64 flags)
{
    struct action a = {f, flags | SA_RESTORER, restorer, 0};
    system4(SYS_SIGACTION, signal, (u64)&a, 0, 8);
}

static void run(void)
{
    u64 before = pointer();
    if (before == 0) {
        say("shstk: no shadow stack\n");
        leave(1);
    }
    if (nest(10) != 10 || deepest != before - 11 * 8) {
        say("shstk: the pointer did not follow the calls\n");
        leave(1);
    }
    viaTwoUp();
    if (pointer() != before) {
        say("shstk: INCSSP moved the pointer elsewhere\n");
        leave(1);
    }
    handle(SIGUSR1, onUser, 0);
    system3(SYS_KILL, system3(SYS_GETPID, 0, 0, 0), SIGUSR1, 0);
    if (handled != SIGUSR1 || pointer() != before) {
        say("shstk: the signal handler did not return as it should\n");
        leave(1);
    }
    say("shstk: ran on its own shadow stack\n");
    leave(0);
}

static inline void writeShadow(volatile u64 *at, u64 v)
{
    __asm__ volatile("wrssq %1, (%0)" : : "r"(at), "r"(v) : "memory");
}

static void need(int holds, const char *otherwise)
{
    if (holds) return;
    say(otherwise);
    leave(1);
}

static u64 filling[PAGE / 8] __attribute__((aligned(PAGE)));

/* A child reads one event from the userfaultfd and fills the page; the parent writes to it meanwhile. */
static void fillBy(long fd, volatile u64 *at, int shadow)
{
    system3(SYS_MADVISE, (u64)at, PAGE, MADV_DONTNEED);
    long child = system3(SYS_FORK, 0, 0, 0);
    need(child >= 0, "shstk: no second process\n");
    if (child == 0) {
        u64 event[4];
        u64 copy[5] = {(u64)at, (u64)filling, PAGE, 0, 0};
        need(system3(SYS_READ, fd, (u64)event, sizeof event) == sizeof event, "shstk: no event\n");
        need((event[2] & -PAGE) == (u64)at, "shstk: an event for another page\n");
        need(system3(SYS_IOCTL, fd, UFFDIO_COPY, (u64)copy) == 0, "shstk: UFFDIO_COPY failed\n");
        leave(0);
    }
    if (shadow) writeShadow(at, 5);
    else *at = 5;
    int status = 1;
    system4(SYS_WAIT4, child, (u64)&status, 0, 0);
    need(status == 0 && at[0] == 5 && at[1] == 7, "shstk: the page was not filled by the other process\n");
}

static void missing(void)
{
    u64 size = 2 << 20;
    volatile u64 *shadow = (u64 *)system3(SYS_MAP_SHADOW_STACK, 0, size, 1);
    need((long)shadow > 0, "shstk: map_shadow_stack failed\n");
    writeShadow(shadow, 3);
    need(shadow[0] == 3, "shstk: WRSS wrote something else\n");
    system3(SYS_MADVISE, (u64)shadow, size, MADV_DONTNEED);
    writeShadow(shadow + 1, 4);
    need(shadow[0] == 0 && shadow[1] == 4, "shstk: WRSS to a missing page wrote something else\n");
    say("shstk: the kernel fills missing pages\n");

    filling[1] = 7;
    long fd = system3(SYS_USERFAULTFD, 0, 0, 0);
    u64 api[3] = {UFFD_API, 0, 0};
    need(fd >= 0 && system3(SYS_IOCTL, fd, UFFDIO_API, (u64)api) == 0, "shstk: no userfaultfd\n");
    volatile u64 *ordinary;
    register u64 noFile __asm__("r8") = -1;
    register u64 offset __asm__("r9") = 0;
    register u64 flags __asm__("r10") = 0x22; /* private, anonymous */
    __asm__ volatile("syscall"
                     : "=a"(ordinary)
                     : "a"(SYS_MMAP), "D"(0), "S"(PAGE), "d"(3), "r"(flags), "r"(noFile), "r"(offset)
                     : "rcx", "r11", "memory");
    u64 registration[4] = {(u64)ordinary, PAGE, UFFDIO_REGISTER_MODE_MISSING, 0};
    need(system3(SYS_IOCTL, fd, UFFDIO_REGISTER, (u64)registration) == 0, "shstk: no userfaults for a page\n");
    fillBy(fd, ordinary, 0);
    say("shstk: another process fills a page\n");

    registration[0] = (u64)shadow;
    long answer = system3(SYS_IOCTL, fd, UFFDIO_REGISTER, (u64)registration);
    if (answer == -EINVAL) {
        say("shstk: the kernel takes no userfaults for shadow stacks\n");
        leave(0);
    }
    need(answer == 0, "shstk: UFFDIO_REGISTER failed\n");
    fillBy(fd, shadow, 1);
    say("shstk: another process fills a shadow-stack page\n");
    leave(0);
}

__attribute__((used, noreturn)) static void begin(u64 *stack)
{
    const char *what = stack[0] > 1 ? (const char *)stack[2] : "run";
    if (system3(SYS_ARCH_PRCTL, ARCH_SHSTK_ENABLE, ARCH_SHSTK_SHSTK, 0) != 0) {
        say("shstk: the kernel gives no shadow stack\n");
        leave(2);
    }
    if (what[0] == 'r') run();
    if (what[0] == 'm') {
        need(system3(SYS_ARCH_PRCTL, ARCH_SHSTK_ENABLE, ARCH_SHSTK_WRSS, 0) == 0, "shstk: the kernel gives no WRSS\n");
        missing();
    }
    if (what[0] == 'c') handle(SIGSEGV, onSegv, SA_SIGINFO);
    corrupted();
    say("shstk: the corrupted return went unnoticed\n");
    leave(1);
}

__attribute__((naked)) void _start(void)
{
    __asm__("mov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin");
}
