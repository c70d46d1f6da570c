/* Floating point of a compiled program: long double (x87), double and float, with the mathematical functions of the C library, rounding modes, and exception flags.
 * Prints the same on every x86-64 processor whose features lead the C library to the same functions. The x87's own transcendental instructions may be one unit in
 * the last place off, and each processor's are differently: what is built on them is compared in 40 bits. Build: gcc -O2 -static -o floats floats.c -lm */
#define _GNU_SOURCE
#include <complex.h>
#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 88172645463325252ULL;

static uint64_t next(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static uint64_t hash = 14695981039346656037ULL;

static void add(const void *p, size_t n) {
    for (size_t i = 0; i < n; i++) hash = (hash ^ ((const unsigned char *)p)[i]) * 1099511628211ULL;
}

static void show(const char *name) {
    printf("%-14s %016llx\n", name, (unsigned long long)hash);
    hash = 14695981039346656037ULL;
}

/* A double of a moderate exponent, sometimes any bit pattern. */
static double number(void) {
    uint64_t b = next();
    if (next() % 16 == 0) {
        double any;
        memcpy(&any, &b, 8);
        return isnan(any) ? 1.5 : any;
    }
    return ldexp((double)(int64_t)b, (int)(next() % 80) - 100);
}

/* @return x rounded to 40 bits */
static long double cut(long double x) {
    int e;
    return isfinite(x) ? ldexpl(rintl(ldexpl(frexpl(x, &e), 40)), e - 40) : x;
}

#define D(f) \
    for (int i = 0; i < 4000; i++) { double y = f(number()); if (isnan(y)) y = NAN; add(&y, 8); } \
    show(#f)
#define L(f) \
    for (int i = 0; i < 3000; i++) { long double y = f((long double)number() * (1.0L + 0x1p-60L * (next() % 64))); if (isnan(y)) y = 7; add(&y, 10); } \
    show(#f)
#define T(f) \
    for (int i = 0; i < 3000; i++) { long double y = cut(f((long double)number() * (1.0L + 0x1p-60L * (next() % 64)))); if (isnan(y)) y = 7; add(&y, 10); } \
    show(#f)
#define F(f) \
    for (int i = 0; i < 3000; i++) { float y = f((float)number()); if (isnan(y)) y = 7; add(&y, 4); } \
    show(#f)

static void modes(void) {
    static const int mode[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
    for (int m = 0; m < 4; m++) {
        fesetround(mode[m]);
        feclearexcept(FE_ALL_EXCEPT);
        int flags = 0;
        for (int i = 0; i < 20000; i++) {
            volatile double a = number(), b = number();
            volatile float c = (float)a, d = (float)b;
            volatile long double e = a, f = b;
            double r[] = {a + b, a - b, a * b, a / b, sqrt(fabs(a)), rint(a), nearbyint(b), (double)(c + d), (double)(c * d), (double)(c / d), (double)sqrtf(fabsf(c)), fma(a, b, a)};
            long double x[] = {e + f, e - f, e * f, e / f, sqrtl(fabsl(e)), rintl(e)};
            long long n[] = {fabs(a) < 1e18 ? llrint(a) : 0, fabs(b) < 1e18 ? (long long)b : 0, fabsf(c) < 1e18 ? llrintf(c) : 0, fabsl(e) < 1e18 ? llrintl(e) : 0};
            for (unsigned k = 0; k < sizeof r / sizeof *r; k++) if (isnan(r[k])) r[k] = 7;
            for (unsigned k = 0; k < sizeof x / sizeof *x; k++) { if (isnan(x[k])) x[k] = 7; add(&x[k], 10); }
            add(r, sizeof r);
            add(n, sizeof n);
            flags |= fetestexcept(FE_ALL_EXCEPT);
        }
        int n = 0;
        char name[20];
        n = snprintf(name, sizeof name, "mode %d %02x", m, flags);
        (void)n;
        show(name);
    }
    fesetround(FE_TONEAREST);
}

static void loops(void) {
    enum { N = 48 };
    static double a[N][N], b[N][N], c[N][N];
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { a[i][j] = sin(i * 0.1 + j); b[i][j] = 1.0 / (i + j + 1); }
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) { double s = 0; for (int k = 0; k < N; k++) s += a[i][k] * b[k][j]; c[i][j] = s; }
    add(c, sizeof c);
    show("matrix");
    long double pi = 0, sign = 1;
    for (int i = 0; i < 200000; i++, sign = -sign) pi += sign / (2 * i + 1);
    printf("pi %.20Lf\n", 4 * pi);
    double complex z = 0.3 + 0.2 * I;
    for (int i = 0; i < 2000; i++) z = csin(z) * cexp(I * 0.01) + 0.1;
    printf("complex %.17g %.17g\n", creal(z), cimag(z));
    float x = 0.5f;
    for (int i = 0; i < 100000; i++) x = 3.77f * x * (1 - x);
    printf("logistic %.9g\n", x);
    int inside = 0;
    for (int y = 0; y < 60; y++) for (int k = 0; k < 80; k++) {
        double r = 0, q = 0; int n = 0;
        while (r * r + q * q < 4 && n < 200) { double t = r * r - q * q + (k - 50) / 25.0; q = 2 * r * q + (y - 30) / 25.0; r = t; n++; }
        inside += n;
    }
    printf("mandelbrot %d\n", inside);
    unsigned long long m = 1; __uint128_t w = 1;
    for (int i = 0; i < 100000; i++) { m = m * 6364136223846793005ULL + 1442695040888963407ULL; w = w * 3 + (m >> 7); w ^= w >> 61; if (i % 1000 == 0) w = w / (m | 1) + w % 1000003; }
    printf("wide %016llx%016llx\n", (unsigned long long)(w >> 64), (unsigned long long)w);
}

static void texts(void) {
    for (int i = 0; i < 3000; i++) {
        char t[200];
        double d = number();
        long double l = (long double)d / 3;
        int n = snprintf(t, sizeof t, "%.17g %a %.3e %g %.21Lg %La", d, d, d, d, l, l);
        add(t, n);
        char *end;
        double r = strtod(t, &end);
        long double s = strtold(end, &end);
        float f = strtof(end, &end);
        if (r != d || s != d) add("differs", 7);
        add(&f, 4);
    }
    show("printf, strtod");
}

int main(void) {
    D(sin); D(cos); D(tan); D(asin); D(acos); D(atan); D(exp); D(exp2); D(log); D(log2); D(log10); D(sinh); D(cosh); D(tanh); D(cbrt); D(expm1); D(log1p); D(erf);
    D(tgamma); D(lgamma); D(sqrt); D(floor); D(ceil); D(trunc); D(round); D(rint); D(j0); D(y1); D(asinh); D(atanh); D(logb); D(exp10);
    L(sinl); L(cosl); L(tanl); L(cbrtl); L(erfl); L(sqrtl); L(floorl); L(rintl); L(logbl); L(roundl);
    T(atanl); T(asinl); T(expl); T(exp2l); T(logl); T(log2l); T(log10l); T(sinhl); T(tanhl); T(expm1l); T(log1pl); T(tgammal);
    F(sinf); F(cosf); F(tanf); F(atanf); F(expf); F(exp2f); F(logf); F(log2f); F(log10f); F(sinhf); F(tanhf); F(cbrtf); F(erff); F(tgammaf); F(sqrtf); F(floorf); F(rintf);
    for (int i = 0; i < 6000; i++) {
        double a = number(), b = number();
        double y[] = {pow(fabs(a), b), atan2(a, b), fmod(a, b), hypot(a, b), remainder(a, b), fdim(a, b), nextafter(a, b), scalbn(a, i % 40), copysign(a, b), fmax(a, b)};
        long double z[] = {cut(powl(fabs(a), b)), cut(atan2l(a, b)), fmodl(a, b), hypotl(a, b), remainderl(a, b), nextafterl(a, b), scalbnl(a, -i)};
        float f[] = {powf(fabsf((float)a), (float)b), atan2f((float)a, (float)b), fmodf((float)a, (float)b), hypotf((float)a, (float)b)};
        for (unsigned k = 0; k < sizeof y / sizeof *y; k++) if (isnan(y[k])) y[k] = 7;
        for (unsigned k = 0; k < sizeof z / sizeof *z; k++) { if (isnan(z[k])) z[k] = 7; add(&z[k], 10); }
        for (unsigned k = 0; k < sizeof f / sizeof *f; k++) if (isnan(f[k])) f[k] = 7;
        add(y, sizeof y);
        add(f, sizeof f);
    }
    show("two arguments");
    modes();
    loops();
    texts();
    return 0;
}
