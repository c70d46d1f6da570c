package ringside.cpu;

/**
 * Far JMP, CALL and RET: to code segments, through call gates, with and without a change of privilege level, and to
 * tasks. RIP points behind the instruction. Source: Intel SDM vol. 2, JMP, CALL, RET; vol. 3, 5.8.
 */
public final class FarTransfer {
    private FarTransfer() {}

    /**
     * JMP to another code segment, a gate or a task.
     *
     * @param cpu the processor
     * @param selector index, table and requested privilege level
     * @param offset in the segment; a gate has its own
     * @param size operand size in bytes
     */
    public static void jump(Cpu cpu, int selector, long offset, int size) {
        if (!cpu.protectedMode()) {
            if (offset > realLimit(cpu)) throw cpu.gp(0);
            enterReal(cpu, selector, offset);
            return;
        }
        if (Descriptors.isNull(selector)) throw cpu.gp(0);
        long d = Descriptors.read(cpu, selector, Vector.GP);
        if (Descriptors.codeOrData(d)) {
            checkDirect(cpu, selector, d);
            enterCode(cpu, selector, d, offset);
            IndirectBranchTracking.far(cpu);
            return;
        }
        switch (systemType(cpu, selector, d)) {
            case Descriptors.CALL_GATE16, Descriptors.CALL_GATE32 -> {
                Gate g = Gate.read(cpu, selector, d);
                long code = g.target(cpu);
                if (Descriptors.conforming(code) ? Descriptors.dpl(code) > cpu.cpl : Descriptors.dpl(code) != cpu.cpl) {
                    throw cpu.gp(g.selector & 0xfffc);
                }
                if (!Descriptors.present(code)) throw cpu.fault(Vector.NP, g.selector & 0xfffc);
                enterCode(cpu, g.selector, code, g.offset);
                IndirectBranchTracking.far(cpu);
            }
            case Descriptors.TASK_GATE -> TaskSwitch.byJump(cpu, TaskSwitch.gateTarget(cpu, d));
            default -> TaskSwitch.byJump(cpu, selector);
        }
    }

    /**
     * CALL to another code segment, a gate or a task.
     *
     * @param cpu the processor
     * @param selector index, table and requested privilege level
     * @param offset in the segment; a gate has its own
     * @param size operand size in bytes: 2, 4 or 8
     */
    public static void call(Cpu cpu, int selector, long offset, int size) {
        if (!cpu.protectedMode()) {
            if (offset > realLimit(cpu)) throw cpu.gp(0);
            StackAccess stack = StackAccess.current(cpu);
            stack.push(size, cpu.seg[Cpu.CS].selector);
            stack.push(size, cpu.rip);
            stack.commit();
            cpu.shadow.call(cpu.stackLinear(), cpu.rip, 2 * size);
            enterReal(cpu, selector, offset);
            return;
        }
        if (Descriptors.isNull(selector)) throw cpu.gp(0);
        long d = Descriptors.read(cpu, selector, Vector.GP);
        if (Descriptors.codeOrData(d)) {
            checkDirect(cpu, selector, d);
            StackAccess stack = StackAccess.current(cpu);
            pushReturn(cpu, stack, size);
            long back = cpu.rip;
            Cet.Transfer cet = Cet.enterSame(cpu, 0, cpu.seg[Cpu.CS].selector, cpu.codeLinear());
            enterCode(cpu, selector, d, offset, stack);
            cet.commit(cpu);
            IndirectBranchTracking.far(cpu);
            cpu.shadow.call(cpu.stackLinear(), back, 2 * size);
            return;
        }
        switch (systemType(cpu, selector, d)) {
            case Descriptors.CALL_GATE16, Descriptors.CALL_GATE32 -> callGate(cpu, Gate.read(cpu, selector, d));
            case Descriptors.TASK_GATE -> TaskSwitch.byCall(cpu, TaskSwitch.gateTarget(cpu, d));
            default -> TaskSwitch.byCall(cpu, selector);
        }
    }

    private static void pushReturn(Cpu cpu, StackAccess stack, int size) {
        stack.push(size, cpu.seg[Cpu.CS].selector);
        stack.push(size, cpu.rip);
    }

    private static void callGate(Cpu cpu, Gate g) {
        long code = g.target(cpu);
        int dpl = Descriptors.dpl(code);
        if (dpl > cpu.cpl) throw cpu.gp(g.selector & 0xfffc);
        if (!Descriptors.present(code)) throw cpu.fault(Vector.NP, g.selector & 0xfffc);
        if (Descriptors.conforming(code) || dpl == cpu.cpl) {
            StackAccess stack =
                    g.size == 8 ? StackAccess.long64(cpu, cpu.gpr[Cpu.RSP], cpu.cpl) : StackAccess.current(cpu);
            pushReturn(cpu, stack, g.size);
            long back = cpu.rip;
            Cet.Transfer cet = Cet.enterSame(cpu, 0, cpu.seg[Cpu.CS].selector, cpu.codeLinear());
            enterCode(cpu, g.selector, code, g.offset, stack);
            cet.commit(cpu);
            IndirectBranchTracking.far(cpu);
            cpu.shadow.call(cpu.stackLinear(), back, 2 * g.size);
            return;
        }
        StackAccess stack;
        long back = cpu.rip;
        long outer = cpu.stackLinear();
        Segment newSs = new Segment();
        int oldSs = cpu.seg[Cpu.SS].selector;
        if (g.size == 8) {
            stack = StackAccess.long64(cpu, TaskStack.pointer64(cpu, 4 + 8 * dpl), dpl);
            stack.push(8, oldSs);
            stack.push(8, cpu.gpr[Cpu.RSP]);
        } else {
            TaskStack t = TaskStack.read(cpu, dpl);
            Descriptors.fill(newSs, t.selector(), Descriptors.markAccessed(cpu, t.selector(), t.descriptor()));
            stack = StackAccess.of(cpu, newSs, t.pointer(), dpl, t.selector() & 0xfffc);
            StackAccess old = StackAccess.current(cpu);
            stack.push(g.size, oldSs);
            stack.push(g.size, cpu.gpr[Cpu.RSP]);
            for (int p = g.parameters - 1; p >= 0; p--) stack.push(g.size, old.peek((long) p * g.size, g.size));
        }
        pushReturn(cpu, stack, g.size);
        checkOffset(cpu, code, g.offset);
        code = Descriptors.markAccessed(cpu, g.selector, code);
        Cet.Transfer cet = Cet.enterInner(cpu, dpl, 0, cpu.seg[Cpu.CS].selector, cpu.codeLinear());
        stack.commit();
        cet.commit(cpu);
        if (g.size == 8) {
            SegmentLoading.nullStack(cpu, dpl, dpl);
        } else {
            cpu.seg[Cpu.SS].copyFrom(newSs);
        }
        cpu.cpl = dpl;
        setCode(cpu, g.selector, code, g.offset);
        IndirectBranchTracking.far(cpu);
        cpu.shadow.callInner(outer, cpu.stackLinear(), back, 2 * g.size);
    }

    /**
     * RET far.
     *
     * @param cpu the processor
     * @param size operand size in bytes: 2, 4 or 8
     * @param release bytes of parameters to drop from both stacks
     */
    public static void ret(Cpu cpu, int size, int release) {
        StackAccess stack = StackAccess.current(cpu);
        long slot = cpu.stackLinear();
        long offset = stack.pop(size);
        int selector = (int) stack.pop(size) & 0xffff;
        if (!cpu.protectedMode()) {
            if (offset > realLimit(cpu)) throw cpu.gp(0);
            stack.skip(release);
            stack.commit();
            cpu.shadow.ret(slot, offset);
            enterReal(cpu, selector, offset);
            return;
        }
        long code = returnCode(cpu, selector);
        if ((selector & 3) == cpu.cpl) {
            stack.skip(release);
            long next = cpu.rip;
            Cet.Transfer cet = Cet.returnSame(cpu, selector, InterruptReturn.linear(cpu, code, offset));
            enterCode(cpu, selector, code, offset, stack);
            cet.commit(cpu);
            cpu.shadow.retFar(slot, cpu.rip, next, cpu.stackLinear());
            return;
        }
        stack.skip(release);
        long sp = stack.pop(size);
        int ss = (int) stack.pop(size) & 0xffff;
        Cet.Transfer cet = Cet.returnOuter(cpu, selector & 3, selector, InterruptReturn.linear(cpu, code, offset));
        returnOuter(cpu, selector, code, offset, ss, sp);
        cet.commit(cpu);
        StackAccess outer = StackAccess.current(cpu);
        outer.skip(release);
        outer.commit();
        SegmentLoading.dropPrivilegedData(cpu);
        cpu.updateMode();
        cpu.shadow.ret(slot, cpu.rip);
        cpu.returned(slot, cpu.stackLinear(), cpu.cpl == 3);
    }

    /** Reads and checks the code segment that a RET or IRET returns to. */
    static long returnCode(Cpu cpu, int selector) {
        if (Descriptors.isNull(selector)) throw cpu.gp(0);
        long d = Descriptors.read(cpu, selector, Vector.GP);
        int rpl = selector & 3;
        boolean level = Descriptors.conforming(d) ? Descriptors.dpl(d) <= rpl : Descriptors.dpl(d) == rpl;
        if (rpl < cpu.cpl || !Descriptors.code(d) || !level || longAndBig(cpu, d)) throw cpu.gp(selector & 0xfffc);
        if (!Descriptors.present(d)) throw cpu.fault(Vector.NP, selector & 0xfffc);
        return d;
    }

    /** Loads CS:RIP and SS:RSP of a return that also loads the stack; leaves data segments and flags to the caller. */
    static void returnOuter(Cpu cpu, int selector, long code, long offset, int ss, long sp) {
        int rpl = selector & 3;
        boolean to64 = cpu.longMode() && Descriptors.isLong(code);
        long stackDescriptor = 0;
        boolean nullSs = Descriptors.isNull(ss);
        if (nullSs) {
            if (!to64 || rpl == 3 || (ss & 3) != rpl) throw cpu.gp(0);
        } else {
            stackDescriptor = SegmentLoading.stackDescriptor(cpu, ss, rpl, Vector.GP);
        }
        checkOffset(cpu, code, offset);
        if (!nullSs) stackDescriptor = Descriptors.markAccessed(cpu, ss, stackDescriptor);
        code = Descriptors.markAccessed(cpu, selector, code);
        if (nullSs) {
            SegmentLoading.nullStack(cpu, ss, rpl);
        } else {
            Descriptors.fill(cpu.seg[Cpu.SS], ss, stackDescriptor);
        }
        if (to64) {
            cpu.gpr[Cpu.RSP] = sp;
        } else if (cpu.seg[Cpu.SS].big()) {
            cpu.gpr[Cpu.RSP] = sp & 0xffff_ffffL;
        } else {
            cpu.gpr[Cpu.RSP] = cpu.gpr[Cpu.RSP] & ~0xffffL | sp & 0xffff;
        }
        cpu.cpl = rpl;
        setCode(cpu, selector, code, offset);
    }

    // ---- shared ends ----

    /** Checks for JMP and CALL straight to a code segment. */
    private static void checkDirect(Cpu cpu, int selector, long d) {
        boolean allowed = Descriptors.code(d)
                && !longAndBig(cpu, d)
                && (Descriptors.conforming(d)
                        ? Descriptors.dpl(d) <= cpu.cpl
                        : (selector & 3) <= cpu.cpl && Descriptors.dpl(d) == cpu.cpl);
        if (!allowed) throw cpu.gp(selector & 0xfffc);
        if (!Descriptors.present(d)) throw cpu.fault(Vector.NP, selector & 0xfffc);
    }

    private static boolean longAndBig(Cpu cpu, long d) {
        return cpu.longMode() && Descriptors.isLong(d) && Descriptors.big(d);
    }

    /**
     * Privilege and type of a system descriptor that is jumped to or called.
     * @return its type with busy ones refused
     */
    private static int systemType(Cpu cpu, int selector, long d) {
        int type = Descriptors.type(d);
        boolean known = cpu.longMode()
                ? type == Descriptors.CALL_GATE32
                : switch (type) {
                    case Descriptors.CALL_GATE16, Descriptors.CALL_GATE32, Descriptors.TASK_GATE -> true;
                    case Descriptors.TSS16_AVAILABLE, Descriptors.TSS32_AVAILABLE -> (selector & 4) == 0;
                    default -> false;
                };
        int dpl = Descriptors.dpl(d);
        if (!known || dpl < cpu.cpl || dpl < (selector & 3)) throw cpu.gp(selector & 0xfffc);
        if (!Descriptors.present(d)) throw cpu.fault(Vector.NP, selector & 0xfffc);
        return type;
    }

    /** A call gate. @param size bytes it pushes with */
    private record Gate(int selector, long offset, int size, int parameters) {
        static Gate read(Cpu cpu, int selector, long d) {
            int target = (int) (d >> 16) & 0xffff;
            if (cpu.longMode()) {
                long high = Descriptors.readHigh(cpu, selector, Vector.GP);
                return new Gate(target, d & 0xffff | d >>> 32 & 0xffff_0000L | high, 8, 0);
            }
            boolean wide = Descriptors.type(d) == Descriptors.CALL_GATE32;
            long offset = d & 0xffff | (wide ? d >>> 32 & 0xffff_0000L : 0);
            return new Gate(target, offset, wide ? 4 : 2, (int) (d >> 32) & 31);
        }

        /** @return the code segment it leads to */
        long target(Cpu cpu) {
            if (Descriptors.isNull(selector)) throw cpu.gp(0);
            long code = Descriptors.read(cpu, selector, Vector.GP);
            boolean suits = Descriptors.code(code) && (size != 8 || Descriptors.isLong(code) && !Descriptors.big(code));
            if (!suits) throw cpu.gp(selector & 0xfffc);
            return code;
        }
    }

    static long realLimit(Cpu cpu) {
        return cpu.v86() ? 0xffff : cpu.seg[Cpu.CS].limit;
    }

    private static void enterReal(Cpu cpu, int selector, long offset) {
        SegmentLoading.loadReal(cpu, cpu.seg[Cpu.CS], selector & 0xffff);
        cpu.rip = offset;
        cpu.updateMode();
    }

    static void checkOffset(Cpu cpu, long code, long offset) {
        boolean outside = cpu.longMode() && Descriptors.isLong(code)
                ? !cpu.canonical(offset)
                : Long.compareUnsigned(offset, Descriptors.limit(code)) > 0;
        if (outside) throw cpu.gp(0);
    }

    private static void enterCode(Cpu cpu, int selector, long code, long offset) {
        checkOffset(cpu, code, offset);
        code = Descriptors.markAccessed(cpu, selector, code);
        setCode(cpu, selector, code, offset);
    }

    private static void enterCode(Cpu cpu, int selector, long code, long offset, StackAccess stack) {
        checkOffset(cpu, code, offset);
        code = Descriptors.markAccessed(cpu, selector, code);
        stack.commit();
        setCode(cpu, selector, code, offset);
    }

    /** Makes a checked code segment current at the CPU's privilege level. */
    private static void setCode(Cpu cpu, int selector, long code, long offset) {
        Descriptors.fill(cpu.seg[Cpu.CS], selector & 0xfffc | cpu.cpl, code);
        cpu.rip = offset;
        cpu.updateMode();
    }
}
