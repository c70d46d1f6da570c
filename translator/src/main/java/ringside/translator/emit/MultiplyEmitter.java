package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import ringside.decoder.Instruction;

/**
 * IMUL with two or three operands: the product cut to the size; CF and OF say whether that lost something, the other
 * flags stay. Source: Intel SDM vol. 2.
 */
final class MultiplyEmitter {
    private MultiplyEmitter() {}

    static boolean imul(Emission e) {
        Instruction in = e.in;
        if (in.operandCount < 2 || !Operands.plain(e)) return false;
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
}
