/*
 * Records what the x87 of the machine it runs on does. For each instruction it runs cases from a generator that the Java test has
 * too (X87Case), and writes one hash for each 64 cases, or the cases in full.
 *
 *   x87 hashes           all instructions, COUNT cases each: the resource x87-hashes.txt.gz of the test X87VectorTest (COUNT 8192)
 *   x87 all COUNT        all instructions in full
 *   x87 raw BYTES FIRST COUNT   cases of one instruction in full, to look into a difference
 *
 * A case is: load the whole x87 state (FRSTOR), run the instruction, store the whole state (FNSAVE). Memory operands are at [rdi].
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BATCH 64

struct image {
    uint32_t control, status, tags, pointers[4];
    uint8_t st[8][10];
} __attribute__((packed));

struct state {
    struct image image;
    uint8_t memory[16];
    uint64_t flags;
};

static uint64_t seed;

static uint64_t next(void) {
    uint64_t z = seed += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static const struct { uint16_t se; uint64_t m; } special[] = {
    {0x0000, 0}, {0x8000, 0},
    {0x3fff, 0x8000000000000000ull}, {0xbfff, 0x8000000000000000ull},
    {0x7fff, 0x8000000000000000ull}, {0xffff, 0x8000000000000000ull},
    {0x7fff, 0xc000000000000000ull}, {0xffff, 0xc000000000000000ull},
    {0x7fff, 0xc000000000000001ull}, {0xffff, 0xdeadbeef00000000ull},
    {0x7fff, 0x8000000000000001ull}, {0xffff, 0xbfffffffffffffffull}, {0x7fff, 0x9eadbeef00000000ull},
    {0x0000, 1}, {0x8000, 0x7fffffffffffffffull}, {0x0000, 0x4000000000000000ull},
    {0x0000, 0x8000000000000000ull}, {0x8000, 0xc123456789abcdefull},
    {0x0001, 0x8000000000000000ull}, {0x8001, 0xffffffffffffffffull},
    {0x7ffe, 0xffffffffffffffffull}, {0xfffe, 0x8000000000000000ull},
    {0x3fff, 0x4000000000000000ull}, {0x0001, 0}, {0xc000, 0x7fffffffffffffffull},
    {0x7fff, 0}, {0xffff, 0x4000000000000000ull}, {0x7fff, 0x7fffffffffffffffull},
    {0x4000, 0xc90fdaa22168c235ull}, {0x3ffe, 0x8000000000000000ull}, {0x4000, 0x8000000000000000ull},
    {0x403e, 0x8000000000000000ull}, {0xc03e, 0x8000000000000000ull}, {0x403d, 0xffffffffffffffffull},
    {0x401e, 0x8000000000000000ull}, {0xc01e, 0x8000000000000000ull}, {0x400e, 0x8000000000000000ull}, {0xc00e, 0x8000000000000000ull},
    {0x401d, 0xfffffffe00000000ull}, {0x401d, 0xffffffff00000000ull}, {0x400d, 0xfffe800000000000ull}, {0xc00e, 0x8000800000000000ull},
    {0x403a, 0xde0b6b3a7640000full}, {0x403a, 0xde0b6b3a763ffff8ull}, {0x3c01, 0x8000000000000000ull}, {0x3c00, 0xfffffffffffff800ull},
    {0x3f81, 0x8000000000000000ull}, {0x3f80, 0xffffff0000000000ull}, {0x43fe, 0xfffffffffffff800ull}, {0x407e, 0xffffff0000000000ull},
};
#define SPECIALS (sizeof special / sizeof *special)

/* One number: mostly ordinary, often special. near = exponent to stay close to, or -1. */
static void number(uint8_t *out, int near) {
    uint64_t k = next();
    uint64_t m = next();
    uint16_t se;
    int kind = k & 15;
    if (kind < 3) {
        int i = (k >> 8) % SPECIALS;
        se = special[i].se;
        m = special[i].m;
    } else {
        int e;
        if (kind < 5) e = (k >> 16) & 0x7fff;
        else if (kind < 9 && near >= 0) e = near + (int)((k >> 16) % 9) - 4;
        else if (kind < 12) e = 0x3fff + (int)((k >> 16) % 140) - 70;
        else if (kind < 14) e = 0x3fff + (int)((k >> 16) % 8) - 4;
        else if (kind == 14) e = (k >> 16) % 80;
        else e = 0x7ffe - (int)((k >> 16) % 80);
        int shape = (k >> 40) & 7;
        if (shape == 0) m = 0;
        else if (shape == 1) m &= 0xfffffffffffff800ull;
        else if (shape == 2) m &= 0xffffff0000000000ull;
        else if (shape == 3) m = (m << (m & 63)) | 1;
        else if (shape == 4) m = ~0ull << (m & 63);
        else if (shape == 5) m = (m & 0xffull << 56) | (m & 1) << 10 | (m & 2) << 38;
        e &= 0x7fff;
        if (e != 0 || shape > 3) m |= 0x8000000000000000ull;
        se = e | ((k >> 48) & 1) << 15;
    }
    memcpy(out, &m, 8);
    memcpy(out + 8, &se, 2);
}

static void generate(struct state *s, uint64_t index, int memory) {
    seed = index * 0x2545f4914f6cdd1dull + 1;
    memset(s, 0, sizeof *s);
    uint64_t k = next();
    uint32_t control = 0x7f;
    control |= (k & 3) << 10;
    int p = (k >> 2) & 7;
    control |= (p == 0 ? 0 : p == 1 ? 2 : p == 2 ? 1 : 3) << 8;
    if ((k >> 5 & 3) == 0) control &= ~(k >> 8 & 0x3f);
    s->image.control = control;
    int top = k >> 16 & 7;
    s->image.status = top << 11 | (k >> 20 & 0x4700) | ((k >> 36 & 7) == 0 ? 0x40 | (k >> 40 & control & 0x3f) : 0);
    uint32_t tags = 0;
    if ((k >> 48 & 7) == 0) tags = k >> 51 & 0xff;
    uint32_t full = 0;
    for (int r = 0; r < 8; r++) if (tags >> r & 1) full |= 3 << 2 * r;
    s->image.tags = full;
    int near = -1;
    for (int i = 0; i < 8; i++) {
        number(s->image.st[i], near);
        if (i == 0) near = (s->image.st[0][8] | s->image.st[0][9] << 8) & 0x7fff;
    }
    uint64_t v = next();
    int e = near - 0x3fff + (int)(v & 7) - 4;
    uint64_t f = next();
    uint64_t n = next();
    memcpy(s->memory, &f, 8);
    s->memory[8] = n;
    s->memory[9] = n >> 8;
    int shape = v >> 8 & 7;
    if (memory == 4) {
        uint32_t w = f;
        if (shape == 0) w = (w & 0x80000000u) | (v >> 16 & 1 ? 0x7f800000u : 0) | (v >> 17 & 1 ? w & 0x7fffff : 0) | (v >> 18 & 1 ? 1 << (v >> 20 & 31) : 0);
        else if (shape < 5) w = (w & 0x807fffff) | ((uint32_t)(e + 127) & 0xff) << 23;
        else if (shape == 5) w &= 0xffff8000;
        else if (shape == 6) w = (int32_t)w >> (v >> 20 & 31);
        memcpy(s->memory, &w, 4);
    } else if (memory == 8) {
        uint64_t w = f;
        if (shape == 0) w = (w & 1ull << 63) | (v >> 16 & 1 ? 0x7ffull << 52 : 0) | (v >> 17 & 1 ? w & 0xfffffffffffffull : 0) | (v >> 18 & 1 ? 1ull << (v >> 20 & 63) : 0);
        else if (shape < 5) w = (w & 0x800fffffffffffffull) | ((uint64_t)(e + 1023) & 0x7ff) << 52;
        else if (shape == 5) w &= 0xffffffff00000000ull;
        else if (shape == 6) w = (int64_t)w >> (v >> 20 & 63);
        memcpy(s->memory, &w, 8);
    } else if (memory == 10) {
        number(s->memory, near);
    } else if (memory == 18) {
        for (int i = 0; i < 9; i++) s->memory[i] = n >> 4 * i & 1 ? s->memory[i] & 0x77 : s->memory[i] % 10 | (s->memory[i] / 16 % 10) << 4;
        s->memory[9] &= 0x80;
    }
    s->flags = 0x202 | (v >> 32 & 0x8d5);
}

struct op { const char *bytes; int memory; };
/* Memory operands: bytes, 18 = packed BCD. */
static const struct op ops[] = {
    {"d8c1", 0}, {"d8c9", 0}, {"d8d1", 0}, {"d8d9", 0}, {"d8e1", 0}, {"d8e9", 0}, {"d8f1", 0}, {"d8f9", 0},
    {"d8c0", 0}, {"d8f0", 0},
    {"d807", 4}, {"d80f", 4}, {"d817", 4}, {"d81f", 4}, {"d827", 4}, {"d82f", 4}, {"d837", 4}, {"d83f", 4},
    {"d907", 4}, {"d917", 4}, {"d91f", 4}, {"d92f", 2},
    {"d9c2", 0}, {"d9ca", 0}, {"d9da", 0}, {"d9d0", 0}, {"d9e0", 0}, {"d9e1", 0}, {"d9e4", 0}, {"d9e5", 0},
    {"d9e8", 0}, {"d9e9", 0}, {"d9ea", 0}, {"d9eb", 0}, {"d9ec", 0}, {"d9ed", 0}, {"d9ee", 0},
    {"d9f4", 0}, {"d9f5", 0}, {"d9f6", 0}, {"d9f7", 0}, {"d9f8", 0}, {"d9fa", 0}, {"d9fc", 0}, {"d9fd", 0},
    {"da07", 4}, {"da0f", 4}, {"da17", 4}, {"da1f", 4}, {"da27", 4}, {"da2f", 4}, {"da37", 4}, {"da3f", 4},
    {"dac1", 0}, {"dac9", 0}, {"dad1", 0}, {"dad9", 0}, {"dae9", 0},
    {"db07", 4}, {"db0f", 4}, {"db17", 4}, {"db1f", 4}, {"db2f", 10}, {"db3f", 10},
    {"dbc1", 0}, {"dbc9", 0}, {"dbd1", 0}, {"dbd9", 0}, {"dbe9", 0}, {"dbf1", 0},
    {"dbe2", 0}, {"dbe3", 0},
    {"dc07", 8}, {"dc0f", 8}, {"dc17", 8}, {"dc1f", 8}, {"dc27", 8}, {"dc2f", 8}, {"dc37", 8}, {"dc3f", 8},
    {"dcc2", 0}, {"dcca", 0}, {"dcd2", 0}, {"dcda", 0}, {"dce2", 0}, {"dcea", 0}, {"dcf2", 0}, {"dcfa", 0},
    {"dd07", 8}, {"dd0f", 8}, {"dd17", 8}, {"dd1f", 8},
    {"ddc1", 0}, {"ddca", 0}, {"ddd1", 0}, {"ddd9", 0}, {"dde1", 0}, {"dde9", 0},
    {"de07", 2}, {"de0f", 2}, {"de17", 2}, {"de1f", 2}, {"de27", 2}, {"de2f", 2}, {"de37", 2}, {"de3f", 2},
    {"dec1", 0}, {"dec9", 0}, {"ded1", 0}, {"ded9", 0}, {"dee1", 0}, {"dee9", 0}, {"def1", 0}, {"def9", 0},
    {"df07", 2}, {"df0f", 2}, {"df17", 2}, {"df1f", 2}, {"df27", 18}, {"df2f", 8}, {"df37", 18}, {"df3f", 8},
    {"dfc1", 0}, {"dfca", 0}, {"dfd1", 0}, {"dfd9", 0}, {"dfe9", 0}, {"dff1", 0},
};
static uint8_t *code;

static void compile(const char *bytes) {
    int n = 0;
    code[n++] = 0xdd;                /* frstor [rsi] */
    code[n++] = 0x26;
    code[n++] = 0x51;                /* push rcx: flags in */
    code[n++] = 0x9d;                /* popfq */
    for (const char *p = bytes; *p; p += 2) {
        unsigned b;
        sscanf(p, "%2x", &b);
        code[n++] = b;
    }
    code[n++] = 0x9c;                /* pushfq */
    code[n++] = 0x58;                /* pop rax */
    code[n++] = 0xdd;
    code[n++] = 0x32;                /* fnsave [rdx] */
    code[n++] = 0xc3;
}

static uint64_t call(struct state *in, struct state *out) {
    *out = *in;
    uint64_t f = ((uint64_t (*)(void *, struct image *, struct image *, uint64_t))code)(out->memory, &in->image, &out->image, in->flags);
    out->flags = f & 0x8d5;
    return f;
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15ull;
    return h ^ h >> 29;
}

static uint64_t hash(uint64_t h, const struct state *s) {
    h = mix(h, (s->image.control & 0xffff) | (uint64_t)(s->image.status & 0xffff) << 16 | (uint64_t)(s->image.tags & 0xffff) << 32 | s->flags << 48);
    for (int i = 0; i < 8; i++) {
        uint64_t m;
        uint16_t se;
        memcpy(&m, s->image.st[i], 8);
        memcpy(&se, s->image.st[i] + 8, 2);
        h = mix(mix(h, m), se);
    }
    uint64_t a, b;
    memcpy(&a, s->memory, 8);
    memcpy(&b, s->memory + 8, 8);
    return mix(mix(h, a), b);
}

static void show(const struct state *s) {
    printf("%04x %04x %04x %03x", s->image.control & 0xffff, s->image.status & 0xffff, s->image.tags & 0xffff, (unsigned)(s->flags & 0xfff));
    for (int i = 0; i < 8; i++) {
        uint64_t m;
        uint16_t se;
        memcpy(&m, s->image.st[i], 8);
        memcpy(&se, s->image.st[i] + 8, 2);
        printf(" %04x:%016lx", se, m);
    }
    uint64_t a;
    memcpy(&a, s->memory, 8);
    printf(" %02x%02x:%016lx", s->memory[9], s->memory[8], a);
}

static void raw(const char *bytes, int memory, uint64_t first, uint64_t count) {
    compile(bytes);
    for (uint64_t i = first; i < first + count; i++) {
        struct state in, out;
        generate(&in, i, memory);
        call(&in, &out);
        printf("%s %lu ", bytes, i);
        show(&out);
        printf("\n");
    }
}

int main(int argc, char **argv) {
    code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int n = sizeof ops / sizeof *ops;
    if (argc > 1 && !strcmp(argv[1], "hashes")) {
        int batches = argc > 2 ? atoi(argv[2]) / BATCH : 320;
        for (int o = 0; o < n; o++) {
            compile(ops[o].bytes);
            printf("%s %d", ops[o].bytes, ops[o].memory);
            for (int b = 0; b < batches; b++) {
                uint64_t h = 0;
                for (int i = 0; i < BATCH; i++) {
                    struct state in, out;
                    generate(&in, (uint64_t)b * BATCH + i, ops[o].memory);
                    call(&in, &out);
                    h = hash(h, &out);
                }
                printf(" %08x", (unsigned)(h >> 32));
            }
            printf("\n");
        }
        return 0;
    }
    if (argc > 4 && !strcmp(argv[1], "raw")) {
        int memory = 0;
        for (int o = 0; o < n; o++) if (!strcmp(ops[o].bytes, argv[2])) memory = ops[o].memory;
        raw(argv[2], memory, strtoull(argv[3], 0, 0), strtoull(argv[4], 0, 0));
        return 0;
    }
    if (argc > 2 && !strcmp(argv[1], "all")) {
        for (int o = 0; o < n; o++) raw(ops[o].bytes, ops[o].memory, 0, strtoull(argv[2], 0, 0));
        return 0;
    }
    fprintf(stderr, "usage: x87 hashes [COUNT] | raw BYTES FIRST COUNT | all COUNT\n");
    return 2;
}
