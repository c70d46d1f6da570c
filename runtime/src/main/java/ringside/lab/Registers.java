package ringside.lab;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.ToLongFunction;
import ringside.cpu.ControlRegisters;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.DebugTraps;
import ringside.cpu.Flags;
import ringside.cpu.MsrTable;
import ringside.cpu.XsaveLayout;
import ringside.cpu.fpu.FpuState;
import ringside.cpu.fpu.FxsaveImage;
import ringside.memory.GuestFault;

/**
 * The processor's registers by name, in the spelling of assemblers and debuggers: rax..r15 with eax, ax, al, ah and
 * r8d, r8w, r8b forms, rip, rflags (eflags, flags), the segment registers ({@link SegmentRegisters}), cr0 cr2 cr3 cr4
 * cr8, efer, dr0..dr3 dr6 dr7, gdtr_base, gdtr_limit, idtr_base, idtr_limit, xcr0, pkru, fcw, fsw, ftw, fip, fdp, fcs,
 * fds, fop, st0..st7 (80 bits, relative to TOP), fpr0..fpr7 (the same registers by their own numbers), mm0..mm7, mxcsr,
 * xmm0..xmm15, ymm0..ymm15, and msr_HEX.
 *
 * <p>A lane of a vector or MMX register is a register too: {@code xmm3.d2}, {@code ymm0.q3}, {@code mm1.w0}, with b, w,
 * d, q for 1, 2, 4, 8 bytes.
 *
 * <p>A value with a bit that the register does not have is refused; bits that are always one may be left out. What
 * follows from other state is computed: ES and B of FSW, and the tags of FTW, of which only "empty" counts.
 */
public final class Registers {
    private static final String[] LOW = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    private static final String[] BYTES = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "ah", "ch", "dh", "bh"};
    private static final BigInteger TWO64 = BigInteger.ONE.shiftLeft(64);
    /** RFLAGS bits that exist, without VM. */
    private static final long FLAGS = 0x3d_7fd5;

    private static final int EFER = 0xc000_0080;

    /** @param part it is a part of another one, or another name for it */
    record Register(int bits, boolean part, Function<Cpu, BigInteger> read, BiConsumer<Cpu, BigInteger> write) {}

    private static final Map<String, Register> TABLE = table();

    private Registers() {}

    // ---- use ----

    /**
     * Reads a register.
     *
     * @param cpu the processor
     * @param name the register
     * @return its value, unsigned
     * @throws LabException if there is no such register
     */
    public static BigInteger read(Cpu cpu, String name) {
        try {
            return find(name).read.apply(cpu);
        } catch (GuestFault f) {
            throw new LabException("register " + name + ": the processor has none (" + exception(cpu) + ")");
        }
    }

    /**
     * {@return the unsigned value that a register holds for a number, which may be negative in two's complement}
     *
     * @param name the register
     * @param value unsigned, or negative in two's complement
     * @throws LabException if there is no such register, or it is too small
     */
    public static BigInteger fitted(String name, BigInteger value) {
        int bits = find(name).bits;
        BigInteger v = value.signum() < 0 ? value.add(BigInteger.ONE.shiftLeft(bits)) : value;
        if (v.signum() < 0 || v.bitLength() > bits) {
            throw new LabException("register " + name + ": "
                    + (value.bitLength() > 600 ? "a number of " + value.bitLength() + " bits" : value)
                    + " does not fit into " + bits + " bits");
        }
        return v;
    }

    private static String exception(Cpu cpu) {
        String name = switch (cpu.faultVector) {
            case 6 -> "#UD";
            case 10 -> "#TS";
            case 11 -> "#NP";
            case 12 -> "#SS";
            case 13 -> "#GP";
            case 14 -> "#PF";
            default -> "exception " + cpu.faultVector;
        };
        return "it answers with " + name;
    }

    /**
     * Writes a register.
     *
     * @param cpu the processor
     * @param name the register
     * @param value unsigned, or negative in two's complement
     * @throws LabException if there is no such register, or it cannot hold the value
     */
    public static void write(Cpu cpu, String name, BigInteger value) {
        BigInteger v = fitted(name, value);
        try {
            find(name).write.accept(cpu, v);
        } catch (GuestFault f) {
            throw new LabException(
                    "register " + name + ": the processor does not accept " + hex(v) + " (" + exception(cpu) + ")");
        }
    }

    private static Register find(String name) {
        Register r = TABLE.get(name);
        if (r == null && name.startsWith("msr_")) r = msr(name);
        if (r == null && name.indexOf('.') > 0) r = lane(name);
        if (r == null)
            throw new LabException("unknown register '" + name
                    + "'; known are rax, eax, .. r15b, rip, rflags, ds, ds_base, ds_limit, st0, mm0, xmm0,"
                    + " ymm0, mxcsr, fcw, fsw, ftw, cr0, dr7, gdtr_base, idtr_base, tr, msr_HEX, ..");
        return r;
    }

    private static final java.util.regex.Pattern LANE =
            java.util.regex.Pattern.compile("([xy]?mm\\d+)\\.([bwdq])(\\d+)");

    /** @return a lane of a wide register, or null if it has none of that name */
    private static Register lane(String name) {
        java.util.regex.Matcher m = LANE.matcher(name);
        Register whole = m.matches() ? TABLE.get(m.group(1)) : null;
        if (whole == null || m.group(3).length() > 2) return null;
        int bits = 8 << "bwdq".indexOf(m.group(2));
        int shift = bits * Integer.parseInt(m.group(3));
        if (shift >= whole.bits) return null;
        BigInteger mask = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
        return new Register(
                bits,
                true,
                c -> whole.read.apply(c).shiftRight(shift).and(mask),
                (c, v) -> whole.write.accept(
                        c, whole.read.apply(c).andNot(mask.shiftLeft(shift)).or(v.shiftLeft(shift))));
    }

    private static final java.util.regex.Pattern ONLY_IN_64_BIT_MODE =
            java.util.regex.Pattern.compile("r(8|9|1[0-5])[dwb]?|[xy]mm(8|9|1[0-5])(\\..*)?|[sb]pl|[sd]il");

    /** @throws LabException if the mode has no register of this name */
    static void checkMode(String name, Mode mode) {
        if (mode != Mode.LONG && ONLY_IN_64_BIT_MODE.matcher(name).matches())
            throw new LabException("register " + name + ": there is none outside 64-bit mode");
    }

    /** @return whether a mode shows the register by a shorter name: eax for rax */
    private static boolean shownShorter(String name, Mode mode, Map<String, BigInteger> shown) {
        return mode != Mode.LONG && name.startsWith("r") && shown.containsKey("e" + name.substring(1));
    }

    private static final Map<String, Register> WIDE = shown(true),
            WIDE_AVX = withAvx(true),
            NARROW = shown(false),
            NARROW_AVX = withAvx(false);

    /**
     * @param set registers that were set, shown too if they are not among those or parts of them
     * @param asked shown in any case
     * @return all registers that show in a result: general, control, x87, MMX, vector
     */
    static Map<String, BigInteger> all(Cpu cpu, Mode mode, Iterable<String> set, Iterable<String> asked) {
        boolean avx = cpu.model.has(CpuModel.Feature.AVX);
        Map<String, Register> shown = mode == Mode.LONG ? avx ? WIDE_AVX : WIDE : avx ? NARROW_AVX : NARROW;
        Map<String, BigInteger> m = LinkedHashMap.newLinkedHashMap(shown.size());
        shown.forEach((n, r) -> m.put(n, r.read.apply(cpu)));
        for (String n : set) {
            if (!m.containsKey(n) && !find(n).part && !shownShorter(n, mode, m)) m.put(n, read(cpu, n));
        }
        for (String n : asked) {
            if (!m.containsKey(n)) m.put(n, read(cpu, n));
        }
        return m;
    }

    private static Map<String, Register> shown(boolean wide) {
        Map<String, Register> m = new LinkedHashMap<>();
        for (int i = 0; i < (wide ? 16 : 8); i++) show(m, i >= 8 ? "r" + i : (wide ? "r" : "e") + LOW[i]);
        show(m, wide ? "rip" : "eip");
        show(m, wide ? "rflags" : "eflags");
        for (String s : SegmentRegisters.NAMES) show(m, s);
        for (String s : new String[] {"fs_base", "gs_base", "cr0", "cr2", "cr4", "efer", "fcw", "fsw", "ftw"})
            show(m, s);
        for (int i = 0; i < 8; i++) show(m, "st" + i);
        for (int i = 0; i < 8; i++) show(m, "mm" + i);
        show(m, "mxcsr");
        for (int i = 0; i < (wide ? 16 : 8); i++) show(m, "xmm" + i);
        return m;
    }

    private static Map<String, Register> withAvx(boolean wide) {
        Map<String, Register> m = shown(wide);
        for (int i = 0; i < (wide ? 16 : 8); i++) show(m, "ymm" + i);
        return m;
    }

    private static void show(Map<String, Register> m, String name) {
        m.put(name, TABLE.get(name));
    }

    /** @return whether the name sets the stack pointer */
    static boolean isStackPointer(String name) {
        return name.equals("rsp") || name.equals("esp") || name.equals("sp");
    }

    static boolean isInstructionPointer(String name) {
        return name.equals("rip") || name.equals("eip") || name.equals("ip");
    }

    /** Classes of {@link #order}. */
    static final int ORDERS = 4;

    /**
     * @return 0 for what decides how later names are understood (descriptor tables), 1 for LDTR and TR, 2 for segment
     *     registers and x87 control, 3 for the rest
     */
    static int order(String name) {
        if (name.startsWith("gdtr_")) return 0;
        if (name.equals("ldtr") || name.equals("tr")) return 1;
        return name.length() == 2 && name.charAt(1) == 's'
                        || name.equals("fcw")
                        || name.equals("fsw")
                        || name.equals("ftw")
                ? 2
                : 3;
    }

    // ---- numbers ----

    static BigInteger unsigned(long v) {
        BigInteger b = BigInteger.valueOf(v);
        return v < 0 ? b.add(TWO64) : b;
    }

    private static BigInteger wide(long... lanes) {
        BigInteger v = BigInteger.ZERO;
        for (int i = lanes.length - 1; i >= 0; i--) v = v.shiftLeft(64).or(unsigned(lanes[i]));
        return v;
    }

    /**
     * {@return a number in hexadecimal, with {@code 0x} and without leading zeroes}
     *
     * @param v the number, unsigned
     */
    public static String hex(long v) {
        return "0x" + Long.toHexString(v);
    }

    /**
     * {@return a number of any width in hexadecimal, with {@code 0x} and without leading zeroes}
     *
     * @param v the number; a negative one gets a minus sign
     */
    public static String hex(BigInteger v) {
        if (v.signum() < 0) return "-" + hex(v.negate());
        if (v.bitLength() < 64) return hex(v.longValue());
        String digits = HexFormat.of().formatHex(v.toByteArray());
        int zeroes = 0;
        while (digits.charAt(zeroes) == '0') zeroes++;
        return "0x" + digits.substring(zeroes);
    }

    // ---- table ----

    static void add(
            Map<String, Register> m, String name, int bits, ToLongFunction<Cpu> read, ObjLongConsumer<Cpu> write) {
        m.put(
                name,
                new Register(
                        bits, false, c -> unsigned(read.applyAsLong(c)), (c, v) -> write.accept(c, v.longValue())));
    }

    private static void addPart(
            Map<String, Register> m, String name, int bits, ToLongFunction<Cpu> read, ObjLongConsumer<Cpu> write) {
        m.put(
                name,
                new Register(bits, true, c -> unsigned(read.applyAsLong(c)), (c, v) -> write.accept(c, v.longValue())));
    }

    /**
     * @param what the register's name
     * @return v with the bits that are always one
     * @throws LabException if it has others than these and {@code known}
     */
    private static long bits(String what, long v, long known, long ones) {
        long bad = v & ~(known | ones);
        if (bad != 0)
            throw new LabException(
                    "register " + what + ": bits " + hex(bad) + " are reserved and always zero; give " + hex(v & ~bad));
        return v | ones;
    }

    private static Map<String, Register> table() {
        Map<String, Register> m = new HashMap<>();
        for (int i = 0; i < 16; i++) general(m, i);
        add(m, "rip", 64, c -> c.rip, (c, v) -> c.rip = v);
        addPart(m, "eip", 32, c -> c.rip & 0xffff_ffffL, (c, v) -> c.rip = v);
        addPart(m, "ip", 16, c -> c.rip & 0xffff, (c, v) -> c.rip = v);
        for (String s : new String[] {"rflags", "eflags", "flags"}) {
            int width = s.startsWith("r") ? 64 : s.startsWith("e") ? 32 : 16;
            addPart(m, s, width, c -> c.rflags() & -1L >>> 64 - width, (c, v) -> {
                if ((v & Flags.VM) != 0)
                    throw new LabException("register " + s
                            + ": bit VM (0x20000) cannot be set; virtual-8086 mode is entered by IRET, see --board pc");
                c.setRflags(bits(s, v, FLAGS, 2) | (width == 16 ? c.rflags() & ~0xffffL : 0));
            });
        }
        SegmentRegisters.add(m);
        system(m);
        x87(m);
        add(m, "mxcsr", 32, c -> c.mxcsr, (c, v) -> {
            c.mxcsr = (int) bits("mxcsr", v, FxsaveImage.MXCSR_MASK, 0);
        });
        for (int i = 0; i < 16; i++) vector(m, i);
        return m;
    }

    private static void general(Map<String, Register> m, int n) {
        String low = n < 8 ? LOW[n] : "r" + n + "w";
        add(m, n < 8 ? "r" + LOW[n] : "r" + n, 64, c -> c.gpr[n], (c, v) -> c.gpr[n] = v);
        addPart(
                m,
                n < 8 ? "e" + LOW[n] : "r" + n + "d",
                32,
                c -> c.gpr[n] & 0xffff_ffffL,
                (c, v) -> part(c, n, 0, 0xffff_ffffL, v));
        addPart(m, low, 16, c -> c.gpr[n] & 0xffff, (c, v) -> part(c, n, 0, 0xffff, v));
        addPart(m, n < 8 ? BYTES[n] : "r" + n + "b", 8, c -> c.gpr[n] & 0xff, (c, v) -> part(c, n, 0, 0xff, v));
        if (n < 4) addPart(m, BYTES[8 + n], 8, c -> c.gpr[n] >> 8 & 0xff, (c, v) -> part(c, n, 8, 0xff, v));
    }

    private static void part(Cpu c, int n, int shift, long mask, long v) {
        c.gpr[n] = c.gpr[n] & ~(mask << shift) | (v & mask) << shift;
    }

    static long canonical(Cpu c, long v) {
        if (!c.canonical(v)) throw c.gp(0);
        return v;
    }

    private static void system(Map<String, Register> m) {
        add(
                m,
                "cr0",
                64,
                c -> c.cr0 & 0xffff_ffffL,
                (c, v) -> control(c, 0, v, c.cr0, (Cpu.CR0_PE | Cpu.CR0_PG) & 0xffff_ffffL));
        add(m, "cr2", 64, c -> c.cr2, (c, v) -> c.cr2 = v);
        add(m, "cr3", 64, c -> c.cr3, (c, v) -> write(c, 3, v));
        add(m, "cr4", 64, c -> c.cr4, (c, v) -> control(c, 4, v, c.cr4, Cpu.CR4_PAE | Cpu.CR4_LA57 | Cpu.CR4_PCIDE));
        add(m, "cr8", 64, c -> c.bus.taskPriority(), (c, v) -> write(c, 8, v));
        add(m, "efer", 64, c -> c.efer, (c, v) -> {
            if (((v ^ c.efer) & (Cpu.EFER_LME | Cpu.EFER_LMA)) != 0)
                throw new LabException("register efer: LME and LMA follow from the mode");
            MsrTable.write(c, EFER, v);
        });
        for (int i = 0; i < 8; i++) {
            int n = i;
            if (n == 4 || n == 5) continue;
            add(
                    m,
                    "dr" + n,
                    64,
                    c -> c.dr[n],
                    (c, v) -> c.dr[n] = n == 6
                            ? bits("dr6", v, 0xe00f, DebugTraps.DR6_ONES)
                            : n == 7 ? bits("dr7", v, 0xffff_23ffL, DebugTraps.DR7_ONES) : v);
        }
        add(m, "xcr0", 64, c -> c.xcr0, (c, v) -> {
            if ((v & 1) == 0 || (v & ~XsaveLayout.userComponents(c.model)) != 0 || (v & 6) == 4) throw c.gp(0);
            c.xcr0 = v;
        });
        add(m, "pkru", 32, c -> c.pkru & 0xffff_ffffL, (c, v) -> {
            if (!c.model.has(CpuModel.Feature.PKU)) throw c.gp(0);
            c.setProtectionKeys((int) v, c.pkrs);
        });
        add(m, "gdtr_base", 64, c -> c.gdtBase, (c, v) -> c.gdtBase = v);
        add(m, "gdtr_limit", 16, c -> c.gdtLimit, (c, v) -> c.gdtLimit = (int) v);
        add(m, "idtr_base", 64, c -> c.idtBase, (c, v) -> c.idtBase = v);
        add(m, "idtr_limit", 16, c -> c.idtLimit, (c, v) -> c.idtLimit = (int) v);
    }

    private static void control(Cpu c, int n, long v, long old, long fixed) {
        if (((v ^ old) & fixed) != 0)
            throw new LabException("register cr" + n + ": the bits for paging and protection (" + hex(fixed)
                    + ") follow from the mode");
        write(c, n, v);
    }

    /** Writes a control register whatever the privilege level is that the experiment starts at. */
    private static void write(Cpu c, int n, long v) {
        int cpl = c.cpl;
        c.cpl = 0;
        try {
            ControlRegisters.write(c, n, v);
        } finally {
            c.cpl = cpl;
            c.updateMode();
        }
    }

    private static Register msr(String name) {
        int n;
        try {
            n = Integer.parseUnsignedInt(name.substring(4), 16);
        } catch (NumberFormatException e) {
            return null;
        }
        return new Register(64, false, c -> unsigned(MsrTable.read(c, n)), (c, v) -> {
            if (n == EFER) throw new LabException("write the register as 'efer'");
            MsrTable.write(c, n, v.longValue());
        });
    }

    private static void x87(Map<String, Register> m) {
        add(m, "fcw", 16, c -> c.fpControl, (c, v) -> FpuState.setControl(c, (int) bits("fcw", v, 0x1f7f, 0x40)));
        add(m, "fsw", 16, c -> c.fpStatus, (c, v) -> FpuState.setStatus(c, (int) v));
        add(m, "ftw", 16, FpuState::tagWord, (c, v) -> FpuState.setTagWord(c, (int) v));
        add(m, "fip", 64, c -> c.fpIp, (c, v) -> c.fpIp = v);
        add(m, "fdp", 64, c -> c.fpDp, (c, v) -> c.fpDp = v);
        add(m, "fcs", 16, c -> c.fpCs, (c, v) -> c.fpCs = (int) v);
        add(m, "fds", 16, c -> c.fpDs, (c, v) -> c.fpDs = (int) v);
        add(m, "fop", 11, c -> c.fpOpcode, (c, v) -> c.fpOpcode = (int) v);
        for (int i = 0; i < 8; i++) {
            int n = i;
            m.put("st" + n, x87(false, c -> FpuState.top(c) + n & 7));
            m.put("fpr" + n, x87(true, c -> n));
            add(m, "mm" + n, 64, c -> c.fpMantissa[n], (c, v) -> {
                c.fpMantissa[n] = v;
                c.fpExponent[n] = 0xffff;
                c.fpTag &= ~(3 << 2 * n);
            });
        }
    }

    /** @param number of the register, which may depend on TOP */
    private static Register x87(boolean part, ToLongFunction<Cpu> number) {
        return new Register(
                80,
                part,
                c -> {
                    int r = (int) number.applyAsLong(c);
                    return unsigned(c.fpMantissa[r])
                            .or(BigInteger.valueOf(c.fpExponent[r] & 0xffff).shiftLeft(64));
                },
                (c, v) -> {
                    int r = (int) number.applyAsLong(c);
                    c.fpMantissa[r] = v.longValue();
                    c.fpExponent[r] = v.shiftRight(64).intValue();
                    c.fpTag &= ~(3 << 2 * r);
                });
    }

    private static void vector(Map<String, Register> m, int n) {
        m.put(
                "xmm" + n,
                new Register(128, false, c -> wide(c.vec[4 * n], c.vec[4 * n + 1]), (c, v) -> lanes(c, n, 2, v)));
        m.put(
                "ymm" + n,
                new Register(
                        256,
                        false,
                        c -> wide(c.vec[4 * n], c.vec[4 * n + 1], c.vec[4 * n + 2], c.vec[4 * n + 3]),
                        (c, v) -> lanes(c, n, 4, v)));
    }

    private static void lanes(Cpu c, int n, int count, BigInteger v) {
        for (int i = 0; i < count; i++) c.vec[4 * n + i] = v.shiftRight(64 * i).longValue();
    }
}
