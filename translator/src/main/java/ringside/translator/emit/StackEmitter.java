package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;

/** PUSH, POP, LEAVE with the full stack width of the mode (RSP, or ESP on a flat stack). Source: Intel SDM vol. 2. */
final class StackEmitter {
    private StackEmitter() {}

    /** @return bytes of a stack slot if the instruction uses the mode's full width, otherwise 0 */
    static int width(Emission e) {
        int w = e.mode64 ? 8 : 4;
        return e.in.operandSize == w ? w : 0;
    }

    /** Pushes the stack pointer plus delta, wrapped to the mode. */
    static void pointer(Emission e, int delta) {
        e.get(Cpu.RSP);
        if (delta != 0) e.c.lconst(delta).op(LADD);
        if (!e.mode64) e.c.lconst(0xffff_ffffL).op(LAND);
    }

    /** Pops the value in the local (int or long by width) to the guest's stack: the store, then the stack pointer. */
    static void pushLocal(Emission e, int width, int local) {
        pointer(e, -width);
        Operands.toWrite(e, width);
        Operands.store(e, width, local);
        e.c.lload(Locals.ADDRESS);
        e.set(Cpu.RSP);
    }

    static boolean push(Emission e) {
        Instruction in = e.in;
        int width = width(e);
        if (width == 0 || !Operands.plain(e)) return false;
        int local = AluEmitter.a(width);
        if (in.kind[0] == Instruction.IMM) {
            Operands.pushImmediate(e, in.imm, width);
        } else if (in.size[0] == width) {
            Operands.push(e, 0);
        } else {
            return false;
        }
        Operands.storeLocal(e, width, local);
        pushLocal(e, width, local);
        return true;
    }

    /** Loads the top of stack into the local. */
    static void load(Emission e, int width, int local) {
        pointer(e, 0);
        Operands.toRead(e, width);
        Operands.load(e, width);
        Operands.storeLocal(e, width, local);
    }

    static boolean pop(Emission e) {
        Instruction in = e.in;
        int width = width(e);
        if (width == 0 || in.kind[0] != Instruction.GPR || in.size[0] != width) return false;
        int local = AluEmitter.a(width);
        load(e, width, local);
        pointer(e, width);
        e.set(Cpu.RSP);
        Operands.loadLocal(e, width, local);
        Operands.setRegister(e, 0);
        return true;
    }

    /** Tells the shadow stack that the stack pointer was raised; see {@link ringside.interpreter.core.StackEffect}. */
    static void raised(Emission e) {
        pushShadow(e);
        pointer(e, 0);
        e.c.invokeVirtual(Names.SHADOW, "raised", "(J)V");
    }

    static void pushShadow(Emission e) {
        e.c.aload(Locals.CPU).field(GETFIELD, Names.CPU, "shadow", "L" + Names.SHADOW + ";");
    }

    static boolean leave(Emission e) {
        int width = width(e);
        if (width == 0) return false;
        int local = AluEmitter.a(width);
        e.get(Cpu.RBP);
        if (!e.mode64) e.c.lconst(0xffff_ffffL).op(LAND);
        Operands.toRead(e, width);
        Operands.load(e, width);
        Operands.storeLocal(e, width, local);
        e.c.lload(Locals.ADDRESS).lconst(width).op(LADD);
        if (!e.mode64) e.c.lconst(0xffff_ffffL).op(LAND);
        e.set(Cpu.RSP);
        Operands.loadLocal(e, width, local);
        Operands.setRegister(e, Cpu.RBP, width, false);
        return true;
    }
}
