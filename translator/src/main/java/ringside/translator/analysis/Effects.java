package ringside.translator.analysis;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;

/**
 * What a handler may read and write of the registers that translated code keeps in locals; everything, unless the
 * instruction is known to confine itself to its operands (x87, MMX, SSE, AVX, much of the integer instructions).
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
        int implicit = implicit(in);
        if (implicit < 0 && !confined(in.mnemonic)) return EVERYTHING;
        int reads = Math.max(implicit, 0);
        int writes = reads;
        for (int i = 0; i < in.operandCount; i++) {
            switch (in.kind[i]) {
                case Instruction.GPR, Instruction.GPR_HIGH -> {
                    reads |= 1 << in.reg[i];
                    if (i == 0 || implicit >= 0) writes |= 1 << in.reg[i];
                }
                case Instruction.MEM -> {
                    if (in.memBase >= 0 && in.memBase < 16) reads |= 1 << in.memBase;
                    if (in.memIndex >= 0 && in.memIndex < 16 && in.memIndexSize == 0) reads |= 1 << in.memIndex;
                }
                default -> {}
            }
        }
        boolean flags = implicit >= 0;
        return new Effects(reads, writes, flags || readsFlags(in.mnemonic), flags || writesFlags(in.mnemonic));
    }

    /**
     * {@return the registers that an integer instruction reads or writes beside its operands, as a set, or -1 for
     * instructions that are not listed} Those listed may read and write all their operands and the flags.
     */
    private static int implicit(Instruction in) {
        return switch (in.mnemonic) {
            case MUL, DIV, IDIV -> 1 << Cpu.RAX | 1 << Cpu.RDX;
            case IMUL -> in.operandCount == 1 ? 1 << Cpu.RAX | 1 << Cpu.RDX : 0;
            case CMPXCHG -> 1 << Cpu.RAX;
            case CMPXCHG8B, CMPXCHG16B -> 1 << Cpu.RAX | 1 << Cpu.RBX | 1 << Cpu.RCX | 1 << Cpu.RDX;
            case MULX -> 1 << Cpu.RDX;
            case SHLD, SHRD, SHL, SHR, SAR, ROL, ROR, RCL, RCR -> 1 << Cpu.RCX;
            case ADD, ADC, SUB, SBB, CMP, AND, OR, XOR, TEST, INC, DEC, NEG, NOT, XADD, XCHG -> 0;
            case BT, BTS, BTR, BTC, BSF, BSR, TZCNT, LZCNT, POPCNT, MOVBE, CRC32 -> 0;
            case ADCX, ADOX, ANDN, BEXTR, BLSI, BLSMSK, BLSR, BZHI, PDEP, PEXT, RORX, SARX, SHLX, SHRX -> 0;
            case CLC, STC, CMC, LFENCE, MFENCE, SFENCE, PREFETCHT0, PREFETCHT1, PREFETCHT2, PREFETCHNTA -> 0;
            default -> -1;
        };
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
