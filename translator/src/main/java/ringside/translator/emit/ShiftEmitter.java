package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import org.objectweb.asm.Label;
import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.interpreter.integer.Shifts;

/**
 * SHL, SHR, SAR, ROL, ROR by an immediate or CL, through the functions of {@link Shifts}; BT of a register. Source:
 * Intel SDM vol. 2.
 */
final class ShiftEmitter {
    private static final String SHIFTS = "ringside/interpreter/integer/Shifts";

    private ShiftEmitter() {}

    static boolean shl(Emission e) {
        return shift(e, "shl", false);
    }

    static boolean shr(Emission e) {
        return shift(e, "shr", false);
    }

    static boolean sar(Emission e) {
        return shift(e, "sar", false);
    }

    static boolean rol(Emission e) {
        return shift(e, "rol", true);
    }

    static boolean ror(Emission e) {
        return shift(e, "ror", true);
    }

    private static boolean shift(Emission e, String name, boolean rotate) {
        if (!Operands.plain(e)) return false;
        Instruction in = e.in;
        Code c = e.c;
        int size = in.size[0];
        boolean immediate = in.kind[1] == Instruction.IMM;
        if (immediate && Shifts.count(in.imm, size) == 0) return false;
        Operands.pushForUpdate(e, 0);
        Operands.zeroExtend(e, size);
        c.lstore(Locals.L0);
        Label done = new Label();
        if (immediate) {
            c.iconst(Shifts.count(in.imm, size)).istore(Locals.I0);
        } else {
            e.get(Cpu.RCX);
            c.op(L2I).iconst(size == 8 ? 63 : 31).op(IAND).istore(Locals.I0);
            c.lload(Locals.L0).lstore(Locals.L2);
            c.iload(Locals.I0).jump(IFEQ, done);
        }
        c.lload(Locals.L0)
                .iload(Locals.I0)
                .iconst(size)
                .invokeStatic(SHIFTS, name, "(JII)J")
                .lstore(Locals.L2);
        if (e.flagsLive) {
            if (rotate) {
                e.flags.pushAux();
                c.lload(Locals.L2).iconst(size).invokeStatic(SHIFTS, name + "Aux", "(JJI)J");
                e.flags.aux();
            } else {
                result(e, size);
                c.lload(Locals.L0)
                        .iload(Locals.I0)
                        .lload(Locals.L2)
                        .iconst(size)
                        .invokeStatic(SHIFTS, name + "Aux", "(JIJI)J");
                e.flags.resultAndAux(size, AluEmitter.r(size));
            }
        }
        if (!immediate) {
            c.place(done);
            if (e.flagsLive) e.flags.reset();
        }
        result(e, size);
        Operands.write(e, 0, AluEmitter.r(size));
        return true;
    }

    /** Brings the zero-extended result in L2 into the form and place of the operand size. */
    private static void result(Emission e, int size) {
        if (size == 8) return;
        e.c.lload(Locals.L2).op(L2I);
        Operands.extend(e, size);
        e.c.istore(Locals.I2);
    }

    /** BT of a register: CF is the bit, the other flags stay. */
    static boolean bt(Emission e) {
        Instruction in = e.in;
        if (!Operands.plain(e) || in.kind[0] != Instruction.GPR) return false;
        if (!e.flagsLive) return true;
        int bits = 8 * in.size[0];
        Code c = e.c;
        e.flags.pushAux();
        e.get(in.reg[0]);
        if (in.kind[1] == Instruction.IMM) {
            c.iconst((int) in.imm & bits - 1);
        } else {
            e.get(in.reg[1]);
            c.op(L2I).iconst(bits - 1).op(IAND);
        }
        c.op(LUSHR, L2I).iconst(1).op(IAND).invokeStatic(Names.FLAGS, "withCarry", "(JZ)J");
        e.flags.aux();
        return true;
    }
}
