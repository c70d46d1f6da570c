package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import ringside.interpreter.Op;
import ringside.translator.analysis.Effects;

/** Calls the interpreter's handler in the middle of a node: what it may read is stored to the CPU before, what it may write is loaded after. */
final class HandlerEmitter {
    private HandlerEmitter() {}

    static void emit(Emission e) {
        Code c = e.c;
        Op op = e.op;
        Effects effects = Effects.of(e.in);
        e.mayFault();
        c.aload(Locals.CPU);
        e.pushRip(e.next);
        c.field(PUTFIELD, Names.CPU, "rip", "J");
        storeRegisters(e, effects.reads() & e.usage.written);
        if (effects.readsFlags() && e.usage.flagsWritten) storeFlags(e);
        c.field(GETSTATIC, e.className(), "o" + e.usage.handler(op), Names.OP_TYPE);
        c.aload(Locals.CPU).invokeVirtual(Names.OP, "execute", "(Lringside/cpu/Cpu;)V");
        loadRegisters(e, effects.writes() & e.usage.registers);
        if (effects.writesFlags() && e.usage.flags) {
            loadFlags(e);
            e.flags.loaded();
        }
    }

    static void storeRegisters(Emission e, int set) {
        for (int r = 0; r < 16; r++) {
            if ((set >> r & 1) != 0) e.c.aload(Locals.GPR).iconst(r).lload(e.locals.register(r)).op(LASTORE);
        }
    }

    static void loadRegisters(Emission e, int set) {
        for (int r = 0; r < 16; r++) {
            if ((set >> r & 1) != 0) e.c.aload(Locals.GPR).iconst(r).op(LALOAD).lstore(e.locals.register(r));
        }
    }

    static void storeFlags(Emission e) {
        e.c.aload(Locals.CPU);
        e.flags.pushResult();
        e.c.field(PUTFIELD, Names.CPU, "flagResult", "J");
        e.c.aload(Locals.CPU);
        e.flags.pushAux();
        e.c.field(PUTFIELD, Names.CPU, "flagAux", "J");
    }

    /** Loads result and aux; the kind is not set here. */
    static void loadFlags(Emission e) {
        e.c.aload(Locals.CPU).field(GETFIELD, Names.CPU, "flagResult", "J").lstore(Locals.FLAG_RESULT);
        e.c.aload(Locals.CPU).field(GETFIELD, Names.CPU, "flagAux", "J").lstore(Locals.FLAG_A);
    }
}
