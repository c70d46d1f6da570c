package ringside.cpu;

import ringside.cpu.CpuModel.Feature;
import ringside.cpu.Cpuid.Bit;

/** The extended CPUID leaves of AMD's processors. Source: AMD64 APM vol. 3, appendix E. */
final class AmdCpuid {
    private static final Bit[] LEAF1_ECX = {
        new Bit(Feature.LAHF_LM, 0), new Bit(Feature.LZCNT, 5), new Bit(Feature.SSE4A, 6), new Bit(Feature.MWAITX, 29)
    };
    private static final int PREFETCHW = 1 << 8;
    /** Those of leaf 1 that are told again. */
    private static final int LEAF1_EDX_AGAIN = 0x0183_f3ff;

    private static final Bit[] LEAF1_EDX = {new Bit(Feature.PDPE1GB, 26), new Bit(Feature.RDTSCP, 27)};
    /** SYSCALL, NX, MMX extensions, long mode. */
    private static final int LEAF1_EDX_ALWAYS = 1 << 11 | 1 << 20 | 1 << 22 | 1 << 29;

    private static final Bit[] LEAF8_EBX = {
        new Bit(Feature.CLZERO, 0),
        new Bit(Feature.XSAVEERPTR, 2),
        new Bit(Feature.WBNOINVD, 9),
        new Bit(Feature.SPEC_CTRL, 12), // IBPB
        new Bit(Feature.SPEC_CTRL, 14), // IBRS
        new Bit(Feature.STIBP, 15),
        new Bit(Feature.SPEC_CTRL, 24) // SSBD
    };
    /** SSB_NO, BTC_NO, IBPB_RET. */
    private static final int LEAF8_EBX_ALWAYS = 1 << 26 | 1 << 29 | 1 << 30;

    private static final Bit[] LEAF21_EAX = {new Bit(Feature.NSCB, 6), new Bit(Feature.IBRS_ALL, 8)};
    /** LFENCE is ordered; SRSO_NO. */
    private static final int LEAF21_EAX_ALWAYS = 1 << 2 | 1 << 29;
    /** TSA_SQ_NO, TSA_L1_NO. */
    private static final int LEAF21_ECX_ALWAYS = 1 << 1 | 1 << 2;

    private AmdCpuid() {}

    static int[] extended(Cpu cpu, int leaf) {
        CpuModel m = cpu.model;
        return switch (leaf) {
            case 0x8000_0000 -> {
                int[] s = Cpuid.text(m.identity().vendor(), 0);
                yield new int[] {0x8000_0021, s[0], s[2], s[1]};
            }
            case 0x8000_0001 -> {
                int again = LEAF1_EDX_AGAIN & Cpuid.LEAF1_EDX;
                if (cpu.bus != null && !cpu.bus.apicEnabled()) again &= ~Cpuid.LEAF1_EDX_APIC;
                yield new int[] {
                    m.identity().signature(),
                    0,
                    Cpuid.bits(m, LEAF1_ECX) | PREFETCHW,
                    Cpuid.bits(m, LEAF1_EDX) | LEAF1_EDX_ALWAYS | again
                };
            }
            case 0x8000_0002, 0x8000_0003, 0x8000_0004 ->
                Cpuid.text(m.identity().brand(), 16 * (leaf - 0x8000_0002));
            // 32 KiB of 8 ways, lines of 64 bytes, for data and code
            case 0x8000_0005 -> new int[] {0xff40_ff40, 0xff40_ff40, 0x2008_0140, 0x2008_0140};
            case 0x8000_0006 -> new int[] {0, 0, 1024 << 16 | 8 << 12 | 64, 0};
            case 0x8000_0007 -> new int[] {0, 0, 0, 1 << 8};
            case 0x8000_0008 ->
                new int[] {46 | (m.has(Feature.LA57) ? 57 : 48) << 8, Cpuid.bits(m, LEAF8_EBX) | LEAF8_EBX_ALWAYS, 0, 0
                };
            case 0x8000_0021 -> new int[] {Cpuid.bits(m, LEAF21_EAX) | LEAF21_EAX_ALWAYS, 0, LEAF21_ECX_ALWAYS, 0};
            default -> new int[4];
        };
    }
}
