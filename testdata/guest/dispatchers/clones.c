/* What gcc's dispatcher makes of the processor: a clone for each architecture, all of which must give the same sum. */
#include <stdio.h>

__attribute__((target_clones("arch=sapphirerapids", "arch=skylake-avx512", "arch=znver3", "arch=broadwell", "arch=haswell", "arch=nehalem", "default")))
double sum(const unsigned *a, int n)
{
    double s = 0;
    for (int i = 0; i < n; i++) s += a[i] * 0.5;
    return s;
}

int main(void)
{
    unsigned a[64];
    for (int i = 0; i < 64; i++) a[i] = i * 77777777u;
    __builtin_cpu_init();
    const char *is = __builtin_cpu_is("sapphirerapids") ? "sapphirerapids"
        : __builtin_cpu_is("skylake-avx512")            ? "skylake-avx512"
        : __builtin_cpu_is("znver3")                    ? "znver3"
        : __builtin_cpu_is("broadwell")                 ? "broadwell"
        : __builtin_cpu_is("haswell")                   ? "haswell"
        : __builtin_cpu_is("nehalem")                   ? "nehalem"
                                                        : "none";
    printf("gcc: %s, avx2 %d, avx512f %d\n", is, !!__builtin_cpu_supports("avx2"), !!__builtin_cpu_supports("avx512f"));
    printf("gcc: sum %.1f\n", sum(a, 64));
    return 0;
}
