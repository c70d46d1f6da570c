package ringside.workbench.fuzz;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Flags;
import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.decoder.Mnemonic;
import ringside.interpreter.OpFactory;
import ringside.lab.Lab;
import ringside.lab.Stop;

/**
 * Holds what the interpreter did with a user-level case against what the host's processor did. The rules for what need
 * not be equal are here.
 */
final class HostComparison {
    private static final int UD = 6, SS = 12, GP = 13, PF = 14;
    /** RFLAGS without RF (set in a faulting frame), IF and the virtual interrupt flags. */
    private static final long FLAGS = 0x24_4dd5 | 0x4000;
    /** Linux reports every user access to its half as a protection fault. */
    private static final long KERNEL = 0x7fff_ffff_f000L;

    /**
     * What depends on the machine or its operating system: time, identity, descriptor tables, x87 instruction pointers,
     * approximations, instructions of other processors. Far transfers and loads of segments are beside it
     * ({@link #otherSegments}).
     */
    private static final Set<Mnemonic> EXCUSED = EnumSet.of(
            Mnemonic.RDTSC,
            Mnemonic.RDTSCP,
            Mnemonic.CPUID,
            Mnemonic.RDRAND,
            Mnemonic.RDSEED,
            Mnemonic.RDPID,
            Mnemonic.RDPMC,
            Mnemonic.RDPRU,
            Mnemonic.XGETBV,
            Mnemonic.SGDT,
            Mnemonic.SIDT,
            Mnemonic.SLDT,
            Mnemonic.STR,
            Mnemonic.SMSW,
            Mnemonic.LAR,
            Mnemonic.LSL,
            Mnemonic.VERR,
            Mnemonic.VERW,
            Mnemonic.FNSTENV,
            Mnemonic.FNSAVE,
            Mnemonic.FXSAVE,
            Mnemonic.XSAVE,
            Mnemonic.XSAVEC,
            Mnemonic.XSAVEOPT,
            Mnemonic.XSAVES,
            Mnemonic.XRSTOR,
            Mnemonic.XRSTORS,
            Mnemonic.RDPKRU,
            Mnemonic.WRPKRU,
            Mnemonic.RCPPS,
            Mnemonic.RCPSS,
            Mnemonic.RSQRTPS,
            Mnemonic.RSQRTSS,
            Mnemonic.VRCPPS,
            Mnemonic.VRCPSS,
            Mnemonic.VRSQRTPS,
            Mnemonic.VRSQRTSS,
            Mnemonic.CLZERO,
            Mnemonic.MONITORX,
            Mnemonic.MWAITX,
            Mnemonic.MONITOR,
            Mnemonic.MWAIT,
            Mnemonic.EXTRQ,
            Mnemonic.INSERTQ,
            Mnemonic.MOVNTSS,
            Mnemonic.MOVNTSD,
            Mnemonic.EVEX,
            Mnemonic.MCOMMIT,
            Mnemonic.INVLPGB,
            Mnemonic.TLBSYNC,
            // some hypervisors hand its trap over with the address of a fault
            Mnemonic.INT1);

    /** What loads a whole state from memory. */
    private static final Set<Mnemonic> IMAGES = EnumSet.of(Mnemonic.FXRSTOR, Mnemonic.FRSTOR, Mnemonic.FLDENV);

    /** What takes 16 bytes at any address, without VEX. */
    private static final Set<Mnemonic> UNALIGNED = EnumSet.of(
            Mnemonic.MOVUPS,
            Mnemonic.MOVUPD,
            Mnemonic.MOVDQU,
            Mnemonic.LDDQU,
            Mnemonic.PCMPESTRI,
            Mnemonic.PCMPESTRM,
            Mnemonic.PCMPISTRI,
            Mnemonic.PCMPISTRM);

    /**
     * What may be wrong by one unit in the last place, and report as rounded what it has not. Intel SDM vol. 1, 8.3.10.
     */
    private static final Set<Mnemonic> TRANSCENDENTAL = EnumSet.of(
            Mnemonic.FSIN,
            Mnemonic.FCOS,
            Mnemonic.FSINCOS,
            Mnemonic.FPTAN,
            Mnemonic.FPATAN,
            Mnemonic.F2XM1,
            Mnemonic.FYL2X,
            Mnemonic.FYL2XP1);
    /** FSW: C1 (rounded up), PE, UE. */
    private static final long ROUNDING = 0x230;

    private static final OpFactory FACTORY = new OpFactory();

    private HostComparison() {}

    static boolean transcendental(Instruction i) {
        return TRANSCENDENTAL.contains(i.mnemonic);
    }

    /** @return whether the difference is one that two right results of a transcendental instruction may have */
    static boolean rounding(Difference d) {
        if (d.what().equals("fsw"))
            return ((Long.parseLong(d.ours(), 16) ^ Long.parseLong(d.theirs(), 16)) & ~ROUNDING) == 0;
        return d.what().startsWith("st")
                && new BigInteger(d.ours(), 16)
                        .subtract(new BigInteger(d.theirs(), 16))
                        .abs()
                        .equals(BigInteger.ONE);
    }

    /** A register, or "vector", "error", or "memory ADDRESS". Values in hexadecimal. */
    record Difference(String what, String ours, String theirs) {
        @Override
        public String toString() {
            return what + ": " + ours + " / " + theirs;
        }
    }

    /** @return what differs, interpreter against host */
    static List<Difference> differences(Cpu cpu, Stop stop, List<Lab.Page> pages, HostProcessor.Answer a) {
        List<Difference> d = new ArrayList<>();
        stop(d, cpu, stop, a);
        for (int i = 0; i < 16; i++) number(d, Instructions.NAMES64[i], cpu.gpr[i], a.gpr()[i]);
        number(d, "rflags", cpu.rflags(), a.flags() & FLAGS | cpu.rflags() & ~FLAGS);
        byte[] image = HostProcessor.image(cpu);
        field(d, "fcw", image, a.fx(), 0, 2);
        field(d, "fsw", image, a.fx(), 2, 2);
        field(d, "ftw (abridged)", image, a.fx(), 4, 1);
        field(d, "mxcsr", image, a.fx(), 24, 4);
        for (int i = 0; i < 8; i++) field(d, "st" + i, image, a.fx(), 32 + 16 * i, 10);
        for (int i = 0; i < 16; i++) field(d, "xmm" + i, image, a.fx(), 160 + 16 * i, 16);
        byte[] high = new byte[HostProcessor.HIGH];
        java.nio.ByteBuffer b = java.nio.ByteBuffer.wrap(high).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 16; i++) b.putLong(cpu.vec[4 * i + 2]).putLong(cpu.vec[4 * i + 3]);
        for (int i = 0; i < 16; i++) field(d, "ymm" + i + " (high half)", high, a.high(), 16 * i, 16);
        for (int i = 0; i < pages.size(); i++) {
            int at = Arrays.mismatch(pages.get(i).content(), a.pages().get(i));
            if (at >= 0) {
                d.add(new Difference(
                        "memory 0x" + Long.toHexString(pages.get(i).linear() + at),
                        some(pages.get(i).content(), at, 16),
                        some(a.pages().get(i), at, 16)));
            }
        }
        return d;
    }

    private static void stop(List<Difference> d, Cpu cpu, Stop s, HostProcessor.Answer a) {
        long rip = cpu.rip;
        int vector = s.vector();
        long error = s.error() < 0 ? 0 : s.error();
        if (s.reason() == Stop.Reason.HLT) {
            vector = 13;
            rip = s.address();
        } else if (s.reason() == Stop.Reason.INTERRUPT && vector != 3 && vector != 4) {
            error = vector * 8 + 2;
            vector = 13;
            rip = a.rip();
        }
        if (vector != a.vector() || a.signal() == 31)
            d.add(new Difference(
                    "vector", Integer.toHexString(vector), Integer.toHexString(a.signal() == 31 ? 255 : a.vector())));
        if (vector == a.vector() && (vector == PF || vector >= 10 && vector <= 13 || vector == 17)) {
            boolean kernel = vector == PF && Long.compareUnsigned(a.cr2(), KERNEL) >= 0;
            long mask = kernel ? ~1L : ~0L;
            number(d, "error", error & mask, a.error() & mask);
            if (vector == PF) number(d, "cr2", cpu.cr2, a.cr2());
        }
        number(d, "rip", rip, a.rip());
    }

    private static void number(List<Difference> d, String name, long x, long y) {
        if (x != y) d.add(new Difference(name, Long.toHexString(x), Long.toHexString(y)));
    }

    private static void field(List<Difference> d, String name, byte[] x, byte[] y, int at, int n) {
        if (!Arrays.equals(x, at, at + n, y, at, at + n))
            d.add(new Difference(name, reversed(x, at, n), reversed(y, at, n)));
    }

    private static String reversed(byte[] b, int at, int n) {
        StringBuilder s = new StringBuilder();
        for (int i = n - 1; i >= 0; i--) s.append(String.format("%02x", b[at + i]));
        return s.toString();
    }

    private static String some(byte[] b, int at, int n) {
        return java.util.HexFormat.of().formatHex(b, at, Math.min(b.length, at + n));
    }

    /**
     * @param i the instruction at CS:RIP, or null if it is none for us
     * @param bytes those at the instruction, 15 if they are there
     * @return whether a program that executed it may end differently on another processor
     */
    static boolean excused(Cpu cpu, Instruction i, byte[] bytes) {
        if (i == null) return Instructions.extension(bytes, cpu.code64() ? 64 : 32);
        // 16 and 32 bytes under alignment checking: #AC on AMD's processors only
        if ((i.has(Instruction.VEX) || UNALIGNED.contains(i.mnemonic))
                && i.memoryOperand() >= 0
                && (cpu.rflags() & Flags.AC) != 0) return true;
        if (overwritesItself(cpu, i)) return true;
        if (EXCUSED.contains(i.mnemonic) || otherSegments(i)) return true;
        for (int k = 0; k < i.operandCount; k++) {
            if (i.kind[k] == Instruction.SEGMENT || i.kind[k] == Instruction.CONTROL || i.kind[k] == Instruction.DEBUG)
                return true;
            // AMD's processors take a prefix 66h before a near branch in 64-bit mode, Intel's do not
            if (i.kind[k] == Instruction.REL && i.mode == 64 && i.has(Instruction.OPERAND_SIZE)) return true;
        }
        boolean near = switch (InstructionInfo.of(i).flow()) {
            case JUMP, CALL, RETURN -> true;
            default -> false;
        };
        if (near && i.mode == 64 && i.has(Instruction.OPERAND_SIZE)) return true;
        // ENTER may probe what the new stack pointer names, with its alignment
        if (i.mnemonic == Mnemonic.ENTER) return (cpu.rflags() & Flags.AC) != 0;
        // REP and REPNE before LOOPE and LOOPNE: reserved, and AMD's processors let the prefix decide
        if (i.mnemonic == Mnemonic.LOOPE || i.mnemonic == Mnemonic.LOOPNE)
            return i.has(Instruction.REP) || i.has(Instruction.REPNE);
        // MOVSXD with 16-bit operands reads 32 bits on AMD's processors, 16 on Intel's
        if (i.mnemonic == Mnemonic.MOVSXD && i.operandSize == 2 && i.memoryOperand() >= 0) return true;
        // SHA's operands need not be aligned on AMD's processors
        if (InstructionInfo.of(i).unit() == InstructionInfo.Unit.SHA) return i.memoryOperand() >= 0;
        // a store of which no byte is chosen may fault or not
        if (i.mnemonic == Mnemonic.MASKMOVQ || i.mnemonic == Mnemonic.MASKMOVDQU || i.mnemonic == Mnemonic.VMASKMOVDQU)
            return true;
        // a prefetch of a register: #UD on AMD's processors, nothing on Intel's
        if (i.opcode == 0x101 && i.modrm >= 0xd8) return true; // SVM and other extensions of one vendor
        if (i.opcode == 0x10d && i.modrm >= 0xc0) return true;
        if (i.has(Instruction.VEX) && !cpu.model.has(CpuModel.Feature.AVX)) return true;
        return i.mnemonic == Mnemonic.INT && (i.imm & 0xff) == 0x80;
    }

    /** Whether it goes to, or loads, what only the host's descriptor tables and entry points can say. */
    private static boolean otherSegments(Instruction i) {
        return switch (InstructionInfo.of(i).flow()) {
            case FAR_JUMP, FAR_CALL, FAR_RETURN, INTERRUPT_RETURN, SYSTEM_CALL, SYSTEM_RETURN, HYPERVISOR -> true;
            default ->
                switch (i.mnemonic) {
                    case LDS, LES, LSS, LFS, LGS -> true;
                    default -> false;
                };
        };
    }

    /**
     * Whether it touches memory at several places or in several steps, so that the order of its faults and what is left
     * of it after one are the processor's own.
     */
    private static boolean several(Instruction i) {
        boolean two = i.operandCount > 1 && i.kind[0] == Instruction.MEM && i.kind[1] == Instruction.MEM;
        return two
                || IMAGES.contains(i.mnemonic)
                || switch (InstructionInfo.of(i).stack()) {
                    case ENTER, PUSH_ALL, POP_ALL -> true;
                    default -> false;
                };
    }

    /**
     * @return whether a repeated string instruction stores into its own bytes: how many more times it runs before the
     *     processor fetches it again is the processor's own
     */
    private static boolean overwritesItself(Cpu cpu, Instruction i) {
        if (i.mnemonic != Mnemonic.MOVS && i.mnemonic != Mnemonic.STOS
                || !i.has(Instruction.REP) && !i.has(Instruction.REPNE)) return false;
        long mask = i.addressSize == 8 ? -1L : 0xffff_ffffL;
        long to = cpu.gpr[Cpu.RDI] & mask;
        long bytes = Math.min(cpu.gpr[Cpu.RCX] & mask, 1 << 20) * i.operandSize;
        long first = (cpu.rflags() & Flags.DF) == 0 ? to : to - bytes + i.operandSize;
        return cpu.codeLinear() + i.length > first && cpu.codeLinear() < first + bytes;
    }

    /**
     * @param start linear address of the case's first instruction
     * @param bytes at the instruction where the reference stopped
     * @return whether the host's end is no statement about an instruction of ours: its hypervisor refused to enter user
     *     code with a stack pointer that is not canonical, or it executed direct stores (MOVDIRI, MOVDIR64B, ENQCMD,
     *     0F 38 F8 and F9), which no model has and the decoder calls invalid
     */
    static boolean notOurs(long start, Stop s, HostProcessor.Answer a, byte[] bytes) {
        long stack = a.gpr()[Cpu.RSP];
        if (a.vector() == GP && a.rip() == start && stack << 16 >> 16 != stack) return true;
        if (s.vector() != UD || a.vector() == UD && a.rip() == s.address()) return false;
        for (int i = 0; i + 2 < bytes.length; i++)
            if (bytes[i] == 0x0f) return bytes[i + 1] == 0x38 && (bytes[i + 2] & 0xfe) == 0xf8;
        return false;
    }

    /**
     * @param last the instruction that faulted, or null
     * @return whether the manuals leave open which of two ends a case has: an access that wraps around 4 GiB, one that
     *     is both unaligned and not mapped, an instruction that stores several times and faults in between, one with
     *     two operands that fault
     */
    static boolean either(Cpu cpu, Stop s, HostProcessor.Answer a, Instruction last) {
        boolean several = last != null && several(last);
        if (several && s.reason() == Stop.Reason.EXCEPTION) return true;
        // a near call whose target is not canonical and whose stack is neither, or cannot be written
        boolean call = last != null && last.mnemonic == Mnemonic.CALL;
        if (call && s.vector() == GP && a.vector() == SS) return true;
        if (call
                && s.vector() == GP
                && a.vector() == PF
                && a.cr2() - (cpu.gpr[Cpu.RSP] - 8) >= 0
                && a.cr2() - cpu.gpr[Cpu.RSP] < 0) return true;
        // opmask instructions, GFNI and whatever else the decoder knows, no model has, and this processor executes
        boolean refused = a.vector() == UD && a.rip() == s.address();
        if (s.vector() == UD && !refused && last != null && !FACTORY.knows(last.mnemonic)) return true;
        // a conversion to an MMX register that raises #XM: whether the x87 state has become MMX state already
        if (s.vector() == 19 && last != null && (last.kind[0] == Instruction.MMX || last.kind[1] == Instruction.MMX))
            return true;
        // an invalid instruction that reaches into a page that cannot be fetched from
        if (s.vector() == 6
                && a.vector() == PF
                && a.rip() == s.address()
                && (a.cr2() & 0xfff) == 0
                && a.cr2() - a.rip() < Instruction.MAX_LENGTH) return true;
        // the same the other way round: Intel's UD0 has a ModRM byte, and so perhaps a displacement, AMD's has none
        if (s.vector() == PF
                && a.vector() == 6
                && a.rip() == s.address()
                && (cpu.cr2 & 0xfff) == 0
                && cpu.cr2 - a.rip() < Instruction.MAX_LENGTH) return true;
        // a gather that is single-stepped and faults may end in the trap once it has gathered an element
        boolean gather = last != null && last.memoryOperand() >= 0 && last.memIndexSize != 0;
        if (gather && s.reason() == Stop.Reason.EXCEPTION && a.vector() == 1) return true;
        boolean edge = s.vector() == PF && !cpu.code64() && (cpu.cr2 >= 0xffff_ffc0L || cpu.cr2 < 0x40);
        // an alignment fault may come before a page fault, and in place of the #GP of FXSAVE and its like
        return edge || (s.vector() == PF || s.vector() == 13) && a.vector() == 17;
    }
}
