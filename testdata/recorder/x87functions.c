/* Records the transcendental x87 instructions on the processor it runs on, one case a line:
 * NAME CONTROL ST0 ST1 = RESULT0 RESULT1 STATUS  (registers as 20 hexadecimal digits; RESULTn are ST(n) after the instruction).
 * Operands are a fixed pseudo-random sequence and a table of edge cases. Build: cc -O1 -o x87functions x87functions.c */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct { uint64_t m; uint16_t e; } __attribute__((packed)) ext;

static uint64_t seed = 88172645463325252ull;
static uint64_t rnd(void) { seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17; return seed; }

static const ext edge[] = {
    {0, 0}, {0, 0x8000}, {1ull << 63, 0x3fff}, {1ull << 63, 0xbfff}, {1ull << 63, 0x7fff}, {1ull << 63, 0xffff},
    {3ull << 62, 0x7fff}, {(1ull << 63) | 5, 0x7fff}, {1, 0}, {1ull << 62, 0x8000}, {1ull << 63, 1}, {~0ull, 0x7ffe}, {~0ull, 0x3ffe},
    {1ull << 63, 0x4000}, {1ull << 63, 0x3ffe}, {1ull << 63, 0xbffe}, {0xc90fdaa22168c235ull, 0x4000}, {0xc90fdaa22168c235ull, 0x3fff},
    {0xc90fdaa22168c235ull, 0xbffe}, {1ull << 63, 0x403e}, {~0ull, 0x403d}, {1ull << 63, 0x3f00}, {1ull << 63, 0xbf80}, {0x123, 0x3fff},
};
#define EDGES (sizeof edge / sizeof edge[0])

static ext number(int spread) {
    ext x = {rnd() | 1ull << 63, (uint16_t) (0x3fff + (int) (rnd() % (2 * spread + 1)) - spread)};
    if (rnd() & 1) x.e |= 0x8000;
    return x;
}

/* FNSAVE keeps the registers whatever their tags are. */
#define CASE(NAME, CODE) \
    static void NAME(uint16_t cw, const ext *a, const ext *b, ext *r0, ext *r1, uint16_t *sw) { \
        unsigned char save[108]; \
        __asm__ volatile("fninit\n fldt %2\n fldt %1\n fldcw %3\n " CODE "\n fnsave %0\n" : "=m"(save) : "m"(*a), "m"(*b), "m"(cw)); \
        memcpy(sw, save + 4, 2); memcpy(r0, save + 28, 10); memcpy(r1, save + 38, 10); \
    }
CASE(fsin, "fsin") CASE(fcos, "fcos") CASE(fsincos, "fsincos") CASE(fptan, "fptan") CASE(fpatan, "fpatan")
CASE(f2xm1, "f2xm1") CASE(fyl2x, "fyl2x") CASE(fyl2xp1, "fyl2xp1")

typedef void fn(uint16_t, const ext *, const ext *, ext *, ext *, uint16_t *);
static const struct { const char *name; fn *f; int spread, two; } table[] = {
    {"FSIN", fsin, 8, 0}, {"FCOS", fcos, 8, 0}, {"FSINCOS", fsincos, 40, 0}, {"FPTAN", fptan, 8, 0}, {"FPATAN", fpatan, 20, 1},
    {"F2XM1", f2xm1, 12, 0}, {"FYL2X", fyl2x, 30, 1}, {"FYL2XP1", fyl2xp1, 12, 1},
};

static void one(int t, uint16_t cw, ext a, ext b) {
    ext r0, r1;
    uint16_t sw;
    table[t].f(cw, &a, &b, &r0, &r1, &sw);
    printf("%s %04x %04x%016lx %04x%016lx = %04x%016lx %04x%016lx %04x\n", table[t].name, cw, a.e, a.m, b.e, b.m, r0.e, r0.m, r1.e, r1.m, sw);
}

int main(int argc, char **argv) {
    int n = 60;
    if (argc > 1) sscanf(argv[1], "%d", &n);
    for (int t = 0; t < (int) (sizeof table / sizeof table[0]); t++) {
        ext spare = {1ull << 63, 0x3fff};
        for (unsigned i = 0; i < EDGES; i++) {
            if (!table[t].two) { one(t, 0x37f, edge[i], spare); continue; }
            for (unsigned j = 0; j < EDGES; j++) one(t, 0x37f, edge[i], edge[j]);
        }
        for (int i = 0; i < n; i++) {
            ext a = number(table[t].spread), b = number(20);
            if (table[t].f == f2xm1 && (a.e & 0x7fff) >= 0x3fff) a.e = (a.e & 0x8000) | 0x3ffe;
            if (table[t].f == fyl2x) a.e &= 0x7fff;
            if (table[t].f == fyl2xp1 && (a.e & 0x7fff) >= 0x3ffd) a.e = (a.e & 0x8000) | 0x3ffc;
            one(t, i % 4 == 3 ? 0x37f | (rnd() & 3) << 10 : 0x37f, a, b);
        }
    }
    return 0;
}
