package ringside.interpreter;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.fpu.FpuState;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.interpreter.core.Op;
import ringside.memory.PhysicalMemory;

/**
 * One case of the x87 recordings: the same generator as testdata/recorder/x87.c, run on a CPU of ours. A case is the
 * whole x87 state, arithmetic flags and a memory operand before an instruction; afterwards the same fields hold what
 * the instruction made of them.
 */
final class X87Case {
    private static final int OPERAND = 0x1000;
    private static final long[][] SPECIAL = {
        {0x0000, 0},
        {0x8000, 0},
        {0x3fff, 0x8000000000000000L},
        {0xbfff, 0x8000000000000000L},
        {0x7fff, 0x8000000000000000L},
        {0xffff, 0x8000000000000000L},
        {0x7fff, 0xc000000000000000L},
        {0xffff, 0xc000000000000000L},
        {0x7fff, 0xc000000000000001L},
        {0xffff, 0xdeadbeef00000000L},
        {0x7fff, 0x8000000000000001L},
        {0xffff, 0xbfffffffffffffffL},
        {0x7fff, 0x9eadbeef00000000L},
        {0x0000, 1},
        {0x8000, 0x7fffffffffffffffL},
        {0x0000, 0x4000000000000000L},
        {0x0000, 0x8000000000000000L},
        {0x8000, 0xc123456789abcdefL},
        {0x0001, 0x8000000000000000L},
        {0x8001, 0xffffffffffffffffL},
        {0x7ffe, 0xffffffffffffffffL},
        {0xfffe, 0x8000000000000000L},
        {0x3fff, 0x4000000000000000L},
        {0x0001, 0},
        {0xc000, 0x7fffffffffffffffL},
        {0x7fff, 0},
        {0xffff, 0x4000000000000000L},
        {0x7fff, 0x7fffffffffffffffL},
        {0x4000, 0xc90fdaa22168c235L},
        {0x3ffe, 0x8000000000000000L},
        {0x4000, 0x8000000000000000L},
        {0x403e, 0x8000000000000000L},
        {0xc03e, 0x8000000000000000L},
        {0x403d, 0xffffffffffffffffL},
        {0x401e, 0x8000000000000000L},
        {0xc01e, 0x8000000000000000L},
        {0x400e, 0x8000000000000000L},
        {0xc00e, 0x8000000000000000L},
        {0x401d, 0xfffffffe00000000L},
        {0x401d, 0xffffffff00000000L},
        {0x400d, 0xfffe800000000000L},
        {0xc00e, 0x8000800000000000L},
        {0x403a, 0xde0b6b3a7640000fL},
        {0x403a, 0xde0b6b3a763ffff8L},
        {0x3c01, 0x8000000000000000L},
        {0x3c00, 0xfffffffffffff800L},
        {0x3f81, 0x8000000000000000L},
        {0x3f80, 0xffffff0000000000L},
        {0x43fe, 0xfffffffffffff800L},
        {0x407e, 0xffffff0000000000L},
    };

    private final Cpu cpu = new Cpu(new PhysicalMemory(1 << 16), CpuModel.standard());
    private long seed;
    private int control, status, tags, flags;
    /** ST(0) to ST(7), and the memory operand. */
    private final int[] se = new int[9];

    private final long[] m = new long[9];
    private long tail;

    X87Case() {
        cpu.cr0 = Cpu.CR0_PE | Cpu.CR0_NE;
        cpu.efer = Cpu.EFER_LMA | Cpu.EFER_LME;
        cpu.seg[Cpu.CS].access = 0xa09b;
        cpu.updateMode();
        cpu.cr0 |= Cpu.CR0_PE;
    }

    Cpu cpu() {
        return cpu;
    }

    private long next() {
        seed += 0x9e3779b97f4a7c15L;
        long z = seed;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    private void number(int slot, int near) {
        long k = next();
        long v = next();
        int kind = (int) k & 15;
        if (kind < 3) {
            long[] s = SPECIAL[(int) Long.remainderUnsigned(k >>> 8, SPECIAL.length)];
            se[slot] = (int) s[0];
            m[slot] = s[1];
            return;
        }
        int e;
        if (kind < 5) {
            e = (int) (k >>> 16) & 0x7fff;
        } else if (kind < 9 && near >= 0) {
            e = near + (int) ((k >>> 16) % 9) - 4;
        } else if (kind < 12) {
            e = 0x3fff + (int) ((k >>> 16) % 140) - 70;
        } else if (kind < 14) {
            e = 0x3fff + (int) ((k >>> 16) % 8) - 4;
        } else if (kind == 14) {
            e = (int) ((k >>> 16) % 80);
        } else {
            e = 0x7ffe - (int) ((k >>> 16) % 80);
        }
        int shape = (int) (k >>> 40) & 7;
        switch (shape) {
            case 0 -> v = 0;
            case 1 -> v &= 0xfffffffffffff800L;
            case 2 -> v &= 0xffffff0000000000L;
            case 3 -> v = v << (v & 63) | 1;
            case 4 -> v = -1L << (v & 63);
            case 5 -> v = v & 0xffL << 56 | (v & 1) << 10 | (v & 2) << 38;
            default -> {}
        }
        e &= 0x7fff;
        if (e != 0 || shape > 3) v |= 0x8000000000000000L;
        se[slot] = e | (int) (k >>> 48 & 1) << 15;
        m[slot] = v;
    }

    /** @param memory bytes of the memory operand, 0 for none, 18 for packed BCD */
    void generate(long index, int memory) {
        seed = index * 0x2545f4914f6cdd1dL + 1;
        long k = next();
        control = 0x7f | (int) (k & 3) << 10;
        int p = (int) (k >>> 2) & 7;
        control |= (p == 0 ? 0 : p == 1 ? 2 : p == 2 ? 1 : 3) << 8;
        if ((k >>> 5 & 3) == 0) control &= ~(int) (k >>> 8 & 0x3f);
        int top = (int) (k >>> 16) & 7;
        status = top << 11
                | (int) (k >>> 20) & 0x4700
                | ((k >>> 36 & 7) == 0 ? 0x40 | (int) (k >>> 40) & control & 0x3f : 0);
        int empty = (k >>> 48 & 7) == 0 ? (int) (k >>> 51) & 0xff : 0;
        tags = 0;
        for (int r = 0; r < 8; r++) if ((empty >> r & 1) != 0) tags |= 3 << 2 * r;
        int near = -1;
        for (int i = 0; i < 8; i++) {
            number(i, near);
            if (i == 0) near = se[0] & 0x7fff;
        }
        long v = next();
        int e = near - 0x3fff + (int) (v & 7) - 4;
        long f = next();
        long n = next();
        m[8] = f;
        se[8] = (int) n & 0xffff;
        tail = 0;
        int shape = (int) (v >>> 8) & 7;
        if (memory == 4) {
            int w = (int) f;
            if (shape == 0) {
                w = w & 0x80000000
                        | ((v >>> 16 & 1) != 0 ? 0x7f800000 : 0)
                        | ((v >>> 17 & 1) != 0 ? w & 0x7fffff : 0)
                        | ((v >>> 18 & 1) != 0 ? 1 << (v >>> 20 & 31) : 0);
            } else if (shape < 5) {
                w = w & 0x807fffff | (e + 127 & 0xff) << 23;
            } else if (shape == 5) {
                w &= 0xffff8000;
            } else if (shape == 6) {
                w >>= (int) (v >>> 20) & 31;
            }
            m[8] = f & 0xffffffff00000000L | w & 0xffffffffL;
        } else if (memory == 8) {
            long w = f;
            if (shape == 0) {
                w = w & 1L << 63
                        | ((v >>> 16 & 1) != 0 ? 0x7ffL << 52 : 0)
                        | ((v >>> 17 & 1) != 0 ? w & 0xfffffffffffffL : 0)
                        | ((v >>> 18 & 1) != 0 ? 1L << (v >>> 20 & 63) : 0);
            } else if (shape < 5) {
                w = w & 0x800fffffffffffffL | (long) (e + 1023 & 0x7ff) << 52;
            } else if (shape == 5) {
                w &= 0xffffffff00000000L;
            } else if (shape == 6) {
                w >>= v >>> 20 & 63;
            }
            m[8] = w;
        } else if (memory == 10) {
            number(8, near);
        } else if (memory == 18) {
            long digits = 0;
            int top9 = 0;
            for (int i = 0; i < 9; i++) {
                int b = i < 8 ? (int) (m[8] >>> 8 * i) & 0xff : se[8] & 0xff;
                b = (n >>> 4 * i & 1) != 0 ? b & 0x77 : b % 10 | b / 16 % 10 << 4;
                if (i < 8) digits |= (long) b << 8 * i;
                else top9 = b;
            }
            m[8] = digits;
            se[8] = se[8] & 0x8000 | top9;
        }
        flags = 0x202 | (int) (v >>> 32) & 0x8d5;
    }

    static Op decode(String hex, CpuModel model) {
        byte[] bytes = java.util.HexFormat.of().parseHex(hex);
        Instruction i = new Instruction();
        int n = Decoder.decode(bytes, 0, bytes.length, 64, i);
        if (n != bytes.length) throw new AssertionError(hex + ": not decoded");
        return new OpFactory().create(i, Cpu.MODE_64 | Cpu.MODE_FLAT | Cpu.MODE_FPU | Cpu.MODE_SSE, model);
    }

    /** Executes the instruction (a memory operand at [rdi]) on the generated state and reads the state back. */
    void run(Op op) {
        cpu.fpStatus = status;
        FpuState.setControl(cpu, control);
        FpuState.setTagWord(cpu, tags);
        int top = FpuState.top(cpu);
        for (int i = 0; i < 8; i++) {
            cpu.fpExponent[top + i & 7] = se[i];
            cpu.fpMantissa[top + i & 7] = m[i];
        }
        cpu.setRflags(flags);
        cpu.gpr[Cpu.RDI] = OPERAND;
        cpu.physical.write(OPERAND, 8, m[8]);
        cpu.physical.write(OPERAND + 8, 8, se[8]);
        cpu.rip = 0x100 + op.length;
        op.execute(cpu);
        status = cpu.fpStatus;
        control = cpu.fpControl;
        tags = FpuState.tagWord(cpu);
        flags = (int) cpu.rflags() & 0x8d5;
        top = FpuState.top(cpu);
        for (int i = 0; i < 8; i++) {
            se[i] = cpu.fpExponent[top + i & 7];
            m[i] = cpu.fpMantissa[top + i & 7];
        }
        m[8] = cpu.physical.read(OPERAND, 8);
        tail = cpu.physical.read(OPERAND + 8, 8);
        se[8] = (int) tail & 0xffff;
    }

    private static long mix(long h, long v) {
        h = (h ^ v) * 0x9e3779b97f4a7c15L;
        return h ^ h >>> 29;
    }

    /** Folds the state after the instruction into a hash as the recorder does. */
    long hash(long h) {
        h = mix(h, control & 0xffffL | (long) status << 16 | (long) tags << 32 | (long) flags << 48);
        for (int i = 0; i < 8; i++) h = mix(mix(h, m[i]), se[i]);
        return mix(mix(h, m[8]), tail);
    }

    /** The state in the recorder's raw form. */
    String show() {
        StringBuilder s = new StringBuilder(String.format("%04x %04x %04x %03x", control, status, tags, flags));
        for (int i = 0; i < 9; i++) s.append(String.format(" %04x:%016x", se[i], m[i]));
        return s.toString();
    }
}
