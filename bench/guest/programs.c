/*
 * Guest programs of bench/compare: each is one kind of work, the same in every emulator and natively.
 * usage: programs NAME SCALE    prints '@begin NAME' when it is ready, '@end NAME CHECKSUM' when the work is done
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))
typedef uint64_t u64;
typedef uint32_t u32;

static const char *running;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* Preparation ends here: the clock starts. */
static void begin(void) {
    printf("@begin %s\n", running);
    fflush(stdout);
}

static u64 next_random(u64 *s) {
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

/* ---- computations ---- */

static u64 crc(int scale) {
    static u32 table[256];
    static unsigned char data[1 << 18];
    u64 seed = 1;
    for (u32 i = 0; i < 256; i++) {
        u32 c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    for (size_t i = 0; i < sizeof data; i++) data[i] = next_random(&seed);
    begin();
    u32 c = ~0u;
    while (scale-- > 0)
        for (size_t i = 0; i < sizeof data; i++) c = table[(c ^ data[i]) & 255] ^ c >> 8;
    return ~c;
}

static NOINLINE u64 fibonacci(u64 n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2) + 1; }

/* Ackermann's function does not become a loop in both branches. */
static NOINLINE u64 ackermann(u64 m, u64 n) {
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

static u64 recursion(int scale) {
    u64 (*volatile f)(u64) = fibonacci;
    begin();
    u64 sum = 0;
    while (scale-- > 0) sum = sum * 31 + f(24) + ackermann(2, 300);
    return sum;
}

static u64 sieve(int scale) {
    enum { N = 1 << 19 };
    static unsigned char composite[N];
    begin();
    u64 primes = 0;
    while (scale-- > 0) {
        memset(composite, 0, N);
        for (u32 i = 2; i < N; i++) {
            if (composite[i]) continue;
            primes++;
            for (u32 k = 2 * i; k < N; k += i) composite[k] = 1;
        }
    }
    return primes;
}

static u64 walk(int scale) {
    enum { N = 1 << 15 };
    struct node { struct node *next; u64 value; };
    static struct node nodes[N];
    static u32 order[N];
    u64 seed = 7;
    for (u32 i = 0; i < N; i++) order[i] = i;
    for (u32 i = N - 1; i > 0; i--) {
        u32 k = next_random(&seed) % (i + 1), t = order[i];
        order[i] = order[k];
        order[k] = t;
    }
    for (u32 i = 0; i < N; i++) nodes[order[i]] = (struct node) {&nodes[order[(i + 1) % N]], i};
    begin();
    u64 sum = 0;
    struct node *n = nodes;
    for (u64 i = (u64) scale * N; i > 0; i--, n = n->next) sum = sum * 3 + n->value;
    return sum;
}

static int by_value(const void *a, const void *b) {
    u32 x = *(const u32 *) a, y = *(const u32 *) b;
    return x < y ? -1 : x > y;
}

static u64 sort(int scale) {
    enum { N = 1 << 14 };
    static u32 values[N];
    u64 seed = 3, sum = 0;
    begin();
    while (scale-- > 0) {
        for (u32 i = 0; i < N; i++) values[i] = next_random(&seed);
        qsort(values, N, sizeof *values, by_value);
        sum = sum * 31 + values[N / 2];
    }
    return sum;
}

static u64 matrix(int scale) {
    enum { N = 96 };
    static u32 a[N][N], b[N][N], c[N][N];
    u64 seed = 5, sum = 0;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            a[i][k] = next_random(&seed);
            b[i][k] = next_random(&seed);
        }
    begin();
    while (scale-- > 0) {
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++) {
                u32 s = 0;
                for (int j = 0; j < N; j++) s += a[i][j] * b[j][k];
                c[i][k] = s;
            }
        a[scale % N][scale % 7] = c[3][scale % N];
        sum = sum * 31 + c[N - 1][scale % N];
    }
    return sum;
}

static u64 xorshift(int scale) {
    u64 s = 88172645463325252u;
    begin();
    for (u64 i = (u64) scale << 16; i > 0; i--) next_random(&s);
    return s;
}

static u64 doubles(int scale) {
    enum { N = 1 << 12 };
    static double a[N], b[N];
    u64 seed = 11;
    for (int i = 0; i < N; i++) {
        a[i] = (double) (int) next_random(&seed) / 1024;
        b[i] = (double) (int) next_random(&seed) / 4096;
    }
    begin();
    double sum = 0;
    while (scale-- > 0)
        for (int i = 0; i < N; i++) sum += a[i] * b[i];
    u64 bits;
    memcpy(&bits, &sum, 8);
    return bits;
}

/* A machine of eight instructions; the switch becomes an indirect jump through a table. */
static u64 dispatch(int scale) {
    enum { PUSH, ADD, MUL, XOR, DUP, SWAP, DROP, LOOP };
    static const unsigned char code[] = {PUSH, 3, ADD, DUP, PUSH, 17, XOR, SWAP, PUSH, 5, ADD, SWAP, MUL, DUP, PUSH, 1, ADD, XOR, PUSH, 9, SWAP, DROP, DUP, LOOP};
    u32 stack[64] = {1, 2, 3};
    u32 *sp = stack + 2;
    const unsigned char *volatile program = code;
    const unsigned char *pc = program;
    u64 left = (u64) scale << 12;
    begin();
    for (;;) {
        switch (*pc++) {
            case PUSH: *++sp = *pc++; break;
            case ADD: sp--; *sp += sp[1]; break;
            case MUL: sp--; *sp = *sp * sp[1] + 7; break;
            case XOR: sp--; *sp ^= sp[1]; break;
            case DUP: sp++; *sp = sp[-1]; break;
            case SWAP: { u32 t = *sp; *sp = sp[-1]; sp[-1] = t; break; }
            case DROP: sp--; break;
            case LOOP:
                if (--left == 0) return *sp;
                if (sp > stack + 40) sp = stack + 2;
                pc = program;
                break;
        }
    }
}

/* ---- kernel entries ---- */

static u64 null_syscall(int scale) {
    begin();
    u64 sum = 0;
    for (u64 i = (u64) scale * 1000; i > 0; i--) sum += syscall(SYS_getppid) >= 0;
    return sum;
}

static volatile u64 traps;

static void trapped(int signal) {
    (void) signal;
    traps++;
}

static u64 int3(int scale) {
    signal(SIGTRAP, trapped);
    begin();
    for (u64 i = (u64) scale * 100; i > 0; i--) __asm__ volatile ("int3");
    return traps;
}

static u64 faults(int scale) {
    enum { PAGES = 512 };
    begin();
    u64 sum = 0;
    while (scale-- > 0) {
        volatile char *p = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) fail("mmap");
        if (madvise((void *) p, PAGES * 4096, MADV_NOHUGEPAGE) < 0) { /* a kernel without huge pages */ }
        for (int i = 0; i < PAGES; i++) p[i * 4096] = i;
        for (int i = 0; i < PAGES; i++) sum += p[i * 4096];
        munmap((void *) p, PAGES * 4096);
    }
    return sum;
}

static u64 pipes(int scale) {
    int there[2], back[2];
    if (pipe(there) < 0 || pipe(back) < 0) fail("pipe");
    char c = 1;
    pid_t child = fork();
    if (child == 0) {
        close(there[1]);
        while (read(there[0], &c, 1) == 1) {
            c++;
            if (write(back[1], &c, 1) != 1) _exit(1);
        }
        _exit(0);
    }
    begin();
    u64 sum = 0;
    for (int i = scale * 100; i > 0; i--) {
        if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1) fail("pipe");
        sum += (unsigned char) c;
    }
    close(there[1]);
    waitpid(child, NULL, 0);
    return sum;
}

static u64 forks(int scale) {
    begin();
    u64 sum = 0;
    for (int i = scale * 10; i > 0; i--) {
        pid_t child = fork();
        if (child == 0) _exit(i & 63);
        int status;
        if (waitpid(child, &status, 0) != child) fail("wait");
        sum += WEXITSTATUS(status);
    }
    return sum;
}

static u64 files(int scale) {
    static char block[4096];
    int fd = open("/tmp/ringside-compare", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) fail("open");
    unlink("/tmp/ringside-compare");
    u64 sum = 0;
    begin();
    while (scale-- > 0) {
        lseek(fd, 0, SEEK_SET);
        for (int i = 0; i < 64; i++) {
            block[i] = i + scale;
            if (write(fd, block, sizeof block) != sizeof block) fail("write");
        }
        lseek(fd, 0, SEEK_SET);
        for (int i = 0; i < 64; i++) {
            if (read(fd, block, sizeof block) != sizeof block) fail("read");
            sum = sum * 31 + block[i];
        }
    }
    return sum;
}

static const struct { const char *name; u64 (*run)(int scale); } programs[] = {
    {"crc", crc}, {"recursion", recursion}, {"sieve", sieve}, {"walk", walk}, {"sort", sort}, {"matrix", matrix}, {"xorshift", xorshift},
    {"doubles", doubles}, {"dispatch", dispatch}, {"syscall", null_syscall}, {"int3", int3}, {"faults", faults}, {"pipe", pipes},
    {"fork", forks}, {"file", files},
};

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: programs NAME SCALE\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (strcmp(programs[i].name, argv[1])) continue;
        running = argv[1];
        u64 sum = programs[i].run(atoi(argv[2]));
        printf("@end %s %llx\n", running, (unsigned long long) sum);
        return 0;
    }
    fprintf(stderr, "programs: no program %s\n", argv[1]);
    return 2;
}
