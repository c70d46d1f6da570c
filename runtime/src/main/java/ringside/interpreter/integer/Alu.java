package ringside.interpreter.integer;

import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.interpreter.core.GprAccess;

/**
 * The two-operand operations of the ALU and their flags. Operands may carry anything above their size; so may results.
 * The logical operations clear CF, OF and AF (AF is undefined by the manual; processors clear it).
 */
enum Alu {
    ADD(true) {
        @Override
        long apply(Cpu cpu, long a, long b, int size) {
            return flagsOfAdd(cpu, a, b, a + b, size);
        }
    },
    OR(true) {
        @Override
        long apply(Cpu cpu, long a, long b, int size) {
            return flagsOfLogic(cpu, a | b, size);
        }
    },
    ADC(true) {
        @Override
        long apply(Cpu cpu, long a, long b, int size) {
            return flagsOfAdd(cpu, a, b, a + b + (cpu.flagAux >>> 63), size);
        }
    },
    SBB(true) {
        @Override
        long apply(Cpu cpu, long a, long b, int size) {
            return flagsOfSub(cpu, a, b, a - b - (cpu.flagAux >>> 63), size);
        }
    },
    AND(true) {
        @Override
        long apply(Cpu cpu, long a, long b, int size) {
            return flagsOfLogic(cpu, a & b, size);
        }
    },
    SUB(true) {
        @Override
        long apply(Cpu cpu, long a, long b, int size) {
            return flagsOfSub(cpu, a, b, a - b, size);
        }
    },
    XOR(true) {
        @Override
        long apply(Cpu cpu, long a, long b, int size) {
            return flagsOfLogic(cpu, a ^ b, size);
        }
    },
    CMP(false) {
        @Override
        long apply(Cpu cpu, long a, long b, int size) {
            return flagsOfSub(cpu, a, b, a - b, size);
        }
    },
    TEST(false) {
        @Override
        long apply(Cpu cpu, long a, long b, int size) {
            return flagsOfLogic(cpu, a & b, size);
        }
    };

    /** Whether the result goes to the first operand. */
    final boolean writes;

    Alu(boolean writes) {
        this.writes = writes;
    }

    /** Computes and sets the six arithmetic flags. */
    abstract long apply(Cpu cpu, long a, long b, int size);

    static long flagsOfAdd(Cpu cpu, long a, long b, long r, int size) {
        cpu.flagResult = GprAccess.signExtend(r, size);
        cpu.flagAux = size == 8 ? Flags.addAux64(a, b, r) : Flags.addAux(a, b, r, size * 8);
        return r;
    }

    static long flagsOfSub(Cpu cpu, long a, long b, long r, int size) {
        cpu.flagResult = GprAccess.signExtend(r, size);
        cpu.flagAux = size == 8 ? Flags.subAux64(a, b, r) : Flags.subAux(a, b, r, size * 8);
        return r;
    }

    static long flagsOfLogic(Cpu cpu, long r, int size) {
        cpu.flagResult = GprAccess.signExtend(r, size);
        cpu.flagAux = 0;
        return r;
    }

    /** INC: as ADD 1, but CF is kept. */
    static long increment(Cpu cpu, long a, int size) {
        long old = cpu.flagAux;
        long r = flagsOfAdd(cpu, a, 1, a + 1, size);
        cpu.flagAux = Flags.keepCarry(cpu.flagAux, old);
        return r;
    }

    /** DEC: as SUB 1, but CF is kept. */
    static long decrement(Cpu cpu, long a, int size) {
        long old = cpu.flagAux;
        long r = flagsOfSub(cpu, a, 1, a - 1, size);
        cpu.flagAux = Flags.keepCarry(cpu.flagAux, old);
        return r;
    }

    static long negate(Cpu cpu, long a, int size) {
        return flagsOfSub(cpu, 0, a, -a, size);
    }
}
