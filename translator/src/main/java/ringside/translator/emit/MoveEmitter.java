package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import org.objectweb.asm.Label;
import ringside.decoder.Instruction;

/**
 * MOV, MOVZX, MOVSX, MOVSXD, LEA, XCHG, BSWAP, CMOVcc, SETcc, and the conversions in the accumulator. Source: Intel SDM
 * vol. 2.
 */
final class MoveEmitter {
    private MoveEmitter() {}

    static boolean mov(Emission e) {
        if (!Operands.plain(e)) return false;
        Instruction in = e.in;
        int size = in.size[0];
        if (in.kind[0] == Instruction.MEM) {
            Operands.addressToWrite(e, size);
            e.pushMemory();
            e.c.lload(Locals.ADDRESS);
            if (in.kind[1] == Instruction.IMM) {
                Operands.pushImmediate(e, in.imm, size);
            } else {
                Operands.push(e, 1);
            }
            Operands.store(e, size);
            return true;
        }
        if (in.kind[1] == Instruction.IMM) {
            if (size == 4) {
                e.c.lconst(in.imm & 0xffff_ffffL);
                e.set(in.reg[0]);
                return true;
            }
            Operands.pushImmediate(e, in.imm, size);
        } else if (size == 4 && in.kind[1] == Instruction.GPR) {
            e.get(in.reg[1]);
            e.c.lconst(0xffff_ffffL).op(LAND);
            e.set(in.reg[0]);
            return true;
        } else {
            Operands.push(e, 1);
        }
        Operands.setRegister(e, 0);
        return true;
    }

    static boolean movzx(Emission e) {
        if (!Operands.plain(e)) return false;
        int from = e.in.size[1];
        Operands.push(e, 1);
        e.c.iconst(from == 1 ? 0xff : 0xffff).op(IAND);
        extended(e);
        return true;
    }

    static boolean movsx(Emission e) {
        if (!Operands.plain(e)) return false;
        if (e.in.size[1] == 8) return mov(e);
        Operands.push(e, 1);
        extended(e);
        return true;
    }

    private static void extended(Emission e) {
        if (e.in.size[0] == 8) e.c.op(I2L);
        Operands.setRegister(e, 0);
    }

    static boolean lea(Emission e) {
        if (e.in.kind[1] != Instruction.MEM || !e.mode64 && e.in.addressSize != 4) return false;
        int size = e.in.size[0];
        Operands.effectiveAddress(e);
        if (size == 4) {
            e.c.lconst(0xffff_ffffL).op(LAND);
            e.set(e.in.reg[0]);
            return true;
        }
        if (size != 8) e.c.op(L2I);
        Operands.setRegister(e, 0);
        return true;
    }

    static boolean xchg(Emission e) {
        if (!Operands.plain(e)) return false;
        Instruction in = e.in;
        int size = in.size[0];
        int m = in.kind[1] == Instruction.MEM ? 1 : 0;
        int r = 1 - m;
        Operands.pushForUpdate(e, m);
        Operands.storeLocal(e, size, AluEmitter.a(size));
        Operands.push(e, r);
        Operands.storeLocal(e, size, AluEmitter.b(size));
        Operands.write(e, m, AluEmitter.b(size));
        Operands.write(e, r, AluEmitter.a(size));
        return true;
    }

    static boolean bswap(Emission e) {
        int size = e.in.size[0];
        if (size < 4) return false;
        Operands.push(e, 0);
        if (size == 8) e.c.invokeStatic("java/lang/Long", "reverseBytes", "(J)J");
        else e.c.invokeStatic("java/lang/Integer", "reverseBytes", "(I)I");
        Operands.setRegister(e, 0);
        return true;
    }

    static boolean cmov(Emission e) {
        if (!Operands.plain(e)) return false;
        int size = e.in.size[0];
        int r = AluEmitter.r(size);
        Operands.push(e, 1);
        Operands.storeLocal(e, size, r);
        Label skip = new Label();
        if (size == 4) {
            // the destination's upper half is cleared whether or not the move happens
            Operands.push(e, 0);
            e.c.istore(Locals.I0);
            e.flags.jumpIf(e.in.condition() ^ 1, skip);
            e.c.iload(r).istore(Locals.I0);
            e.c.place(skip);
            e.c.iload(Locals.I0);
            Operands.setRegister(e, 0);
            return true;
        }
        e.usage.write(e.in.reg[0]);
        e.flags.jumpIf(e.in.condition() ^ 1, skip);
        Operands.loadLocal(e, size, r);
        Operands.setRegister(e, 0);
        e.c.place(skip);
        return true;
    }

    static boolean setcc(Emission e) {
        if (!Operands.plain(e)) return false;
        if (e.in.kind[0] == Instruction.MEM) Operands.addressToWrite(e, 1);
        Label skip = new Label();
        e.c.iconst(0).istore(Locals.I0);
        e.flags.jumpIf(e.in.condition() ^ 1, skip);
        e.c.iconst(1).istore(Locals.I0);
        e.c.place(skip);
        Operands.write(e, 0, Locals.I0);
        return true;
    }

    /** CBW, CWDE, CDQE: the operand size tells which. */
    static boolean convertInPlace(Emission e) {
        int size = e.in.operandSize;
        e.get(0);
        e.c.op(L2I);
        if (size == 2) e.c.op(I2B);
        if (size == 4) e.c.op(I2S);
        if (size == 8) e.c.op(I2L);
        Operands.setRegister(e, 0, size, false);
        return true;
    }

    /** CWD, CDQ, CQO. */
    static boolean convertToPair(Emission e) {
        int size = e.in.operandSize;
        e.get(0);
        if (size == 8) {
            e.c.iconst(63).op(LSHR);
        } else {
            e.c.op(L2I);
            if (size == 2) e.c.op(I2S);
            e.c.iconst(31).op(ISHR);
        }
        Operands.setRegister(e, 2, size, false);
        return true;
    }
}
