package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import org.objectweb.asm.Label;
import ringside.cpu.Cpu;
import ringside.interpreter.core.Op;
import ringside.translator.analysis.Effects;
import ringside.translator.frontend.RegionPlan;
import ringside.translator.region.Link;
import ringside.translator.region.Region;
import ringside.translator.support.LazyFlags;

/**
 * Calls the interpreter's handler in the middle of a node: what it may read is stored to the CPU before, what it may
 * write is loaded after.
 */
final class HandlerEmitter {
    private HandlerEmitter() {}

    static void emit(Emission e) {
        Effects effects = Effects.of(e.op);
        call(e, effects);
        loaded(e, effects);
    }

    private static void call(Emission e, Effects effects) {
        Code c = e.c;
        Op op = e.op;
        e.mayFault();
        c.aload(Locals.CPU);
        e.pushRip(e.next);
        c.field(PUTFIELD, Names.CPU, "rip", "J");
        storeRegisters(e, effects.reads() & e.usage.written);
        // what writes flags may leave some as they are, and so reads them
        if (effects.readsFlags()) {
            e.usage.flags = true;
            e.usage.flagsWritten = true;
            storeFlags(e);
            c.aload(Locals.CPU).iconst(LazyFlags.AUX).field(PUTFIELD, Names.CPU, "flagKind", "I");
        }
        c.field(GETSTATIC, e.className(), "o" + e.usage.handler(op), Names.OP_TYPE);
        c.aload(Locals.CPU);
        Label start = new Label(), end = new Label();
        c.tryCatch(start, end, e.fault, Names.GUEST_FAULT);
        c.tryCatch(start, end, e.leave, Names.LEAVE_BLOCK);
        c.mark(start);
        c.invokeVirtual(Names.OP, "execute", "(Lringside/cpu/Cpu;)V");
        c.mark(end);
    }

    private static void loaded(Emission e, Effects effects) {
        loadRegisters(e, effects.writes() & e.usage.registers);
        if (effects.writesFlags()) {
            loadFlags(e);
            e.flags.loaded();
        }
    }

    /**
     * Calls the handler of an instruction that ends a node, where it may read the count of instructions, and goes on
     * unless it calls for attention.
     */
    static void emitContinuing(Emission e, RegionPlan.Node node, BranchEmitter.Targets targets) {
        Effects effects = Effects.of(e.op);
        storeBudget(e);
        call(e, effects);
        loaded(e, effects);
        switch (e.in.mnemonic) {
            case SWAPGS, WRGSBASE -> RegionEmitter.segmentBase(e.c, e.usage.gsBase, Cpu.GS, Locals.GS_BASE);
            case WRFSBASE -> RegionEmitter.segmentBase(e.c, e.usage.fsBase, Cpu.FS, Locals.FS_BASE);
            default -> {}
        }
        Label goesOn = new Label();
        e.c.aload(Locals.CPU).field(GETFIELD, Names.CPU, "attention", "Z").jump(IFEQ, goesOn);
        e.exitTo(e.next, Region.DONE);
        e.c.place(goesOn);
        BranchEmitter.follow(e, node.next(), e.next, targets);
    }

    /**
     * Calls the handler of an instruction that goes elsewhere or may change where the code is mapped, and leaves for
     * RIP by a link.
     */
    static void emitLeaving(Emission e) {
        storeBudget(e);
        call(e, Effects.of(e.op));
        e.c.iconst(e.link(new Link(false, Link.FAR, null))).op(IRETURN);
    }

    private static void storeBudget(Emission e) {
        e.c.aload(Locals.CPU).iload(Locals.BUDGET).op(I2L).field(PUTFIELD, Names.CPU, "budget", "J");
    }

    static void storeRegisters(Emission e, int set) {
        for (int r = 0; r < 16; r++) {
            if ((set >> r & 1) != 0)
                e.c.aload(Locals.GPR).iconst(r).lload(e.locals.register(r)).op(LASTORE);
        }
    }

    static void loadRegisters(Emission e, int set) {
        for (int r = 0; r < 16; r++) {
            if ((set >> r & 1) != 0) e.c.aload(Locals.GPR).iconst(r).op(LALOAD).lstore(e.locals.register(r));
        }
    }

    /** Stores the flags in the runtime's form. */
    private static void storeFlags(Emission e) {
        e.c.aload(Locals.CPU);
        e.flags.pushResult();
        e.c.field(PUTFIELD, Names.CPU, "flagResult", "J");
        e.c.aload(Locals.CPU);
        e.flags.pushAux();
        e.c.field(PUTFIELD, Names.CPU, "flagAux", "J");
    }

    /** Loads flags in the runtime's form; the kind is not set here. */
    private static void loadFlags(Emission e) {
        e.c.aload(Locals.CPU).field(GETFIELD, Names.CPU, "flagResult", "J").lstore(Locals.FLAG_RESULT);
        e.c.aload(Locals.CPU).field(GETFIELD, Names.CPU, "flagAux", "J").lstore(Locals.FLAG_A);
    }

    /** Leaves the flags as they are for the region that comes next; see {@link Cpu#flagKind}. */
    static void handFlagsOn(Emission e) {
        e.c.aload(Locals.CPU).lload(Locals.FLAG_RESULT).field(PUTFIELD, Names.CPU, "flagResult", "J");
        e.c.aload(Locals.CPU).lload(Locals.FLAG_A).field(PUTFIELD, Names.CPU, "flagAux", "J");
        e.c.aload(Locals.CPU).lload(Locals.FLAG_B).field(PUTFIELD, Names.CPU, "flagB", "J");
        e.c.aload(Locals.CPU).iload(Locals.FLAG_KIND).field(PUTFIELD, Names.CPU, "flagKind", "I");
    }

    /** Takes the flags as the region before left them. */
    static void takeFlags(Emission e) {
        loadFlags(e);
        e.c.aload(Locals.CPU).field(GETFIELD, Names.CPU, "flagB", "J").lstore(Locals.FLAG_B);
        e.c.aload(Locals.CPU).field(GETFIELD, Names.CPU, "flagKind", "I").istore(Locals.FLAG_KIND);
    }
}
