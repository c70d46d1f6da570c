package ringside.cpu;

import ringside.memory.GuestFault;
import ringside.shadow.ShadowEntry;

/**
 * Delivery of exceptions, interrupts and NMI: which vector finally gets delivered (double and triple faults), and the
 * entry through the real-mode interrupt table or the IDT. The registers change only when the whole entry has succeeded,
 * so a fault during delivery finds the interrupted state whole. Source: Intel SDM vol. 3, chapter 6; vol. 2, INT n.
 */
public final class Interrupts {
    /** Error code value for "none is pushed". */
    private static final int NO_ERROR = -1;

    private static final int EXTERNAL_EVENT = 1, IDT = 2;
    private static final int IN_PLACE = 64;

    /** Where an event comes from; decides privilege checks and the EXT bit. */
    private enum Source {
        /** INT n. */
        SOFTWARE,
        /** INT3 and INTO: gate DPL is checked, IOPL in virtual-8086 mode is not. */
        SOFTWARE_EXCEPTION,
        /** Faults, traps, INT1, external interrupts, NMI. */
        HARDWARE
    }

    /** Pseudo-vector of a fetch that is to be made in step mode: the engine returns to the machine. */
    public static final int STEP_MODE = 257;

    private Interrupts() {}

    /**
     * Delivers the fault in cpu.faultVector/faultError; RIP points at the faulting instruction.
     *
     * @param cpu the processor
     */
    public static void deliverFault(Cpu cpu) {
        int vector = cpu.faultVector;
        if (vector == STEP_MODE) {
            cpu.attention = true;
            return;
        }
        // no event of the guest's: it must not count as one
        if (vector == Observer.BREAKPOINT) {
            taken(cpu, vector, NO_ERROR, false);
            return;
        }
        deliver(cpu, vector, cpu.faultError, true);
    }

    /**
     * Delivers an external interrupt that the controller acknowledged.
     *
     * @param cpu the processor
     * @param vector 0 to 255
     */
    public static void deliverExternal(Cpu cpu, int vector) {
        deliver(cpu, vector, NO_ERROR, false);
    }

    /**
     * Delivers an NMI and blocks further ones until IRET.
     *
     * @param cpu the processor
     */
    public static void deliverNmi(Cpu cpu) {
        cpu.nmiBlocked = true;
        deliver(cpu, Vector.NMI, NO_ERROR, false);
    }

    /** Delivers a trap-class #DB behind an instruction; DR6 has been set. */
    static void deliverTrap(Cpu cpu) {
        deliver(cpu, Vector.DB, NO_ERROR, false);
        cpu.attention = true;
    }

    /**
     * INT n: RIP points behind the instruction; a fault is the instruction's own.
     *
     * @param cpu the processor
     * @param vector 0 to 255
     */
    public static void software(Cpu cpu, int vector) {
        if (taken(cpu, vector, NO_ERROR, true)) return;
        if (cpu.v86() && VirtualInterrupts.redirected(cpu, vector)) return;
        enter(cpu, vector, NO_ERROR, cpu.rflags(), Source.SOFTWARE, ShadowEntry.Kind.SOFTWARE_INTERRUPT);
        cpu.stepSuppressed = true;
        cpu.deliveries[vector]++;
    }

    /**
     * INT3 (#BP) and INTO (#OF).
     *
     * @param cpu the processor
     * @param vector of the exception
     */
    public static void softwareException(Cpu cpu, int vector) {
        if (taken(cpu, vector, NO_ERROR, true)) return;
        enter(cpu, vector, NO_ERROR, cpu.rflags(), Source.SOFTWARE_EXCEPTION, ShadowEntry.Kind.EXCEPTION);
        cpu.stepSuppressed = true;
        cpu.deliveries[vector]++;
    }

    /**
     * INT1: a #DB without privilege check.
     *
     * @param cpu the processor
     */
    public static void int1(Cpu cpu) {
        DebugTraps.int1(cpu);
        deliver(cpu, Vector.DB, NO_ERROR, false);
        cpu.attention = true;
    }

    private static boolean taken(Cpu cpu, int vector, int error, boolean software) {
        return cpu.observers.take(vector, error, software);
    }

    /**
     * A guest whose handlers fault at once, on a stack that each entry takes anew, would never retire an instruction
     * again, and time would stand still. So every {@link #IN_PLACE}th event without an instruction between counts as
     * one retired instruction.
     */
    private static void count(Cpu cpu) {
        long retired = cpu.instructions();
        if (retired != cpu.eventsAt) {
            cpu.eventsAt = retired;
            cpu.eventsInPlace = 0;
        } else if (++cpu.eventsInPlace == IN_PLACE) {
            cpu.eventsInPlace = 0;
            cpu.budget--;
            cpu.eventCounted = true;
        }
    }

    /**
     * For an observer that took the event just counted, but lets it be delivered after all.
     *
     * @param cpu the processor
     */
    public static void uncount(Cpu cpu) {
        if (cpu.eventsInPlace > 0) cpu.eventsInPlace--;
        else cpu.eventsAt = -1;
    }

    private static void deliver(Cpu cpu, int vector, int error, boolean fault) {
        count(cpu);
        cpu.endShadow();
        if (fault) cpu.pendingDebug = 0;
        boolean exception = fault || vector == Vector.DB;
        int first = vector;
        while (true) {
            if (taken(cpu, vector, exception && Vector.hasErrorCode(vector) ? error : NO_ERROR, false)) return;
            long flags = cpu.rflags();
            if (fault && vector != Vector.DB && vector != Vector.DF) flags |= Flags.RF;
            try {
                enter(
                        cpu,
                        vector,
                        exception && Vector.hasErrorCode(vector) ? error : NO_ERROR,
                        flags,
                        Source.HARDWARE,
                        exception
                                ? ShadowEntry.Kind.EXCEPTION
                                : vector == Vector.NMI ? ShadowEntry.Kind.NMI : ShadowEntry.Kind.INTERRUPT);
                cpu.deliveries[vector]++;
                if (vector == Vector.DB) cpu.dr[7] &= ~DebugTraps.GD;
                return;
            } catch (GuestFault f) {
                int next = cpu.faultVector;
                error = cpu.faultError;
                if (next == Vector.TS || next == Vector.NP || next == Vector.SS || next == Vector.GP)
                    error |= EXTERNAL_EVENT;
                boolean lost = vector == Vector.DF || exception && makesDoubleFault(vector, next);
                if (lost && cpu.observers.takeNested(next, Vector.hasErrorCode(next) ? error : NO_ERROR, vector, first))
                    return;
                if (vector == Vector.DF) {
                    cpu.bus.tripleFault(cpu);
                    return;
                }
                if (lost) {
                    next = Vector.DF;
                    error = 0;
                }
                vector = next;
                exception = true;
                fault = true;
            }
        }
    }

    /** SDM vol. 3, table 6-5. */
    private static boolean makesDoubleFault(int vector, int next) {
        return contributory(vector) && contributory(next)
                || vector == Vector.PF && (next == Vector.PF || contributory(next));
    }

    private static boolean contributory(int vector) {
        return vector == Vector.DE || vector >= Vector.TS && vector <= Vector.GP || vector == Vector.CP;
    }

    private static void enter(Cpu cpu, int vector, int error, long flags, Source source, ShadowEntry.Kind kind) {
        if ((cpu.cr0 & Cpu.CR0_PE) == 0) {
            enterReal(cpu, vector, kind);
        } else if (cpu.longMode()) {
            enterLong(cpu, vector, error, flags, source, kind);
        } else {
            enterProtected(cpu, vector, error, flags, source, kind);
        }
    }

    // ---- real-address mode ----

    private static void enterReal(Cpu cpu, int vector, ShadowEntry.Kind kind) {
        if (vector * 4 + 3 > cpu.idtLimit) throw cpu.gp(vector * 8 + IDT);
        long entry = cpu.mem.systemLoad(cpu.idtBase + vector * 4L & 0xffff_ffffL, 4);
        enterVector16(cpu, entry, vector, kind);
    }

    /**
     * Pushes FLAGS, CS and IP as 8086 code expects and goes to {@code entry} (segment:offset) in real-address or
     * virtual-8086 mode.
     */
    static void enterVector16(Cpu cpu, long entry, int vector, ShadowEntry.Kind kind) {
        StackAccess stack = StackAccess.current(cpu);
        long sp = cpu.stackLinear();
        long rip = cpu.rip;
        long flags = cpu.rflags();
        stack.push(2, cpu.v86() ? VirtualInterrupts.image(cpu, flags) : flags);
        stack.push(2, cpu.seg[Cpu.CS].selector);
        stack.push(2, cpu.rip);
        stack.commit();
        cpu.entered(kind, vector, cpu.stackLinear(), rip, sp, cpu.v86(), true);
        long cleared = Flags.TF | Flags.RF | (cpu.v86() ? cpu.iopl() == 3 ? Flags.IF : Flags.VIF : Flags.IF | Flags.AC);
        cpu.systemFlags &= ~cleared;
        SegmentLoading.loadReal(cpu, cpu.seg[Cpu.CS], (int) (entry >> 16) & 0xffff);
        cpu.rip = entry & 0xffff;
        cpu.updateMode();
    }

    // ---- protected mode ----

    private static void enterProtected(
            Cpu cpu, int vector, int error, long flags, Source source, ShadowEntry.Kind kind) {
        long sp = cpu.stackLinear();
        long rip = cpu.rip;
        boolean user = cpu.cpl == 3;
        int ext = source == Source.HARDWARE ? EXTERNAL_EVENT : 0;
        if (cpu.v86() && source == Source.SOFTWARE && cpu.iopl() < 3) throw cpu.gp(0);
        int idtError = vector * 8 + IDT + ext;
        if (vector * 8 + 7 > cpu.idtLimit) throw cpu.gp(idtError);
        long gate = cpu.mem.systemLoad(cpu.idtBase + vector * 8L & 0xffff_ffffL, 8);
        int type = Descriptors.type(gate);
        boolean interruptOrTrap = (type & 6) == 6;
        if (Descriptors.codeOrData(gate) || !interruptOrTrap && type != Descriptors.TASK_GATE) throw cpu.gp(idtError);
        if (source != Source.HARDWARE && Descriptors.dpl(gate) < cpu.cpl) throw cpu.gp(idtError & ~ext);
        if (!Descriptors.present(gate)) throw cpu.fault(Vector.NP, idtError);
        if (type == Descriptors.TASK_GATE) {
            TaskSwitch.byInterrupt(
                    cpu,
                    (int) (gate >> 16) & 0xffff,
                    error,
                    flags,
                    () -> cpu.entered(kind, vector, 0, rip, sp, user, false));
            return;
        }
        boolean wide = (type & 8) != 0;
        int size = wide ? 4 : 2;
        long offset = wide ? gate & 0xffff | gate >>> 32 & 0xffff_0000L : gate & 0xffff;
        int selector = (int) (gate >> 16) & 0xffff;
        if (Descriptors.isNull(selector)) throw cpu.gp(ext);
        long code = Descriptors.read(cpu, selector, Vector.GP);
        int dpl = Descriptors.dpl(code);
        if (!Descriptors.code(code) || dpl > cpu.cpl) throw cpu.gp(selector & 0xfffc);
        if (!Descriptors.present(code)) throw cpu.fault(Vector.NP, selector & 0xfffc);
        boolean inner = !Descriptors.conforming(code) && dpl < cpu.cpl;
        boolean v86 = cpu.v86();
        if (v86 && (!inner || dpl != 0)) throw cpu.gp(selector & 0xfffc);

        int newCpl = inner ? dpl : cpu.cpl;
        Segment newSs = null;
        StackAccess stack;
        if (inner) {
            TaskStack t = TaskStack.read(cpu, dpl);
            newSs = new Segment();
            Descriptors.fill(newSs, t.selector(), Descriptors.markAccessed(cpu, t.selector(), t.descriptor()));
            stack = StackAccess.of(cpu, newSs, t.pointer(), dpl, t.selector() & 0xfffc);
            if (v86) {
                stack.push(size, cpu.seg[Cpu.GS].selector);
                stack.push(size, cpu.seg[Cpu.FS].selector);
                stack.push(size, cpu.seg[Cpu.DS].selector);
                stack.push(size, cpu.seg[Cpu.ES].selector);
            }
            stack.push(size, cpu.seg[Cpu.SS].selector);
            stack.push(size, cpu.gpr[Cpu.RSP]);
        } else {
            stack = StackAccess.current(cpu);
        }
        stack.push(size, flags);
        stack.push(size, cpu.seg[Cpu.CS].selector);
        stack.push(size, cpu.rip);
        if (error != NO_ERROR) stack.push(size, error);
        if (offset > Descriptors.limit(code)) throw cpu.gp(ext);
        code = Descriptors.markAccessed(cpu, selector, code);
        Cet.Transfer cet = inner
                ? Cet.enterInner(cpu, newCpl, 0, cpu.seg[Cpu.CS].selector, cpu.codeLinear())
                : Cet.enterSame(cpu, 0, cpu.seg[Cpu.CS].selector, cpu.codeLinear());

        stack.commit();
        cet.commit(cpu);
        if (inner) cpu.seg[Cpu.SS].copyFrom(newSs);
        if (v86) {
            for (int r : new int[] {Cpu.ES, Cpu.DS, Cpu.FS, Cpu.GS}) SegmentLoading.makeNull(cpu.seg[r], 0);
        }
        finish(cpu, selector, code, newCpl, offset, (type & 1) == 0);
        cpu.entered(kind, vector, frame(cpu, error, size), rip, sp, user, !inner);
    }

    /** @return linear address of the frame's RIP word */
    private static long frame(Cpu cpu, int error, int size) {
        long top = cpu.longMode() ? cpu.gpr[Cpu.RSP] : cpu.stackLinear();
        return error == NO_ERROR ? top : top + size;
    }

    /** Loads CS:RIP and the level, and clears the flags an entry clears. */
    private static void finish(Cpu cpu, int selector, long code, int newCpl, long offset, boolean interruptGate) {
        Descriptors.fill(cpu.seg[Cpu.CS], selector & 0xfffc | newCpl, code);
        cpu.cpl = newCpl;
        cpu.rip = offset;
        cpu.systemFlags &= ~(Flags.TF | Flags.NT | Flags.RF | Flags.VM | (interruptGate ? Flags.IF : 0));
        cpu.updateMode();
        IndirectBranchTracking.far(cpu);
    }

    // ---- long mode ----

    private static void enterLong(Cpu cpu, int vector, int error, long flags, Source source, ShadowEntry.Kind kind) {
        long interruptedSp = cpu.stackLinear();
        long rip = cpu.rip;
        boolean user = cpu.cpl == 3;
        int ext = source == Source.HARDWARE ? EXTERNAL_EVENT : 0;
        int idtError = vector * 8 + IDT + ext;
        if (vector * 16 + 15 > cpu.idtLimit) throw cpu.gp(idtError);
        long gate = cpu.mem.systemLoad(cpu.idtBase + vector * 16L, 8);
        int type = Descriptors.type(gate);
        if (Descriptors.codeOrData(gate) || (type & 14) != 14) throw cpu.gp(idtError);
        if (source != Source.HARDWARE && Descriptors.dpl(gate) < cpu.cpl) throw cpu.gp(idtError);
        if (!Descriptors.present(gate)) throw cpu.fault(Vector.NP, idtError);
        long offset = gate & 0xffff
                | gate >>> 32 & 0xffff_0000L
                | cpu.mem.systemLoad(cpu.idtBase + vector * 16L + 8, 8) << 32;
        int selector = (int) (gate >> 16) & 0xffff;
        if (Descriptors.isNull(selector)) throw cpu.gp(ext);
        long code = Descriptors.read(cpu, selector, Vector.GP);
        int dpl = Descriptors.dpl(code);
        if (!Descriptors.code(code) || dpl > cpu.cpl || !Descriptors.isLong(code) || Descriptors.big(code))
            throw cpu.gp(selector & 0xfffc);
        if (!Descriptors.present(code)) throw cpu.fault(Vector.NP, selector & 0xfffc);
        boolean inner = !Descriptors.conforming(code) && dpl < cpu.cpl;
        int newCpl = inner ? dpl : cpu.cpl;
        int ist = (int) (gate >> 32) & 7;
        long sp = ist != 0
                ? TaskStack.pointer64(cpu, 36 + 8 * (ist - 1))
                : inner ? TaskStack.pointer64(cpu, 4 + 8 * dpl) : cpu.gpr[Cpu.RSP];
        StackAccess stack = StackAccess.long64(cpu, sp & -16L, newCpl);
        stack.push(8, cpu.seg[Cpu.SS].selector);
        stack.push(8, cpu.gpr[Cpu.RSP]);
        stack.push(8, flags);
        stack.push(8, cpu.seg[Cpu.CS].selector);
        stack.push(8, cpu.rip);
        if (error != NO_ERROR) stack.push(8, error);
        if (!cpu.canonical(offset)) throw cpu.gp(ext);
        code = Descriptors.markAccessed(cpu, selector, code);
        Cet.Transfer cet = inner
                ? Cet.enterInner(cpu, newCpl, ist, cpu.seg[Cpu.CS].selector, cpu.codeLinear())
                : Cet.enterSame(cpu, ist, cpu.seg[Cpu.CS].selector, cpu.codeLinear());

        stack.commit();
        cet.commit(cpu);
        if (inner) SegmentLoading.nullStack(cpu, newCpl, newCpl);
        finish(cpu, selector, code, newCpl, offset, (type & 1) == 0);
        cpu.entered(kind, vector, frame(cpu, error, 8), rip, interruptedSp, user, !inner && ist == 0);
    }
}
