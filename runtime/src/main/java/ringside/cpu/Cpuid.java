package ringside.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import ringside.bus.Clock;
import ringside.cpu.CpuModel.Feature;

/**
 * The CPUID leaves, built from the {@link CpuModel}: only what is implemented is advertised. Source: Intel SDM vol. 2,
 * CPUID.
 */
public final class Cpuid {
    private static final String HYPERVISOR = "Ringside VM ";
    private static final int MAX_BASIC = 0x16,
            MAX_EXTENDED = 0x8000_0008,
            MAX_EXTENDED_AMD = 0x8000_0021,
            MAX_BASIC_AMD = 0x10,
            HYPERVISOR_LEAF = 0x4000_0000;
    private static final int CRYSTAL_HZ = 1_000_000_000;

    record Bit(Feature feature, int bit) {}

    private static final Bit[] LEAF1_ECX = {
        new Bit(Feature.SSE3, 0),
        new Bit(Feature.PCLMULQDQ, 1),
        new Bit(Feature.SSSE3, 9),
        new Bit(Feature.FMA, 12),
        new Bit(Feature.CX16, 13),
        new Bit(Feature.PCID, 17),
        new Bit(Feature.SSE4_1, 19),
        new Bit(Feature.SSE4_2, 20),
        new Bit(Feature.X2APIC, 21),
        new Bit(Feature.MOVBE, 22),
        new Bit(Feature.POPCNT, 23),
        new Bit(Feature.TSC_DEADLINE, 24),
        new Bit(Feature.AES, 25),
        new Bit(Feature.XSAVE, 26),
        new Bit(Feature.AVX, 28),
        new Bit(Feature.F16C, 29),
        new Bit(Feature.RDRAND, 30)
    };
    /** FPU VME DE PSE TSC MSR PAE MCE CX8 APIC SEP MTRR PGE MCA CMOV PAT PSE36 CLFSH MMX FXSR SSE SSE2. */
    static final int LEAF1_EDX = 0x078b_fbff;

    static final int LEAF1_EDX_APIC = 1 << 9;
    private static final Bit[] LEAF7_EBX = {
        new Bit(Feature.FSGSBASE, 0),
        new Bit(Feature.BMI1, 3),
        new Bit(Feature.AVX2, 5),
        new Bit(Feature.SMEP, 7),
        new Bit(Feature.BMI2, 8),
        new Bit(Feature.ERMS, 9),
        new Bit(Feature.INVPCID, 10),
        new Bit(Feature.RDSEED, 18),
        new Bit(Feature.ADX, 19),
        new Bit(Feature.SMAP, 20),
        new Bit(Feature.CLFLUSHOPT, 23),
        new Bit(Feature.CLWB, 24),
        new Bit(Feature.SHA, 29)
    };
    private static final Bit[] LEAF7_ECX = {
        new Bit(Feature.UMIP, 2),
        new Bit(Feature.PKU, 3),
        new Bit(Feature.SHSTK, 7),
        new Bit(Feature.GFNI, 8),
        new Bit(Feature.VAES, 9),
        new Bit(Feature.VPCLMULQDQ, 10),
        new Bit(Feature.LA57, 16),
        new Bit(Feature.RDPID, 22),
        new Bit(Feature.CLDEMOTE, 25),
        new Bit(Feature.MOVDIRI, 27),
        new Bit(Feature.PKS, 31)
    };
    private static final Bit[] LEAF7_EDX = {
        new Bit(Feature.FSRM, 4),
        new Bit(Feature.SERIALIZE, 14),
        new Bit(Feature.IBT, 20),
        new Bit(Feature.SPEC_CTRL, 26),
        new Bit(Feature.STIBP, 27)
    };
    private static final Bit[] AMD_LEAF7_EDX = {new Bit(Feature.FSRM, 4), new Bit(Feature.IBT, 20)};
    private static final Bit[] LEAF7_2_EDX = {new Bit(Feature.BHI_CTRL, 4)};
    private static final int TSC_ADJUST = 1 << 1, ARCH_CAPABILITIES = 1 << 29, OSPKE = 1 << 4;

    private Cpuid() {}

    static int bits(CpuModel m, Bit[] table) {
        int v = 0;
        for (Bit b : table) {
            if (m.has(b.feature)) v |= 1 << b.bit;
        }
        return v;
    }

    /**
     * CPUID: EAX and ECX in, EAX, EBX, ECX, EDX out.
     *
     * @param cpu the processor
     */
    public static void execute(Cpu cpu) {
        int[] r = leaf(cpu, (int) cpu.gpr[Cpu.RAX], (int) cpu.gpr[Cpu.RCX]);
        cpu.gpr[Cpu.RAX] = r[0] & 0xffff_ffffL;
        cpu.gpr[Cpu.RBX] = r[1] & 0xffff_ffffL;
        cpu.gpr[Cpu.RCX] = r[2] & 0xffff_ffffL;
        cpu.gpr[Cpu.RDX] = r[3] & 0xffff_ffffL;
    }

    /** @return EAX, EBX, ECX, EDX */
    static int[] leaf(Cpu cpu, int leaf, int sub) {
        boolean amd = cpu.model.amd();
        if (leaf >= 0x8000_0000 && leaf <= (amd ? MAX_EXTENDED_AMD : MAX_EXTENDED))
            return amd ? AmdCpuid.extended(cpu, leaf) : extended(cpu, leaf);
        if (leaf == HYPERVISOR_LEAF) {
            int[] s = text(HYPERVISOR, 0);
            return new int[] {HYPERVISOR_LEAF, s[0], s[1], s[2]};
        }
        // a leaf beyond the last gives that of the highest basic one
        if (leaf < 0 || leaf > maxBasic(cpu.model)) return amd ? new int[4] : basic(cpu, MAX_BASIC, sub);
        return basic(cpu, leaf, sub);
    }

    private static int maxBasic(CpuModel m) {
        return m.amd() ? MAX_BASIC_AMD : MAX_BASIC;
    }

    private static int[] basic(Cpu cpu, int leaf, int sub) {
        CpuModel m = cpu.model;
        return switch (leaf) {
            case 0 -> {
                int[] s = text(m.identity().vendor(), 0);
                yield new int[] {maxBasic(m), s[0], s[2], s[1]};
            }
            case 1 ->
                new int[] {
                    m.identity().signature(),
                    1 << 16 | 8 << 8,
                    bits(m, LEAF1_ECX) | ((cpu.cr4 & Cpu.CR4_OSXSAVE) != 0 ? 1 << 27 : 0) | 1 << 31,
                    LEAF1_EDX & (cpu.bus == null || cpu.bus.apicEnabled() ? -1 : ~LEAF1_EDX_APIC)
                };
            // FFh: caches are in leaf 4
            case 2 -> m.amd() ? new int[4] : new int[] {0x0000_ff01, 0, 0, 0};
            case 4 -> m.amd() ? new int[4] : cache(sub);
            case 6 -> new int[] {4, 0, 0, 0};
            case 7 ->
                switch (sub) {
                    case 0 ->
                        new int[] {
                            m.amd() ? 0 : 2,
                            bits(m, LEAF7_EBX) | (m.amd() ? 0 : TSC_ADJUST),
                            bits(m, LEAF7_ECX) | ((cpu.cr4 & Cpu.CR4_PKE) != 0 ? OSPKE : 0),
                            m.amd() ? bits(m, AMD_LEAF7_EDX) : bits(m, LEAF7_EDX) | ARCH_CAPABILITIES
                        };
                    case 2 -> new int[] {0, 0, 0, bits(m, LEAF7_2_EDX)};
                    default -> new int[4];
                };
            case 0xb ->
                switch (sub) {
                    case 0 -> new int[] {0, 1, 0x100, 0};
                    case 1 -> new int[] {0, 1, 0x201, 0};
                    default -> new int[] {0, 0, sub & 0xff, 0};
                };
            case 0xd -> xsave(cpu, sub);
            case 0x15 -> new int[] {1, (int) (Clock.TSC_HZ / CRYSTAL_HZ), CRYSTAL_HZ, 0};
            case 0x16 -> new int[] {(int) (Clock.TSC_HZ / 1_000_000), (int) (Clock.TSC_HZ / 1_000_000), 100, 0};
            default -> new int[4];
        };
    }

    /** Leaf 4: 32 KiB data, 32 KiB code, 1 MiB second level, of 64-byte lines. */
    private static int[] cache(int sub) {
        return switch (sub) {
            case 0 -> new int[] {1 | 1 << 5 | 1 << 8, 7 << 22 | 63, 63, 0};
            case 1 -> new int[] {2 | 1 << 5 | 1 << 8, 7 << 22 | 63, 63, 0};
            case 2 -> new int[] {3 | 2 << 5 | 1 << 8, 15 << 22 | 63, 1023, 0};
            default -> new int[4];
        };
    }

    private static int[] xsave(Cpu cpu, int sub) {
        CpuModel m = cpu.model;
        if (!m.has(Feature.XSAVE)) return new int[4];
        long user = XsaveLayout.userComponents(m);
        if (sub == 0)
            return new int[] {(int) user, XsaveLayout.standardSize(cpu.xcr0), XsaveLayout.standardSize(user), 0};
        if (sub == 1) {
            boolean compacts = m.has(Feature.XSAVEC) || m.has(Feature.XSAVES);
            int features = (m.has(Feature.XSAVEOPT) ? 1 : 0)
                    | (m.has(Feature.XSAVEC) ? 6 : 0)
                    | (m.has(Feature.XSAVES) ? 8 : 0);
            return new int[] {
                features,
                compacts ? XsaveLayout.compactedSize(cpu.xcr0 | cpu.msrs.xss) : 0,
                (int) XsaveLayout.supervisorComponents(m),
                0
            };
        }
        if (sub < 2 || sub > 62) return new int[4];
        if ((XsaveLayout.supervisorComponents(m) >> sub & 1) != 0) return new int[] {XsaveLayout.size(sub), 0, 1, 0};
        if ((user >> sub & 1) == 0) return new int[4];
        return new int[] {XsaveLayout.size(sub), XsaveLayout.offset(sub), XsaveLayout.aligned(sub) ? 2 : 0, 0};
    }

    private static int[] extended(Cpu cpu, int leaf) {
        CpuModel m = cpu.model;
        return switch (leaf) {
            case 0x8000_0000 -> new int[] {MAX_EXTENDED, 0, 0, 0};
            case 0x8000_0001 ->
                new int[] {
                    0,
                    0,
                    (m.has(Feature.LAHF_LM) ? 1 : 0) | (m.has(Feature.LZCNT) ? 1 << 5 : 0) | 1 << 8,
                    (cpu.code64() ? 1 << 11 : 0)
                            | 1 << 20
                            | (m.has(Feature.PDPE1GB) ? 1 << 26 : 0)
                            | (m.has(Feature.RDTSCP) ? 1 << 27 : 0)
                            | 1 << 29
                };
            case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> text(m.identity().brand(), 16 * (leaf - 0x8000_0002));
            case 0x8000_0006 -> new int[] {0, 0, 1024 << 16 | 8 << 12 | 64, 0};
            case 0x8000_0007 -> new int[] {0, 0, 0, 1 << 8};
            case 0x8000_0008 ->
                new int[] {46 | (m.has(Feature.LA57) ? 57 : 48) << 8, m.has(Feature.WBNOINVD) ? 1 << 9 : 0, 0, 0};
            default -> new int[4];
        };
    }

    /** @return 16 bytes of a text from {@code offset}, padded with zeroes */
    static int[] text(String s, int offset) {
        byte[] b = new byte[64];
        byte[] ascii = s.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, b, 0, ascii.length);
        ByteBuffer in = ByteBuffer.wrap(b, offset, 16).order(ByteOrder.LITTLE_ENDIAN);
        return new int[] {in.getInt(), in.getInt(), in.getInt(), in.getInt()};
    }
}
