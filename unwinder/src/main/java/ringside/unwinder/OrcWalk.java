package ringside.unwinder;

import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.unwinder.orc.OrcTable;

/**
 * Unwinds by Linux's ORC tables. Code without an entry (modules' trampolines, generated code) is passed by its rbp
 * frame, with a warning.
 */
final class OrcWalk extends Walk {
    private OrcTable table;

    OrcWalk(KernelModel kernel, GuestView view) {
        super(kernel, view);
        table = view.state().longMode() ? kernel.orc() : null;
        if (table == null) warn(Warning.Kind.NO_SOURCE, 0);
    }

    @Override
    void step() {
        if (table == null) {
            end();
            return;
        }
        if (rip == 0 && exact) {
            call(rsp + 8, OrcTable.UNDEFINED, 0);
            return;
        }
        if (emitReturning(Proof.ORC)) return;
        table = kernel.orcAt(rip);
        long at = kernel.original(view, rip);
        int e = table.find(exact ? at : at - 1);
        if (e < 0) {
            withoutEntry();
            return;
        }
        int type = table.type(e);
        if (type == OrcTable.TYPE_END) {
            if (byCode(true)) return;
            // entry code that has not saved the user's registers yet, or has taken them back
            if (exact && kernel.isEntry(rip)) warn(Warning.Kind.IN_ENTRY_CODE, rip);
            end();
            return;
        }
        if (type == OrcTable.TYPE_UNDEFINED) {
            if (!byCode(false)) fail(Warning.Kind.UNDEFINED_ORC_ENTRY, rip);
            return;
        }
        int base = table.spBase(e);
        long sp;
        switch (base) {
            case OrcTable.SP -> sp = rsp + table.spOffset(e);
            case OrcTable.BP -> sp = rbp + table.spOffset(e);
            case OrcTable.SP_INDIRECT -> {
                if (!stackWord(rsp)) return;
                sp = view.value() + table.spOffset(e);
            }
            case OrcTable.BP_INDIRECT -> {
                if (!stackWord(rbp + table.spOffset(e))) return;
                sp = view.value();
            }
            case OrcTable.R10, OrcTable.R13, OrcTable.DI, OrcTable.DX -> {
                if (live == null) {
                    fail(Warning.Kind.UNKNOWN_REGISTER, rip);
                    return;
                }
                sp = live[
                        base == OrcTable.R10
                                ? 10
                                : base == OrcTable.R13 ? 13 : base == OrcTable.DI ? Cpu.RDI : Cpu.RDX];
            }
            default -> {
                fail(Warning.Kind.BAD_TABLE_ENTRY, rip);
                return;
            }
        }
        switch (type) {
            case OrcTable.TYPE_CALL -> call(sp, table.bpBase(e), table.bpOffset(e));
            case OrcTable.TYPE_REGS -> regs(PtRegs.whole(view, sp), sp, table.bpBase(e), table.bpOffset(e));
            case OrcTable.TYPE_PARTIAL ->
                regs(PtRegs.frame(view, sp - PtRegs.FRAME), sp, table.bpBase(e), table.bpOffset(e));
            default -> fail(Warning.Kind.BAD_TABLE_ENTRY, rip);
        }
    }

    /**
     * Finds the caller without the table, where that has nothing to say of a function's code: retpolines, what
     * alternatives put in their place, code that is only used before they do.
     *
     * @param end whether the table says that the stack ends here; behind a call that is only doubted if the call goes
     *     to the same function
     */
    private boolean byCode(boolean end) {
        if (exact || !end) {
            if (emitByCode(rip, Warning.Kind.CODE_FOLLOWED, true)) return true;
            if (exact) return false;
        }
        return behindOwnCall() && emitByCode(rip - 5, Warning.Kind.CODE_FOLLOWED, true);
    }

    /**
     * Code that the tables say nothing of. Code that the kernel has made at run time is known by its own lists: it
     * keeps an rbp frame, or its way back can be read.
     */
    private void withoutEntry() {
        OperatingSystem.Code code = kernel.system().generated(view, exact ? rip : rip - 1);
        if (code == OperatingSystem.Code.NONE) {
            if (byCode(false)) return;
            warn(Warning.Kind.NO_ORC_ENTRY, rip);
        } else {
            boolean framed = code == OperatingSystem.Code.FRAMED;
            if ((exact || !framed) && emitByCode(rip, null, true)) return;
            if (!framed || exact && !kernel.frameState().at(view, kernel.symbolsAt(rip), rip))
                warn(Warning.Kind.NO_ORC_ENTRY, rip);
        }
        call(rbp + 16, OrcTable.PREV_SP, -16);
    }

    /**
     * @return whether a word that a return takes is a function's start and no return address: it lies behind no call,
     *     and the table has a function begin there
     */
    private boolean isStart(long address) {
        if (kernel.replaced(address) || CallSite.before(view, address) || !kernel.isStart(address)) return false;
        int e = table.find(address);
        return e >= 0
                && table.type(e) == OrcTable.TYPE_CALL
                && table.spBase(e) == OrcTable.SP
                && table.spOffset(e) == 8;
    }

    private boolean stackWord(long at) {
        if (load(at)) return true;
        fail(Warning.Kind.UNREADABLE_STACK, at);
        return false;
    }

    /** @param sp the caller's stack pointer; the return address lies below it */
    private void call(long sp, int bpBase, int bpOffset) {
        if (!stackWord(sp - 8)) return;
        long address = view.value();
        if (exact && address != 0 && !kernel.isText(address) && emitByCode(rip, Warning.Kind.TABLE_WRONG, false))
            return;
        if (!rbp(sp, bpBase, bpOffset)) return;
        if (sameStack(sp - 8, rsp) && Long.compareUnsigned(sp, rsp) <= 0) {
            fail(Warning.Kind.CYCLE, sp);
            return;
        }
        boolean start = isStart(address);
        emitReturn(address, sp - 8, sp, Proof.ORC, start);
    }

    private void regs(PtRegs r, long sp, int bpBase, int bpOffset) {
        if (r == null) {
            fail(Warning.Kind.UNREADABLE_REGISTERS, sp);
        } else if (rbp(sp, bpBase, bpOffset)) {
            emitRegs(r, Proof.ORC);
        }
    }

    private boolean rbp(long sp, int base, int offset) {
        switch (base) {
            case OrcTable.UNDEFINED -> {
                return true;
            }
            case OrcTable.PREV_SP -> {
                if (!stackWord(sp + offset)) return false;
            }
            case OrcTable.BP -> {
                if (!stackWord(rbp + offset)) return false;
            }
            default -> {
                fail(Warning.Kind.BAD_TABLE_ENTRY, rip);
                return false;
            }
        }
        rbp = view.value();
        return true;
    }
}
