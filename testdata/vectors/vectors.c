/*
 * Runs single instructions on the processor of this machine and records what they do. The form is described in README.md.
 *
 *   vectors hashes COUNT [FIRST] < forms.hex     one line a form, one hash for each 64 cases
 *   vectors raw HEX OPTIONS FIRST COUNT          the states after single cases, one line each, to look into a difference
 *   vectors dump HEX OPTIONS FIRST COUNT         the same for readers, with the states before
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define BASE 0x10000000ul
#define BATCH 64
#define OPERAND_DI (BASE + 0x400)
#define OPERAND_SI (BASE + 0x800)
/* The last 64 bytes before memory that is not there. */
#define OPERAND_END (BASE + 0x6fc0)

/* fx is an XSAVE area of x87, SSE and AVX. */
struct state {
    uint64_t gpr[16], flags;
    uint8_t fx[832] __attribute__((aligned(64)));
};
struct area {
    struct state in, out;
    uint64_t rsp;
};
static struct area *const area = (struct area *) (BASE + 0x1000);
static uint8_t *const code = (uint8_t *) (BASE + 0x3000);
static uint8_t *slot, *slots[2];
static uint32_t undefined;
static uint64_t *si = (uint64_t *) OPERAND_SI;
static int full, ymm, x87, end, stack, legacy;

/* The frame around the instruction: absolute addresses, so that it runs from its copy at a fixed place. */
#define IN "0x10001000"
#define OUT "0x10001400"
#define RSP "0x10001800"
#define LOAD(r, n) "mov " IN "+8*" #n ", %" #r "\n"
#define SAVE(r, n) "mov %" #r ", " OUT "+8*" #n "\n"
#define ALL(X) X(rax, 0) X(rcx, 1) X(rdx, 2) X(rbx, 3) X(rbp, 5) X(rsi, 6) X(rdi, 7) \
    X(r8, 8) X(r9, 9) X(r10, 10) X(r11, 11) X(r12, 12) X(r13, 13) X(r14, 14) X(r15, 15)
__asm__(".text\nframe:\n push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
    "mov %rsp, " RSP "\n mov $7, %eax\n xor %edx, %edx\n xrstor64 " IN "+192\n pushq " IN "+128\n popfq\n" ALL(LOAD) LOAD(rsp, 4)
    "frame_slot:\n .fill 16, 1, 0x90\n" ALL(SAVE) SAVE(rsp, 4)
    "mov " RSP ", %rsp\n pushfq\n popq " OUT "+128\n cld\n mov $7, %eax\n xor %edx, %edx\n xsave64 " OUT "+192\n fninit\n"
    "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\nframe_end:\n");
/* The same for 32-bit code: a far jump into the compatibility segment and one back. */
#define FRAME32 "0x10003800"
__asm__(".text\nframe32:\n push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
    "mov %rsp, " RSP "\n mov $0x2b, %eax\n mov %eax, %ds\n mov %eax, %es\n mov $7, %eax\n xor %edx, %edx\n xrstor64 " IN "+192\n pushq " IN "+128\n popfq\n"
    ALL(LOAD) LOAD(rsp, 4) "ljmp *" FRAME32 "+0x180\n"
    "frame32_slot:\n .fill 16, 1, 0x90\n .byte 0xea\n .long " FRAME32 "+frame32_after-frame32\n .word 0x33\n frame32_after:\n" ALL(SAVE) SAVE(rsp, 4)
    "mov " RSP ", %rsp\n pushfq\n popq " OUT "+128\n cld\n mov $7, %eax\n xor %edx, %edx\n xsave64 " OUT "+192\n fninit\n"
    "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\nframe32_end:\n");
extern uint8_t frame[], frame_slot[], frame_end[], frame32[], frame32_slot[], frame32_end[];
static uint8_t *const code32 = (uint8_t *) (BASE + 0x3800);

static uint64_t seed;
static uint64_t next(void) {
    uint64_t z = seed += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static uint64_t integer(void) {
    uint64_t k = next(), v = next();
    int n = k >> 8 & 63;
    switch (k & 7) {
    case 0: return v & 0xff;
    case 1: return (uint64_t) (int64_t) (int32_t) v;
    case 2: return 0 - (k >> 16 & 1);
    case 3: return 1ull << n;
    case 4: return (1ull << n) - 1;
    case 5: return v >> n;
    default: return v;
    }
}

static const uint32_t singles[16] = {0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 1, 0x807fffff, 0x00800000,
    0x7f7fffff, 0x4f000000, 0xcf000000, 0x3f000000, 0x5f000000};
static const uint64_t doubles[16] = {0, 1ull << 63, 0x3ffull << 52, 0xbffull << 52, 0x7ffull << 52, 0xfffull << 52, 0x7ff8ull << 48, (0x7ffull << 52) + 1,
    1, (0x801ull << 52) - 1, 1ull << 52, (0x7ffull << 52) - 1, 0x41eull << 52, 0xc1eull << 52, 0x3feull << 52, 0x43eull << 52};

static uint32_t single(uint64_t k, uint32_t v) {
    return k & 1 ? singles[k >> 1 & 15] : (v & 0x807fffff) | (uint32_t) (112 + (k >> 1 & 31)) << 23;
}

static uint64_t lane(void) {
    uint64_t k = next(), v = next();
    switch (k & 7) {
    case 0: case 1: return single(k >> 8, v) | (uint64_t) single(k >> 16, v >> 32) << 32;
    case 2: return doubles[k >> 8 & 15];
    case 3: return (v & 0x800fffffffffffffull) | (1008 + (k >> 8 & 31)) << 52;
    case 4: return 0 - (k >> 8 & 1);
    case 5: return v & 0x00ff00ff00ff00ffull;
    default: return v;
    }
}

/* An 80-bit number: kinds of special ones, integers, moderate and any exponents; sign and exponent in bits 79:64. */
static const uint64_t significands[8] = {0, 1ull << 63, 3ull << 62, (1ull << 63) + 1, 1ull << 62, 1, ~0ull, (1ull << 63) - 1};
static void extended(uint64_t *significand, uint16_t *exponent) {
    uint64_t k = next(), v = next();
    int sign = k >> 8 & 0x8000;
    *significand = v | 1ull << 63;
    switch (k & 7) {
    case 0: *significand = significands[k >> 8 & 7]; *exponent = sign | (k >> 11 & 1 ? 0x7fff : 0); break;
    case 1: *significand = significands[k >> 8 & 7]; *exponent = sign | (0x3fff + (k >> 11 & 1)); break;
    case 2: *significand = (v & ~0ull << (k >> 8 & 63)) | 1ull << 63; *exponent = sign | (0x3fff + (k >> 24 & 63)); break;
    case 3: *exponent = sign | (0x3fff - 40 + (k >> 24 & 127) % 80); break;
    case 4: *significand = v; *exponent = sign | (k >> 24 & 0x7fff); break;
    case 5: *significand &= ~0x7ffull; *exponent = sign | (0x3fff - 1022 + (k >> 24) % 2046); break;
    default: *exponent = sign | (0x3fff - 8 + (k >> 24 & 15));
    }
}

static int option(const char *options, char name) {
    const char *o = strchr(options, name);
    return o ? 1 + atoi(o + 1) : 0;
}

/* Options: cN masks rcx to N bits, d makes rdx small, x makes rax and rdx:rcx:rbx likely equal to memory. */
static void generate(uint64_t index, const char *options) {
    struct state *s = &area->in;
    seed = index * 0x2545f4914f6cdd1dull + 1;
    for (int i = 0; i < 16; i++) s->gpr[i] = integer();
    uint64_t k = next();
    s->flags = 0x202 | (k & 0x8d5);
    uint32_t mxcsr = 0x1f80 | (k >> 16 & 3) << 13 | (uint32_t) (k >> 18 & k >> 19 & 1) << 15 | (uint32_t) (k >> 20 & k >> 21 & 1) << 6;
    uint64_t xmm[32], upper[32], *di = (uint64_t *) OPERAND_DI;
    for (int i = 0; i < 32; i++) xmm[i] = lane();
    for (int i = 0; i < 8; i++) di[i] = lane();
    for (int i = 0; i < 8; i++) si[i] = lane();
    s->gpr[4] = stack ? OPERAND_DI + 32 : BASE + 0x2800;
    s->gpr[6] = (uint64_t) si;
    if (legacy) for (int i = 0; i < 8; i++) s->gpr[i] &= 0xffffffff;
    s->gpr[7] = OPERAND_DI;
    for (const char *o = options; *o; o++) {
        if (*o == 'c') s->gpr[1] &= (1ull << strtoul(o + 1, 0, 10)) - 1;
        if (*o == 'd') s->gpr[2] &= 15;
        if (*o == 'x' && (k >> 32 & 1)) {
            s->gpr[0] = di[0];
            s->gpr[2] = di[1];
        }
    }
    memset(s->fx, 0, sizeof s->fx);
    uint16_t fpu[3] = {0x37f, 0, 0};
    if (ymm) for (int i = 0; i < 32; i++) upper[i] = lane();
    if (strchr(options, 't') && k >> 33 & 1) mxcsr &= ~(k >> 34 & 0x3f) << 7 | 0x607f | 0x8000;
    if (strchr(options, 'm')) {
        for (int i = 0; i < 8; i++) {
            uint64_t v = lane();
            memcpy(s->fx + 32 + 16 * i, &v, 8);
            memset(s->fx + 40 + 16 * i, 0xff, 2);
        }
        fpu[2] = 0xff;
    }
    if (strchr(options, 'f')) {
        uint64_t f = next();
        if ((f & 3) == 0) fpu[0] = 0x40 | (f >> 8 & 0xf3f);
        if ((f >> 2 & 1) == 0) fpu[0] |= f >> 8 & 0xf00;
        fpu[1] = f >> 24 & 0x7f00;
        if ((f >> 3 & 3) == 0) fpu[1] |= f >> 40 & fpu[0] & 0x3f;
        if ((f >> 3 & 15) == 0) fpu[1] |= f >> 40 & 0x7f;
        fpu[2] = (f >> 48 | f >> 56) & 0xff;
        if (f >> 5 & 1) fpu[2] = 0xff;
        for (int i = 0; i < 8; i++) {
            uint64_t significand;
            uint16_t exponent;
            extended(&significand, &exponent);
            memcpy(s->fx + 32 + 16 * i, &significand, 8);
            memcpy(s->fx + 40 + 16 * i, &exponent, 2);
        }
    }
    int n = option(options, 'i') - 1;
    if (n >= 0) {
        uint64_t m = (1ull << n) - 1;
        for (int i = 4; i < 6; i++) xmm[i] &= m | m << 32, upper[i] &= m | m << 32;
    }
    n = option(options, 'j') - 1;
    if (n >= 0) {
        uint64_t m = (1ull << n) - 1;
        for (int i = 4; i < 6; i++) xmm[i] &= m, upper[i] &= m;
    }
    memcpy(s->fx, fpu, 5);
    memcpy(s->fx + 24, &mxcsr, 4);
    memcpy(s->fx + 160, xmm, 256);
    s->fx[512] = ymm ? 7 : 3;
    if (ymm) memcpy(s->fx + 576, upper, 256);
}

/* 32-bit code leaves bits 63:32 of the registers undefined. */
static void narrow(void) {
    for (int i = 0; i < 8; i++) area->out.gpr[i] &= 0xffffffff;
}

static sigjmp_buf out;
static volatile int vector;
static volatile uint64_t address;
static void fault(int sig, siginfo_t *info, void *context) {
    static const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
        REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    (void) sig;
    mcontext_t *m = &((ucontext_t *) context)->uc_mcontext;
    vector = m->gregs[REG_TRAPNO];
    address = vector == 14 ? (uint64_t) info->si_addr : 0;
    for (int i = 0; i < 16; i++) area->out.gpr[i] = m->gregs[order[i]];
    area->out.flags = m->gregs[REG_EFL];
    if (legacy) narrow();
    memcpy(area->out.fx, m->fpregs, sizeof area->out.fx);
    if (!(area->out.fx[512] & 4)) memset(area->out.fx + 576, 0, 256);
    if (!(area->out.fx[512] & 2)) memset(area->out.fx + 160, 0, 256);
    siglongjmp(out, 1);
}

static void execute(void) {
    vector = -1;
    if (!sigsetjmp(out, 1)) ((void (*)(void)) (legacy ? code32 : code))();
    if (vector < 0 && legacy) narrow();
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15ull;
    return h ^ h >> 29;
}

static uint64_t hash(uint64_t h) {
    uint64_t *di = (uint64_t *) OPERAND_DI, v[32];
    h = mix(h, (uint64_t) (int64_t) vector);
    for (int i = 0; i < 8; i++) h = mix(mix(h, di[i]), si[i]);
    if (end && vector == 14) h = mix(h, address);
    if (vector >= 0 && !full) return h;
    for (int i = 0; i < 16; i++) if (i != 4 || stack) h = mix(h, area->out.gpr[i]);
    h = mix(h, area->out.flags & 0xcd5 & ~undefined);
    memcpy(v, area->out.fx + 160, 256);
    for (int i = 0; i < 32; i++) h = mix(h, v[i]);
    uint32_t mxcsr;
    memcpy(&mxcsr, area->out.fx + 24, 4);
    h = mix(h, mxcsr);
    memcpy(v, area->out.fx + 576, 256);
    if (ymm) for (int i = 0; i < 32; i++) h = mix(h, v[i]);
    if (!x87) return h;
    h = mix(h, area->out.fx[0] | area->out.fx[1] << 8);
    h = mix(h, area->out.fx[2] | area->out.fx[3] << 8);
    h = mix(h, area->out.fx[4]);
    memcpy(v, area->out.fx + 32, 128);
    for (int i = 0; i < 8; i++) h = mix(mix(h, v[2 * i]), v[2 * i + 1] & 0xffff);
    return h;
}

static void place(const char *hex, const char *options) {
    legacy = strchr(options, 'l') != 0;
    slot = slots[legacy];
    memset(slot, 0x90, 16);
    for (int i = 0; hex[2 * i] && hex[2 * i + 1]; i++) {
        unsigned b;
        sscanf(hex + 2 * i, "%2x", &b);
        slot[i] = b;
    }
    ymm = strchr(options, 'y') != 0;
    end = strchr(options, 'e') != 0;
    x87 = strchr(options, 'f') || strchr(options, 'm');
    stack = strchr(options, 's') != 0;
    full = ymm || end || x87 || stack || legacy || strchr(options, 't');
    si = (uint64_t *) (end ? OPERAND_END : OPERAND_SI);
    undefined = 0;
    const char *u = strchr(options, 'u');
    static const char names[] = "C.P.A.ZS...O";
    for (u = u ? u + 1 : ""; *u && *u != ','; u++) {
        const char *f = strchr(names, *u);
        if (f) undefined |= 1u << (f - names);
    }
}

static void show(uint64_t index) {
    printf("%lu vector %d", index, vector);
    if (end) printf(" address %lx", vector == 14 ? address : 0);
    if (vector < 0 || full) {
        for (int i = 0; i < 16; i++) if (i != 4 || stack) printf(" %016lx", area->out.gpr[i]);
        printf(" flags %03lx", area->out.flags & 0xcd5 & ~undefined);
        for (int i = 0; i < 16; i++) printf(" %016lx%016lx", *(uint64_t *) (area->out.fx + 168 + 16 * i), *(uint64_t *) (area->out.fx + 160 + 16 * i));
        printf(" mxcsr %04x", *(uint32_t *) (area->out.fx + 24));
        if (ymm) for (int i = 0; i < 16; i++) printf(" %016lx%016lx", *(uint64_t *) (area->out.fx + 584 + 16 * i), *(uint64_t *) (area->out.fx + 576 + 16 * i));
        if (x87) printf(" x87 %04x %04x %02x", *(uint16_t *) area->out.fx, *(uint16_t *) (area->out.fx + 2), area->out.fx[4]);
        if (x87) for (int i = 0; i < 8; i++) printf(" %04x:%016lx", *(uint16_t *) (area->out.fx + 40 + 16 * i), *(uint64_t *) (area->out.fx + 32 + 16 * i));
    }
    for (int i = 0; i < 8; i++) printf(" %016lx", ((uint64_t *) OPERAND_DI)[i]);
    for (int i = 0; i < 8; i++) printf(" %016lx", si[i]);
    printf("\n");
}

static void dump(const char *title, const struct state *s) {
    static const char *const names[16] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
    printf("%s\n", title);
    for (int i = 0; i < 16; i++) if (i != 4 || stack) printf("  %-3s %016lx\n", names[i], s->gpr[i]);
    printf("  flags %03lx\n  mxcsr %04x\n", s->flags & 0xcd5, *(uint32_t *) (s->fx + 24));
    for (int i = 0; i < 16; i++) {
        const uint64_t *x = (const uint64_t *) (s->fx + 160 + 16 * i), *y = (const uint64_t *) (s->fx + 576 + 16 * i);
        if (ymm) printf("  ymm%-2d %016lx %016lx %016lx %016lx\n", i, y[1], y[0], x[1], x[0]);
        else printf("  xmm%-2d %016lx %016lx\n", i, x[1], x[0]);
    }
    if (x87) {
        printf("  fcw %04x fsw %04x tags %02x\n", *(uint16_t *) s->fx, *(uint16_t *) (s->fx + 2), s->fx[4]);
        for (int i = 0; i < 8; i++) printf("  st%d %04x %016lx\n", i, *(uint16_t *) (s->fx + 40 + 16 * i), *(uint64_t *) (s->fx + 32 + 16 * i));
    }
    const uint64_t *m[2] = {(uint64_t *) OPERAND_DI, si};
    for (int k = 0; k < 2; k++) for (int i = 0; i < 8; i += 4) {
        printf("  [%08lx] %016lx %016lx %016lx %016lx\n", (uint64_t) (m[k] + i), m[k][i], m[k][i + 1], m[k][i + 2], m[k][i + 3]);
    }
}

/* Whether the kernel keeps a segment for 32-bit code of users (a virtual machine may have none). */
static int compatibility(void) {
    uint32_t rights = 0;
    uint8_t valid;
    __asm__("lar %2, %0\n setz %1" : "+r"(rights), "=qm"(valid) : "r"(0x23) : "cc");
    return valid && (rights & 0x601800) == 0x401800; /* code, D set, L clear */
}

int main(int argc, char **argv) {
    void *m = mmap((void *) BASE, 0x4000, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (m != (void *) BASE) return perror("vectors: memory at 10000000h"), 2;
    m = mmap((void *) (BASE + 0x6000), 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (m != (void *) (BASE + 0x6000)) return perror("vectors: memory at 10006000h"), 2;
    if (!__builtin_cpu_supports("avx")) return fprintf(stderr, "vectors: this processor has no AVX\n"), 2;
    memcpy(code, frame, frame_end - frame);
    memcpy(code32, frame32, frame32_end - frame32);
    slots[0] = code + (frame_slot - frame);
    slots[1] = code32 + (frame32_slot - frame32);
    uint64_t far = 0x23ull << 32 | (uint64_t) slots[1];
    memcpy(code32 + 0x180, &far, 8);
    static uint8_t handler_stack[1 << 16];
    stack_t alternate = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    sigaltstack(&alternate, 0);
    struct sigaction a = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    for (int i = 0; i < 5; i++) sigaction(signals[i], &a, 0);
    if (argc == 6 && (!strcmp(argv[1], "raw") || !strcmp(argv[1], "dump"))) {
        int readable = argv[1][0] == 'd';
        place(argv[2], argv[3]);
        for (uint64_t i = strtoull(argv[4], 0, 0), n = i + strtoull(argv[5], 0, 0); i < n; i++) {
            generate(i, argv[3]);
            if (readable) printf("case %lu\n", i), dump("before", &area->in);
            execute();
            if (!readable) show(i);
            else if (vector < 0) dump("after", &area->out);
            else printf("fault, vector %d, address %lx\n", vector, address), dump("after", &area->out);
        }
        return 0;
    }
    if (argc < 3 || strcmp(argv[1], "hashes")) return fprintf(stderr, "usage: vectors hashes COUNT [FIRST] < forms.hex | raw HEX OPTIONS FIRST COUNT | dump HEX OPTIONS FIRST COUNT\n"), 2;
    uint64_t batches = strtoull(argv[2], 0, 0) / BATCH, first = argc > 3 ? strtoull(argv[3], 0, 0) : 0;
    char line[256], group[32], hex[64], options[64];
    unsigned left_out = 0;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%31s %63s %63s", group, hex, options) != 3) continue;
        if (option(options, 'l') && !compatibility()) {
            left_out++;
            continue;
        }
        char *text = strchr(line, ';');
        if (text) text[strcspn(text, "\n")] = 0;
        place(hex, options);
        printf("%s %s %s %lu", group, hex, options, first);
        for (uint64_t b = 0; b < batches; b++) {
            uint64_t h = 0;
            for (int i = 0; i < BATCH; i++) {
                generate(first + b * BATCH + i, options);
                execute();
                h = hash(h);
            }
            printf(" %08x", (unsigned) (h >> 32));
        }
        printf(" %s\n", text ? text : ";");
    }
    if (left_out) fprintf(stderr, "vectors: %u forms of 32-bit code left out: this kernel has no segment for it\n", left_out);
    return 0;
}
