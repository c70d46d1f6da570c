/* Executes every form on this processor with random and edge operands and prints what it did; see README.md. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

struct state { uint64_t xmm0[2], xmm1[2], mm0, mm1, rax; uint32_t mxcsr, pad; uint64_t mem[2], flags; } __attribute__((aligned(16)));
struct form { void (*run)(struct state *); unsigned char *from, *to; uint64_t fp; };
extern struct form forms[];

static sigjmp_buf back;
static uint32_t trapped;
static void on_fpe(int s, siginfo_t *i, void *u) { trapped = ((ucontext_t *) u)->uc_mcontext.fpregs->mxcsr; siglongjmp(back, 1); }

static uint64_t seed;
static uint64_t rnd(void) { seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17; return seed * 0x2545F4914F6CDD1DULL; }

static const uint32_t edge32[] = {0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x80800000, 0x00800001, 0x3f800000, 0xbf800000, 0x3f000000, 0x3fc00000,
    0x40200000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00123, 0x7f800001, 0xffa00000, 0x4f000000, 0xcf000000, 0x4effffff, 0x5f000000,
    0x3f800001, 0x34000000, 0x00400000, 0x1f800000, 0x20000000};
static const uint64_t edge64[] = {0, 1ULL << 63, 1, 0x8000000000000001, 0x000fffffffffffff, 0x0010000000000000, 0x8010000000000001, 0x3ff0000000000000,
    0xbff0000000000000, 0x3fe0000000000000, 0x3ff8000000000000, 0x4004000000000000, 0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000,
    0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000123, 0x7ff0000000000001, 0xfff4000000000000, 0x41e0000000000000, 0xc1e0000000000000,
    0x41dfffffffe00000, 0x41dfffffffc00000, 0x43e0000000000000, 0xc3e0000000000000, 0x3ff0000000000001, 0x3ca0000000000000, 0x0008000000000000,
    0x2000000000000000, 0x1ff0000000000000, 0x380fffffffffffff, 0x3810000000000000, 0x36a0000000000000, 0x47efffffe0000000, 0x47efffffefffffff, 0x47effffff0000000};
#define PICK(a) a[rnd() % (sizeof a / sizeof *a)]

static uint32_t one32(void)
{
    switch (rnd() % 4) {
    case 0: return rnd();
    case 1: return (rnd() & 0x807fffff) | (uint32_t) (120 + rnd() % 16) << 23;
    case 2: return (uint32_t) rnd() & 0x81ffffff;
    default: return PICK(edge32);
    }
}
static uint64_t one64(void)
{
    switch (rnd() % 4) {
    case 0: return rnd();
    case 1: return (rnd() & 0x800fffffffffffff) | (1015 + rnd() % 60) << 52;
    case 2: return rnd() & 0x801fffffffffffff;
    default: return PICK(edge64);
    }
}
static uint64_t lane(int fp, int n)
{
    if (!fp) return n % 4 == 0 ? rnd() % 70 : n % 4 == 1 ? rnd() & rnd() & rnd() : n % 4 == 2 ? rnd() | (rnd() & 0x8000ffff80ff00ffULL) : rnd();
    return n & 1 ? one64() : one32() | (uint64_t) one32() << 32;
}

int main(int argc, char **argv)
{
    int cases = argc > 1 ? atoi(argv[1]) : 24;
    seed = argc > 2 ? strtoull(argv[2], 0, 0) : 88172645463325252ULL;
    struct sigaction sa = {.sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGFPE, &sa, 0);
    for (struct form *f = forms; f->run; f++) {
        int n = f->fp ? cases * 3 : cases / 2;
        for (int k = 0; k < n; k++) {
            struct state s = {0};
            for (int j = 0; j < 2; j++) { s.xmm0[j] = lane(f->fp, k); s.xmm1[j] = lane(f->fp, k); }
            s.mm0 = lane(f->fp, k); s.mm1 = lane(f->fp, k);
            s.rax = rnd() % 3 ? rnd() : (int64_t) (int32_t) rnd();
            s.mxcsr = 0x1f80;
            if (f->fp && k % 3) s.mxcsr |= rnd() & 0x603f;
            if (f->fp && k % 4 == 1) s.mxcsr |= rnd() & 0x8040;
            if (f->fp && k % 5 == 4) s.mxcsr &= ~(rnd() & 0x1f80);
            memcpy(s.mem, s.xmm1, 16);
            struct state in = s;
            int trap = 0;
            if (sigsetjmp(back, 1) == 0) {
                f->run(&s);
            } else {
                trap = 1;
                s = in;
                s.mxcsr = trapped;
                s.flags = 0;
                __asm__ volatile("emms");
            }
            for (unsigned char *p = f->from; p < f->to; p++) printf("%02x", *p);
            printf(" %lx %lx %lx %lx %lx %lx %lx %x %d", in.xmm0[0], in.xmm0[1], in.xmm1[0], in.xmm1[1], in.mm0, in.mm1, in.rax, in.mxcsr, trap);
            printf(" %lx %lx %lx %lx %lx %lx %x %lx\n", s.xmm0[0], s.xmm0[1], s.mm0, s.rax, s.mem[0], s.mem[1], s.mxcsr, s.flags & 0x8d5);
        }
    }
    return 0;
}
