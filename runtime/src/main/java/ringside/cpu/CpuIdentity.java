package ringside.cpu;

/**
 * The processor that CPUID names: one that exists, and whose whole instruction set the model shows, because programs
 * and compilers choose code by family and model as well as by feature bits. Its frequency is that of the guest's
 * time-stamp counter.
 *
 * @param vendor the 12 letters of leaf 0
 * @param signature family, model and stepping as leaf 1 has them in EAX (Intel SDM vol. 2, CPUID, figure 3-6)
 * @param brand leaves 80000002h to 80000004h, at most 47 letters
 * @param arch the processor's name for the compiler's -march
 */
public record CpuIdentity(String vendor, int signature, String brand, String arch) {
    private static final String INTEL = "GenuineIntel";

    /**
     * Family 15, model 2: the first core of SSE2, which knew no 64-bit mode; there is no 64-bit processor of Intel
     * without SSE3.
     */
    static final CpuIdentity PENTIUM4 = new CpuIdentity(INTEL, 0x0f29, "Intel(R) Pentium(R) 4 CPU 1.00GHz", "pentium4");
    /** Family 6, model 1Ah. */
    static final CpuIdentity NEHALEM =
            new CpuIdentity(INTEL, 0x106a5, "Intel(R) Xeon(R) CPU           X5570  @ 1.00GHz", "nehalem");
    /** Family 6, model 3Fh. */
    static final CpuIdentity HASWELL =
            new CpuIdentity(INTEL, 0x306f2, "Intel(R) Xeon(R) CPU E5-2690 v3 @ 1.00GHz", "haswell");
    /** Family 19h, model 1: AMD's last core before AVX-512. */
    static final CpuIdentity ZEN3 =
            new CpuIdentity("AuthenticAMD", 0x00a0_0f11, "AMD EPYC 7713 64-Core Processor", "znver3");
    /** Family 6, model 4Fh: the last server processor before AVX-512. */
    static final CpuIdentity BROADWELL =
            new CpuIdentity(INTEL, 0x406f1, "Intel(R) Xeon(R) CPU E5-2699 v4 @ 1.00GHz", "broadwell");
}
