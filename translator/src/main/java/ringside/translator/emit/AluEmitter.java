package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import ringside.decoder.Instruction;
import ringside.translator.support.LazyFlags;

/** ADD, ADC, SUB, SBB, CMP, AND, OR, XOR, TEST, INC, DEC, NEG, NOT. Source: Intel SDM vol. 2. */
final class AluEmitter {
    private AluEmitter() {}

    /** Scratch locals of an operand size: left, right, result. */
    static int a(int size) {
        return size == 8 ? Locals.L0 : Locals.I0;
    }

    static int b(int size) {
        return size == 8 ? Locals.L1 : Locals.I1;
    }

    static int r(int size) {
        return size == 8 ? Locals.L2 : Locals.I2;
    }

    /** Loads both operands into their scratch locals; the destination for update if it will be written. */
    private static void operands(Emission e, boolean update) {
        int size = e.in.size[0];
        if (update) {
            Operands.pushForUpdate(e, 0);
        } else {
            Operands.push(e, 0);
        }
        Operands.storeLocal(e, size, a(size));
        if (e.in.kind[1] == Instruction.IMM) {
            Operands.pushImmediate(e, e.in.imm, size);
        } else {
            Operands.push(e, 1);
        }
        Operands.storeLocal(e, size, b(size));
    }

    /** Applies a two-operand opcode to the scratch locals, leaving the result, sign-extended, in its own. */
    private static void compute(Emission e, int intOpcode, int size) {
        Operands.loadLocal(e, size, a(size));
        Operands.loadLocal(e, size, b(size));
        e.c.op(size == 8 ? intOpcode + 1 : intOpcode);
        if (size != 8) Operands.extend(e, size);
        Operands.storeLocal(e, size, r(size));
    }

    static boolean add(Emission e) {
        return arithmetic(e, IADD, LazyFlags.ADD, true);
    }

    static boolean sub(Emission e) {
        return arithmetic(e, ISUB, LazyFlags.SUB, true);
    }

    static boolean cmp(Emission e) {
        return arithmetic(e, ISUB, LazyFlags.SUB, false);
    }

    private static boolean arithmetic(Emission e, int opcode, int source, boolean write) {
        if (!Operands.plain(e)) return false;
        int size = e.in.size[0];
        operands(e, write);
        compute(e, opcode, size);
        if (write) Operands.write(e, 0, r(size));
        e.flags.arithmetic(source, size, a(size), b(size), r(size));
        return true;
    }

    static boolean adc(Emission e) {
        return withCarry(e, IADD, "addAux");
    }

    static boolean sbb(Emission e) {
        return withCarry(e, ISUB, "subAux");
    }

    private static boolean withCarry(Emission e, int opcode, String aux) {
        if (!Operands.plain(e)) return false;
        int size = e.in.size[0];
        operands(e, true);
        Operands.loadLocal(e, size, a(size));
        Operands.loadLocal(e, size, b(size));
        e.c.op(size == 8 ? opcode + 1 : opcode);
        e.flags.pushCarry();
        if (size == 8) e.c.op(I2L);
        e.c.op(size == 8 ? opcode + 1 : opcode);
        if (size != 8) Operands.extend(e, size);
        Operands.storeLocal(e, size, r(size));
        Operands.write(e, 0, r(size));
        if (e.flagsLive) {
            pushLong(e, size, a(size));
            pushLong(e, size, b(size));
            pushLong(e, size, r(size));
            e.c.invokeStatic(Names.LAZY_FLAGS, aux, "(JJJ)J");
            e.flags.resultAndAux(size, r(size));
        }
        return true;
    }

    static void pushLong(Emission e, int size, int local) {
        Operands.loadLocal(e, size, local);
        if (size != 8) e.c.op(I2L);
    }

    static boolean and(Emission e) {
        return logic(e, IAND, true);
    }

    static boolean or(Emission e) {
        return logic(e, IOR, true);
    }

    static boolean xor(Emission e) {
        return logic(e, IXOR, true);
    }

    static boolean test(Emission e) {
        return logic(e, IAND, false);
    }

    private static boolean logic(Emission e, int opcode, boolean write) {
        if (!Operands.plain(e)) return false;
        int size = e.in.size[0];
        if (opcode == IXOR && Operands.same(e.in, 0, 1)) {
            if (size == 8) e.c.lconst(0);
            else e.c.iconst(0);
            Operands.storeLocal(e, size, r(size));
        } else if (opcode == IAND && !write && Operands.same(e.in, 0, 1)) {
            Operands.push(e, 0);
            Operands.storeLocal(e, size, r(size));
        } else {
            operands(e, write);
            compute(e, opcode, size);
        }
        if (write) Operands.write(e, 0, r(size));
        e.flags.logic(size, r(size));
        return true;
    }

    static boolean inc(Emission e) {
        return step(e, IADD, LazyFlags.INC);
    }

    static boolean dec(Emission e) {
        return step(e, ISUB, LazyFlags.DEC);
    }

    private static boolean step(Emission e, int opcode, int kind) {
        if (!Operands.plain(e)) return false;
        int size = e.in.size[0];
        Operands.pushForUpdate(e, 0);
        if (size == 8) {
            e.c.lconst(1).op(opcode + 1);
        } else {
            e.c.iconst(1).op(opcode);
            Operands.extend(e, size);
        }
        Operands.storeLocal(e, size, r(size));
        Operands.write(e, 0, r(size));
        e.flags.step(kind, size, r(size));
        return true;
    }

    static boolean neg(Emission e) {
        if (!Operands.plain(e)) return false;
        int size = e.in.size[0];
        Operands.pushForUpdate(e, 0);
        Operands.storeLocal(e, size, b(size));
        if (size == 8) e.c.lconst(0);
        else e.c.iconst(0);
        Operands.storeLocal(e, size, a(size));
        compute(e, ISUB, size);
        Operands.write(e, 0, r(size));
        e.flags.arithmetic(LazyFlags.SUB, size, a(size), b(size), r(size));
        return true;
    }

    static boolean not(Emission e) {
        if (!Operands.plain(e)) return false;
        int size = e.in.size[0];
        Operands.pushForUpdate(e, 0);
        if (size == 8) e.c.lconst(-1).op(LXOR);
        else e.c.iconst(-1).op(IXOR);
        Operands.storeLocal(e, size, r(size));
        Operands.write(e, 0, r(size));
        return true;
    }
}
