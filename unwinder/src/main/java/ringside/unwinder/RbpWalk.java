package ringside.unwinder;

import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.unwinder.table.EntryTable;

/**
 * Follows the rbp chain, and where entry code stands between two kernel functions, whatever the kind allows: the marker
 * frame, the encoded frame pointer, or the entry table. The plain chain passes an interrupt without seeing the function
 * that it interrupted.
 *
 * <p>A function has no frame before {@code push %rbp; mov %rsp, %rbp} and behind {@code pop %rbp}. Where a walk starts
 * or was interrupted there, which {@link FrameState} finds out from the code, the caller is found by {@link ReturnPath}
 * and its proof says so; otherwise it is missing, and the trace says that. A kernel with ORC tables has no frame
 * pointers, so there the code is not followed.
 */
final class RbpWalk extends Walk {
    private final boolean marker, encoded;
    private final EntryTable table;

    RbpWalk(KernelModel kernel, GuestView view, Kind kind) {
        super(kernel, view);
        marker = kind == Kind.MARKER;
        encoded = kind == Kind.ENCODED;
        table = kind == Kind.TABLE ? kernel.entryTable() : null;
        if (!Unwinder.has(kernel, view, kind)) warn(Warning.Kind.NO_SOURCE, 0);
    }

    @Override
    void step() {
        if (emitReturning(Proof.RBP_CHAIN)) return;
        if (table != null) {
            int row = table.find(exact ? rip : rip - 1);
            if (row >= 0) {
                apply(row);
                return;
            }
        }
        if (exact || last().proof() == Proof.CODE) {
            if (!kernel.isEntry(rip) && kernel.frameState().at(view, kernel.symbolsAt(rip), rip)) {
                chain();
                return;
            }
            if (kernel.orc() == null && emitByCode(behindOwnCall() ? rip - 5 : rip, null, false)) return;
            warn(kernel.isEntry(rip) ? Warning.Kind.IN_ENTRY_CODE : Warning.Kind.FRAME_NOT_SET_UP, rip);
        } else if (table == null && !marker && !encoded && kernel.isEntry(rip - 1)) {
            warn(Warning.Kind.IN_ENTRY_CODE, rip);
        }
        chain();
    }

    private void chain() {
        if (encoded && (rbp & 7) == 1 && rbp < 0) {
            regs(rbp - 1, Proof.ENCODED_POINTER);
            return;
        }
        if (rbp == 0) {
            if (!encoded || !systemCall()) endOfChain();
            return;
        }
        if (rbp > 0 && kernel.upperHalf()) {
            fail(Warning.Kind.LEFT_KERNEL, rbp);
            return;
        }
        if (!load(rbp + 8)) {
            fail(Warning.Kind.BAD_FRAME_POINTER, rbp);
            return;
        }
        long address = view.value();
        long frame = rbp;
        if (!load(frame)) {
            fail(Warning.Kind.BAD_FRAME_POINTER, rbp);
            return;
        }
        long outer = view.value();
        if (marker && address == kernel.marker() && address != 0) {
            if (load(frame + 16)) {
                regs(view.value(), Proof.MARKER);
            } else {
                fail(Warning.Kind.UNREADABLE_STACK, frame + 16);
            }
            return;
        }
        if (Long.compareUnsigned(frame, rsp - (exact ? 0 : 16)) < 0 && sameStack(frame, rsp - 8)) {
            fail(Warning.Kind.BAD_FRAME_POINTER, frame);
            return;
        }
        if (outer == frame) {
            fail(Warning.Kind.CYCLE, frame);
            return;
        }
        rbp = outer;
        emitCall(address, frame + 8, frame + 16, Proof.RBP_CHAIN);
    }

    /**
     * A system call does not encode its registers: Linux finds them at the top of the task's stack, where the chain
     * ends.
     * @return whether it is so here
     */
    private boolean systemCall() {
        if (exact || (rsp + PtRegs.BYTES & 0xfff) != 0 || !kernel.isEntry(rip - 1)) return false;
        PtRegs r = PtRegs.whole(view, rsp);
        if (r == null || !r.user()) return false;
        emitRegs(r, Proof.ENCODED_POINTER);
        return true;
    }

    private void regs(long at, Proof proof) {
        PtRegs r = PtRegs.whole(view, at);
        if (r == null) {
            fail(Warning.Kind.UNREADABLE_REGISTERS, at);
        } else {
            emitRegs(r, proof);
        }
    }

    // ---- the entry table ----

    private void apply(int row) {
        int kind = table.kind(row);
        if (kind == EntryTable.END) {
            end();
            return;
        }
        int base = table.base(row);
        if (base > EntryTable.BASE_GS || table.saved(row) > 15) {
            fail(Warning.Kind.BAD_TABLE_ENTRY, table.from(row));
            return;
        }
        if (live == null && base != Cpu.RSP && base != Cpu.RBP && base != EntryTable.BASE_GS) {
            fail(Warning.Kind.UNKNOWN_REGISTER, rip);
            return;
        }
        long place = (base == EntryTable.BASE_GS ? view.gsBase() : register(base)) + table.offset(row);
        if ((table.flags(row) & EntryTable.AT) != 0) {
            if (!load(place)) {
                fail(Warning.Kind.UNREADABLE_STACK, place);
                return;
            }
            place = view.value();
        }
        boolean original = (table.flags(row) & EntryTable.ORIG) != 0;
        switch (kind) {
            case EntryTable.REGS -> regs(place, Proof.ENTRY_TABLE);
            case EntryTable.FRAME -> {
                PtRegs r = PtRegs.partial(
                        view, place - PtRegs.FRAME, table.saved(row), original, live == null ? null : registers());
                if (r == null) {
                    fail(Warning.Kind.UNREADABLE_REGISTERS, place);
                } else {
                    emitRegs(r, Proof.ENTRY_TABLE);
                }
            }
            case EntryTable.SYSCALL -> {
                if (live == null) {
                    fail(Warning.Kind.UNKNOWN_REGISTER, rip);
                } else {
                    emitRegs(PtRegs.syscall(registers(), place), Proof.ENTRY_TABLE);
                }
            }
            case EntryTable.CALL -> {
                if (!load(place)) {
                    fail(Warning.Kind.UNREADABLE_STACK, place);
                    return;
                }
                long address = view.value();
                if (table.saved(row) != 0) {
                    if (!load(place - 8L * table.saved(row))) {
                        fail(Warning.Kind.UNREADABLE_STACK, place);
                        return;
                    }
                    rbp = view.value();
                }
                emitCall(address, place, place + 8, Proof.ENTRY_TABLE);
            }
            default -> fail(Warning.Kind.BAD_TABLE_ENTRY, table.from(row));
        }
    }

    private long[] registers() {
        long[] r = live.clone();
        r[Cpu.RSP] = rsp;
        r[Cpu.RBP] = rbp;
        return r;
    }
}
