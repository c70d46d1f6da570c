package ringside.translator.vectors;

import java.util.HexFormat;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Vector;
import ringside.cpu.fpu.FpuState;
import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.Mode;
import ringside.lab.Stop;
import ringside.machine.Machine;

/** Runs one form of testdata/vectors on an engine: the generator and the hash of vectors.c. */
final class VectorCase implements AutoCloseable {
    static final int BATCH = 64;
    private static final long BASE = 0x1000_0000L,
            DI = BASE + 0x400,
            MIDDLE = BASE + 0x800,
            CODE = BASE + 0x3000,
            END = BASE + 0x6fc0;
    private static final int[] SINGLES = {
        0,
        0x80000000,
        0x3f800000,
        0xbf800000,
        0x7f800000,
        0xff800000,
        0x7fc00000,
        0x7f800001,
        1,
        0x807fffff,
        0x00800000,
        0x7f7fffff,
        0x4f000000,
        0xcf000000,
        0x3f000000,
        0x5f000000
    };
    private static final long[] DOUBLES = {
        0,
        1L << 63,
        0x3ffL << 52,
        0xbffL << 52,
        0x7ffL << 52,
        0xfffL << 52,
        0x7ff8L << 48,
        (0x7ffL << 52) + 1,
        1,
        (0x801L << 52) - 1,
        1L << 52,
        (0x7ffL << 52) - 1,
        0x41eL << 52,
        0xc1eL << 52,
        0x3feL << 52,
        0x43eL << 52
    };

    private static final long[] SIGNIFICANDS = {0, 1L << 63, 3L << 62, (1L << 63) + 1, 1L << 62, 1, -1, Long.MAX_VALUE};

    private final Lab lab;
    private Cpu cpu;
    /** Guest linear address of the operand at RSI, and guest physical addresses of both. */
    private long siLinear, di, si;

    private String options;
    private boolean ymm, x87, end, stack, legacy, full;
    private long undefined;
    private long seed;

    VectorCase(Machine.EngineFactory engine, CpuModel model) {
        lab = new Lab(engine, model, 4 << 20);
    }

    /** Puts a form's code in place. @param options as in forms.txt */
    void form(String hex, String options) {
        this.options = options;
        ymm = has('y');
        end = has('e');
        x87 = has('f') || has('m');
        stack = has('s');
        legacy = has('l');
        full = ymm || end || x87 || stack || legacy || has('t');
        siLinear = end ? END : MIDDLE;
        Experiment e = new Experiment(legacy ? Mode.COMPAT : Mode.LONG)
                .cpl(3)
                .at(CODE)
                .code(HexFormat.of().parseHex(hex))
                .map(BASE, 0x1000, "rw")
                .map(BASE + 0x6000, 0x1000, "rw");
        cpu = lab.setUp(e.limit(100));
        di = cpu.mem.probe(DI);
        si = cpu.mem.probe(siLinear);
        undefined = 0;
        int u = options.indexOf('u');
        for (int i = u + 1; u >= 0 && i < options.length() && options.charAt(i) != ','; i++)
            undefined |= 1L << "C.P.A.ZS...O".indexOf(options.charAt(i));
    }

    private boolean has(char option) {
        return options.indexOf(option) >= 0;
    }

    private long next() {
        seed += 0x9e3779b97f4a7c15L;
        long z = seed;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    private long integer() {
        long k = next();
        long v = next();
        int n = (int) (k >>> 8) & 63;
        return switch ((int) k & 7) {
            case 0 -> v & 0xff;
            case 1 -> (int) v;
            case 2 -> -(k >>> 16 & 1);
            case 3 -> 1L << n;
            case 4 -> (1L << n) - 1;
            case 5 -> v >>> n;
            default -> v;
        };
    }

    private static long single(long k, long v) {
        int s = (k & 1) != 0
                ? SINGLES[(int) (k >>> 1) & 15]
                : (int) v & 0x807fffff | (int) (112 + (k >>> 1 & 31)) << 23;
        return s & 0xffff_ffffL;
    }

    private long lane() {
        long k = next();
        long v = next();
        return switch ((int) k & 7) {
            case 0, 1 -> single(k >>> 8, v) | single(k >>> 16, v >>> 32) << 32;
            case 2 -> DOUBLES[(int) (k >>> 8) & 15];
            case 3 -> v & 0x800fffffffffffffL | 1008 + (k >>> 8 & 31) << 52;
            case 4 -> -(k >>> 8 & 1);
            case 5 -> v & 0x00ff00ff00ff00ffL;
            default -> v;
        };
    }

    /** An 80-bit number into x87 register {@code r}. */
    private void extended(int r) {
        long k = next();
        long v = next();
        int kind = (int) (k >>> 8) & 7;
        int exponent = 0;
        long significand = v | Long.MIN_VALUE;
        switch ((int) k & 7) {
            case 0 -> {
                significand = SIGNIFICANDS[kind];
                exponent = (k >>> 11 & 1) != 0 ? 0x7fff : 0;
            }
            case 1 -> {
                significand = SIGNIFICANDS[kind];
                exponent = 0x3fff + (int) (k >>> 11 & 1);
            }
            case 2 -> {
                significand = v & -1L << (k >>> 8 & 63) | Long.MIN_VALUE;
                exponent = 0x3fff + (int) (k >>> 24 & 63);
            }
            case 3 -> exponent = 0x3fff - 40 + (int) (k >>> 24 & 127) % 80;
            case 4 -> {
                significand = v;
                exponent = (int) (k >>> 24) & 0x7fff;
            }
            case 5 -> {
                significand &= ~0x7ffL;
                exponent = 0x3fff - 1022 + (int) ((k >>> 24) % 2046);
            }
            default -> exponent = 0x3fff - 8 + (int) (k >>> 24 & 15);
        }
        cpu.fpMantissa[r] = significand;
        cpu.fpExponent[r] = exponent | (int) (k >>> 8) & 0x8000;
    }

    private void generateX87() {
        if (has('m')) {
            for (int i = 0; i < 8; i++) {
                cpu.fpMantissa[i] = lane();
                cpu.fpExponent[i] = 0xffff;
            }
            FpuState.setAbridgedTag(cpu, 0xff);
        }
        if (!has('f')) return;
        long f = next();
        int control = 0x37f;
        if ((f & 3) == 0) control = 0x40 | (int) (f >>> 8) & 0xf3f;
        if ((f >>> 2 & 1) == 0) control |= (int) (f >>> 8) & 0xf00;
        int status = (int) (f >>> 24) & 0x7f00;
        if ((f >>> 3 & 3) == 0) status |= (int) (f >>> 40) & control & 0x3f;
        if ((f >>> 3 & 15) == 0) status |= (int) (f >>> 40) & 0x7f;
        FpuState.setControl(cpu, control);
        FpuState.setStatus(cpu, status);
        FpuState.setAbridgedTag(cpu, (f >>> 5 & 1) != 0 ? 0xff : (int) (f >>> 48 | f >>> 56) & 0xff);
        for (int i = 0; i < 8; i++) extended(FpuState.top(cpu) + i & 7);
    }

    /** Cuts each element of XMM2 or YMM2 to its low bits. */
    private void limitIndex(String option, boolean dwords) {
        long m = (1L << Integer.parseInt(option.substring(1))) - 1;
        if (dwords) m |= m << 32;
        for (int i = 8; i < 12; i++) cpu.vec[i] &= m;
    }

    private void generate(long index) {
        seed = index * 0x2545f4914f6cdd1dL + 1;
        long rsp = cpu.gpr[Cpu.RSP];
        for (int i = 0; i < 16; i++) cpu.gpr[i] = integer();
        cpu.gpr[Cpu.RSP] = stack ? DI + 32 : rsp;
        long k = next();
        cpu.setRflags(0x202 | k & 0x8d5);
        cpu.mxcsr = (int)
                (0x1f80 | (k >>> 16 & 3) << 13 | (k >>> 18 & k >>> 19 & 1) << 15 | (k >>> 20 & k >>> 21 & 1) << 6);
        for (int i = 0; i < 16; i++) {
            cpu.vec[4 * i] = lane();
            cpu.vec[4 * i + 1] = lane();
            cpu.vec[4 * i + 2] = 0;
            cpu.vec[4 * i + 3] = 0;
        }
        for (int i = 0; i < 8; i++) cpu.physical.write(di + 8 * i, 8, lane());
        for (int i = 0; i < 8; i++) cpu.physical.write(si + 8 * i, 8, lane());
        cpu.gpr[Cpu.RSI] = siLinear;
        cpu.gpr[Cpu.RDI] = DI;
        for (int i = 0; i < 8 && legacy; i++) cpu.gpr[i] &= 0xffff_ffffL;
        FpuState.initAll(cpu);
        if (ymm) {
            for (int i = 0; i < 32; i++) cpu.vec[4 * (i >> 1) + 2 + (i & 1)] = lane();
        }
        if (has('t') && (k >>> 33 & 1) != 0) cpu.mxcsr &= (int) (~(k >>> 34 & 0x3f) << 7) | 0xe07f;
        generateX87();
        for (String o : options.split(",")) {
            if (o.startsWith("i")) limitIndex(o, true);
            if (o.startsWith("j")) limitIndex(o, false);
            if (o.startsWith("c")) cpu.gpr[Cpu.RCX] &= (1L << Integer.parseInt(o.substring(1))) - 1;
            if (o.equals("d")) cpu.gpr[Cpu.RDX] &= 15;
            if (o.equals("x") && (k >>> 32 & 1) != 0) {
                cpu.gpr[Cpu.RAX] = cpu.physical.read(di, 8);
                cpu.gpr[Cpu.RDX] = cpu.physical.read(di + 8, 8);
            }
        }
    }

    private static long mix(long h, long v) {
        h = (h ^ v) * 0x9e3779b97f4a7c15L;
        return h ^ h >>> 29;
    }

    private long hash(long h, int vector) {
        h = mix(h, vector);
        for (int i = 0; i < 8; i++) h = mix(mix(h, cpu.physical.read(di + 8 * i, 8)), cpu.physical.read(si + 8 * i, 8));
        if (end && vector == Vector.PF) h = mix(h, cpu.cr2);
        if (vector >= 0 && !full) return h;
        for (int i = 0; i < 16; i++) if (i != Cpu.RSP || stack) h = mix(h, cpu.gpr[i]);
        h = mix(h, cpu.rflags() & 0xcd5 & ~undefined);
        for (int i = 0; i < 16; i++) h = mix(mix(h, cpu.vec[4 * i]), cpu.vec[4 * i + 1]);
        h = mix(h, cpu.mxcsr);
        if (ymm) {
            for (int i = 0; i < 16; i++) h = mix(mix(h, cpu.vec[4 * i + 2]), cpu.vec[4 * i + 3]);
        }
        if (!x87) return h;
        h = mix(mix(mix(h, cpu.fpControl), cpu.fpStatus), FpuState.abridgedTag(cpu));
        for (int i = 0; i < 8; i++) {
            int r = FpuState.top(cpu) + i & 7;
            h = mix(mix(h, cpu.fpMantissa[r]), cpu.fpExponent[r]);
        }
        return h;
    }

    private int run(long index) {
        generate(index);
        Stop s = lab.again(CODE);
        return s.reason() == Stop.Reason.UNTIL ? -1 : s.vector();
    }

    /** @return the hash of 64 cases from {@code first}, as the recording has it */
    String batch(long first) {
        long h = 0;
        for (int i = 0; i < BATCH; i++) h = hash(h, run(first + i));
        return String.format("%08x", (int) (h >>> 32));
    }

    /** What a case can change and {@link InstructionInfo} speaks of, taken before or after it. */
    private record State(long[] gpr, long flags, long[] vec, long[] memory) {}

    private State state() {
        long[] memory = new long[16];
        for (int i = 0; i < 8; i++) {
            memory[i] = cpu.physical.read(di + 8 * i, 8);
            memory[i + 8] = cpu.physical.read(si + 8 * i, 8);
        }
        return new State(cpu.gpr.clone(), cpu.rflags() & InstructionInfo.ARITHMETIC, cpu.vec.clone(), memory);
    }

    /** Clears what lies behind the operand at RSI, where some forms write. */
    private void clearBehind() {
        for (int i = 8; i < 16 && !end; i++) cpu.physical.write(si + 8 * i, 8, 0);
    }

    private static int changed(long[] a, long[] b, int lanes) {
        int set = 0;
        for (int i = 0; i < 16 * lanes; i++) {
            if (a[i] != b[i]) set |= 1 << i / lanes;
        }
        return set;
    }

    /**
     * @param in the form's only instruction
     * @return how a case contradicts what is said of it, or null; the case is run twice, the second time with other
     *     values in all that is said not to be read
     */
    String contradiction(long index, Instruction in, InstructionInfo info) {
        generate(index);
        clearBehind();
        State before = state();
        if (lab.again(CODE).reason() != Stop.Reason.UNTIL) return null;
        State after = state();
        int written = info.registersWritten(in);
        int changed = changed(before.gpr, after.gpr, 1);
        if ((changed & ~written) != 0) return "writes registers " + Integer.toHexString(changed & ~written);
        long flags = (before.flags ^ after.flags) & ~info.flagsChanged();
        if (flags != 0) return "writes flags " + Long.toHexString(flags);
        if (changed(before.memory, after.memory, 1) != 0 && !info.writesMemory(in)) return "writes memory";
        int vectors = changed(before.vec, after.vec, 4) & ~vectorsWritten(in, info);
        if (vectors != 0) return "writes vectors " + Integer.toHexString(vectors);

        generate(index);
        clearBehind();
        int free = ~(info.registersRead(in) | 1 << Cpu.RSP | 1 << Cpu.RSI | 1 << Cpu.RDI) & 0xffff;
        if (legacy) free &= 0xff;
        if (partial(in, info)) free &= ~written;
        for (int i = 0; i < 16; i++) {
            if ((free >> i & 1) != 0) cpu.gpr[i] ^= legacy ? 0x5555_0f3cL : 0x5555_aaaa_0f0f_3c3cL;
        }
        long freeFlags = InstructionInfo.ARITHMETIC & ~(info.flagsRead() | info.flagsChanged() & ~info.flagsWritten());
        cpu.setRflags(cpu.rflags() ^ freeFlags);
        if (lab.again(CODE).reason() != Stop.Reason.UNTIL) return "faults by what it does not read";
        State other = state();
        int differ = changed(after.gpr, other.gpr, 1) & (written | ~free);
        if (differ != 0) return "reads more registers than it says, as shown by " + Integer.toHexString(differ);
        if (((after.flags ^ other.flags) & ~(freeFlags & ~info.flagsWritten())) != 0) return "reads more flags";
        if (changed(after.memory, other.memory, 1) != 0 || changed(after.vec, other.vec, 4) != 0)
            return "reads more than it says";
        return null;
    }

    /** Whether it may leave something of a register that it writes. */
    private static boolean partial(Instruction in, InstructionInfo info) {
        for (int k = 0; k < in.operandCount; k++) {
            boolean register = in.kind[k] == Instruction.GPR || in.kind[k] == Instruction.GPR_HIGH;
            if (register && info.writes(k) && (in.size[k] < 4 || info.mayLeave(k))) return true;
        }
        return in.operandCount == 0 || in.size[0] < 4 || info.registersWritten(in) == 1 << Cpu.RAX;
    }

    private static int vectorsWritten(Instruction in, InstructionInfo info) {
        int set = 0;
        for (int k = 0; k < in.operandCount; k++) {
            boolean vector = in.kind[k] == Instruction.XMM || in.kind[k] == Instruction.YMM;
            if (vector && info.writes(k)) set |= 1 << in.reg[k];
        }
        return switch (in.mnemonic) {
            case VZEROALL, VZEROUPPER -> 0xffff;
            case PCMPESTRM, PCMPISTRM, VPCMPESTRM, VPCMPISTRM -> 1;
            default -> set;
        };
    }

    /** @return the state after one case in the recorder's raw form */
    String show(long index) {
        int vector = run(index);
        StringBuilder s = new StringBuilder(index + " vector " + vector);
        if (end) s.append(String.format(" address %x", vector == Vector.PF ? cpu.cr2 : 0));
        if (vector < 0 || full) {
            for (int i = 0; i < 16; i++) if (i != Cpu.RSP || stack) s.append(String.format(" %016x", cpu.gpr[i]));
            s.append(String.format(" flags %03x", cpu.rflags() & 0xcd5 & ~undefined));
            for (int i = 0; i < 16; i++) s.append(String.format(" %016x%016x", cpu.vec[4 * i + 1], cpu.vec[4 * i]));
            s.append(String.format(" mxcsr %04x", cpu.mxcsr));
            for (int i = 0; ymm && i < 16; i++)
                s.append(String.format(" %016x%016x", cpu.vec[4 * i + 3], cpu.vec[4 * i + 2]));
            if (x87)
                s.append(String.format(" x87 %04x %04x %02x", cpu.fpControl, cpu.fpStatus, FpuState.abridgedTag(cpu)));
            for (int i = 0; x87 && i < 8; i++) {
                int r = FpuState.top(cpu) + i & 7;
                s.append(String.format(" %04x:%016x", cpu.fpExponent[r], cpu.fpMantissa[r]));
            }
        }
        for (int i = 0; i < 8; i++) s.append(String.format(" %016x", cpu.physical.read(di + 8 * i, 8)));
        for (int i = 0; i < 8; i++) s.append(String.format(" %016x", cpu.physical.read(si + 8 * i, 8)));
        return s.toString();
    }

    @Override
    public void close() {
        lab.close();
    }
}
