package ringside.translator.analysis;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;

/**
 * What a handler may read and write of the registers that translated code keeps in locals; everything, unless the
 * instruction is known to confine itself to its explicit operands (x87, MMX, SSE, AVX).
 *
 * @param reads set of general registers
 * @param writes set of general registers
 */
public record Effects(int reads, int writes, boolean readsFlags, boolean writesFlags) {
    private static final int ALL = 0xffff;
    private static final Effects NOTHING = new Effects(0, 0, false, false);
    private static final Effects EVERYTHING = new Effects(ALL, ALL, true, true);

    public static Effects of(Instruction in) {
        switch (in.mnemonic) {
            case SWAPGS, CLI, STI, CLAC, STAC -> {
                return NOTHING;
            }
            case RDTSC -> {
                return new Effects(0, 1 << Cpu.RAX | 1 << Cpu.RDX, false, false);
            }
            default -> {}
        }
        if (!confined(in.mnemonic)) return EVERYTHING;
        int reads = 0;
        int writes = 0;
        for (int i = 0; i < in.operandCount; i++) {
            switch (in.kind[i]) {
                case Instruction.GPR, Instruction.GPR_HIGH -> {
                    reads |= 1 << in.reg[i];
                    if (i == 0) writes |= 1 << in.reg[i];
                }
                case Instruction.MEM -> {
                    if (in.memBase >= 0 && in.memBase < 16) reads |= 1 << in.memBase;
                    if (in.memIndex >= 0 && in.memIndex < 16 && in.memIndexSize == 0) reads |= 1 << in.memIndex;
                }
                default -> {}
            }
        }
        return new Effects(reads, writes, readsFlags(in.mnemonic), writesFlags(in.mnemonic));
    }

    private static boolean between(Mnemonic m, Mnemonic first, Mnemonic last) {
        return m.compareTo(first) >= 0 && m.compareTo(last) <= 0;
    }

    private static boolean confined(Mnemonic m) {
        return switch (m) {
            case MASKMOVQ,
                    MASKMOVDQU,
                    PCMPESTRM,
                    PCMPESTRI,
                    PCMPISTRM,
                    PCMPISTRI,
                    VMASKMOVDQU,
                    VPCMPESTRM,
                    VPCMPESTRI,
                    VPCMPISTRM,
                    VPCMPISTRI -> false;
            default -> between(m, Mnemonic.FLD, Mnemonic.FNSETPM) || between(m, Mnemonic.EMMS, Mnemonic.VFMSUBADD231PD);
        };
    }

    private static boolean readsFlags(Mnemonic m) {
        return between(m, Mnemonic.FCMOVB, Mnemonic.FCMOVNU) || writesFlags(m);
    }

    private static boolean writesFlags(Mnemonic m) {
        return switch (m) {
            case FCOMI,
                    FCOMIP,
                    FUCOMI,
                    FUCOMIP,
                    COMISS,
                    COMISD,
                    UCOMISS,
                    UCOMISD,
                    PTEST,
                    VCOMISS,
                    VCOMISD,
                    VUCOMISS,
                    VUCOMISD,
                    VPTEST,
                    VTESTPS,
                    VTESTPD -> true;
            default -> false;
        };
    }
}
