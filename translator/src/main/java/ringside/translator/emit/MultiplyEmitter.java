package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;

/**
 * MUL and IMUL. With two or three operands the product is cut to the size; with one it goes to RDX:RAX (inlined for 32
 * and 64 bits). CF and OF say whether the upper half holds anything, the other flags stay. Source: Intel SDM vol. 2.
 */
final class MultiplyEmitter {
    private MultiplyEmitter() {}

    static boolean imul(Emission e) {
        Instruction in = e.in;
        if (in.operandCount < 2) return wide(e, true);
        if (!Operands.plain(e)) return false;
        int size = in.size[0];
        Code c = e.c;
        Operands.push(e, 1);
        if (size != 8) c.op(I2L);
        c.lstore(Locals.L1);
        if (in.operandCount == 3) {
            c.lconst(in.imm);
        } else {
            Operands.push(e, 0);
            if (size != 8) c.op(I2L);
        }
        c.lstore(Locals.L0);
        c.lload(Locals.L0).lload(Locals.L1).op(LMUL).lstore(Locals.L2);
        if (e.flagsLive) {
            e.flags.pushAux();
            c.lload(Locals.L0).lload(Locals.L1).lload(Locals.L2).iconst(size);
            c.invokeStatic(Names.ARITHMETIC, "multiplyAux", "(JJJJI)J");
            e.flags.aux();
        }
        c.lload(Locals.L2);
        if (size != 8) c.op(L2I);
        Operands.setRegister(e, 0);
        return true;
    }

    static boolean mul(Emission e) {
        return wide(e, false);
    }

    private static boolean wide(Emission e, boolean signed) {
        int size = e.in.size[0];
        if (size < 4 || !Operands.plain(e)) return false;
        Code c = e.c;
        Operands.push(e, 0);
        extend(e, size, signed);
        c.lstore(Locals.L1);
        e.get(Cpu.RAX);
        if (size == 4) {
            c.op(L2I);
            extend(e, size, signed);
        }
        c.lstore(Locals.L0);
        c.lload(Locals.L0).lload(Locals.L1).op(LMUL).lstore(Locals.L2);
        // the upper half, into L0
        if (size == 8) {
            c.lload(Locals.L0).lload(Locals.L1);
            c.invokeStatic("java/lang/Math", signed ? "multiplyHigh" : "unsignedMultiplyHigh", "(JJ)J");
        } else {
            c.lload(Locals.L2).iconst(32).op(LUSHR);
        }
        c.lstore(Locals.L0);
        if (e.flagsLive) {
            e.flags.pushAux();
            c.lload(Locals.L0).lload(Locals.L2);
            c.invokeStatic(Names.ARITHMETIC, (signed ? "signed" : "unsigned") + "WideAux" + 8 * size, "(JJJ)J");
            e.flags.aux();
        }
        c.lload(Locals.L2);
        if (size == 4) c.lconst(0xffff_ffffL).op(LAND);
        e.set(Cpu.RAX);
        c.lload(Locals.L0);
        e.set(Cpu.RDX);
        return true;
    }

    /** Makes a long of the value on the stack. */
    private static void extend(Emission e, int size, boolean signed) {
        if (size == 8) return;
        e.c.op(I2L);
        if (!signed) e.c.lconst(0xffff_ffffL).op(LAND);
    }
}
