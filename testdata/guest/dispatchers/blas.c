/* Which kernels OpenBLAS chooses, and whether they multiply: small whole numbers, so that every order of sums is exact. */
#include <dlfcn.h>
#include <stdio.h>

enum { N = 37 };

int main(void)
{
    void *lib = dlopen("libopenblas.so.0", RTLD_NOW);
    if (!lib) {
        puts(dlerror());
        return 1;
    }
    char *(*core)(void) = (char *(*)(void))dlsym(lib, "openblas_get_corename");
    void (*gemm)(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *, int) =
        (void (*)(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *, int))dlsym(lib, "cblas_dgemm");
    static double a[N * N], b[N * N], c[N * N];
    for (int i = 0; i < N * N; i++) {
        a[i] = i % 17 - 8;
        b[i] = i % 23 - 11;
    }
    gemm(101, 111, 111, N, N, N, 1, a, N, b, N, 0, c, N);
    int wrong = 0;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            double s = 0;
            for (int k = 0; k < N; k++) s += a[i * N + k] * b[k * N + j];
            wrong += s != c[i * N + j];
        }
    }
    printf("openblas: %s, wrong %d\n", core(), wrong);
    return wrong != 0;
}
