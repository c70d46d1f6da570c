package ringside.unwinder;

import java.util.Iterator;
import java.util.NoSuchElementException;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;

/**
 * One walk outward from the registers of a view, frame by frame. A subclass finds the next frame from what is known of
 * the last one. What is read is never trusted: every step may end the walk with a warning, and a walk has bounded
 * length whatever the memory holds.
 */
abstract class Walk implements Iterator<Frame> {
    /** Frames of one trace at most. */
    static final int MOST_FRAMES = 1024;
    /** Times that saved registers may lead to a lower address of the same stack: NMIs that nest on their own stack. */
    private static final int MOST_DESCENTS = 8;

    private static final long LARGEST_STACK = 32 << 10;
    /**
     * Bytes that may lie between a task's registers and the top of its stack, and between the last frame of a chain and
     * the top.
     */
    private static final int STACK_PADDING = 16, MOST_ROOM = 256;

    final KernelModel kernel;
    final GuestView view;
    private final Stacks stacks;
    // The state that the next frame is found from.
    long rip, rsp, rbp;
    /** rip is about to be executed (the start, or interrupted), not a return address. */
    boolean exact = true;
    /** The general registers where {@link #exact}, as far as they are known; null behind a return address. */
    long[] live;

    private Frame next;
    private Frame last;
    private boolean done;
    private int count;
    private int descents;
    private Trace.Reason reason;
    /** Stacks that the walk has left, and the stack pointer up to which it had come on each. */
    private final Stack[] left = new Stack[8];

    private final long[] leftAt = new long[8];
    private int lefts;

    Walk(KernelModel kernel, GuestView view) {
        this.kernel = kernel;
        this.view = view;
        this.stacks = kernel.stacks();
        stacks.refresh(view);
        kernel.system().refresh(view);
        rip = view.rip();
        rsp = view.rsp();
        rbp = view.rbp();
        live = new long[16];
        for (int i = 0; i < 16; i++) live[i] = view.gpr(i);
        next = new Frame(kernel.symbolsAt(rip), rip, true, 0, rsp, stacks.of(rsp), Proof.REGISTERS, null, view.user());
        if (view.user()) done = true;
        last = next;
        count = 1;
    }

    /** Finds the next frame: calls {@link #emitCall} or {@link #emitRegs} once, or {@link #end} or {@link #fail}. */
    abstract void step();

    @Override
    public final boolean hasNext() {
        if (next != null) return true;
        if (done) return false;
        if (count >= MOST_FRAMES) {
            fail(Warning.Kind.TOO_MANY_FRAMES, rip);
        } else {
            step();
        }
        return next != null;
    }

    @Override
    public final Frame next() {
        if (!hasNext()) throw new NoSuchElementException();
        Frame f = next;
        next = null;
        return f;
    }

    /** The frame that was found last. */
    final Frame last() {
        return last;
    }

    // ---- what a step may say ----

    /** A caller: its return address was read from {@code slot}, its stack pointer is {@code sp}. */
    final void emitCall(long address, long slot, long sp, Proof proof) {
        emitReturn(address, slot, sp, proof, false);
    }

    /**
     * @param start whether the address is a function's start, about to be executed, and no return address: a RET made a
     *     jump
     */
    final void emitReturn(long address, long slot, long sp, Proof proof, boolean start) {
        long real = proof == Proof.SHADOW_STACK || start ? address : kernel.realReturn(view, address, slot);
        emitReturn(real, real == address ? 0 : address, slot, sp, proof, start);
    }

    /** @param stored what stands in the stack word instead of the address, or 0 */
    private void emitReturn(long address, long stored, long slot, long sp, Proof proof, boolean start) {
        if ((sp & 7) != 0 && proof != Proof.SHADOW_STACK && proof != Proof.SCAN) {
            fail(Warning.Kind.MISALIGNED_STACK, sp);
            return;
        }
        if (proof != Proof.SHADOW_STACK && !kernel.isText(address)) {
            fail(Warning.Kind.NOT_TEXT, address);
            return;
        }
        Symbols symbols = kernel.symbolsAt(address);
        Frame f = new Frame(
                symbols,
                address,
                start,
                slot,
                sp,
                sp == last.sp() + 8 ? last.stack() : stacks.of(sp - 8),
                proof,
                null,
                false);
        if (stored != 0) f.replacedBy(stored, kernel.symbolsAt(stored));
        emit(f);
        if (start) {
            warn(Warning.Kind.RETURN_IS_JUMP, address);
        } else if (proof != Proof.SHADOW_STACK
                && proof != Proof.SCAN
                && !kernel.replaced(address)
                && !CallSite.plausible(view, symbols, address)) {
            warn(Warning.Kind.NO_CALL, address);
        }
        if (proof != Proof.SHADOW_STACK && kernel.replaced(address)) warn(Warning.Kind.RETURN_REPLACED, address);
        rip = address;
        rsp = sp;
        exact = start;
        live = null;
    }

    /**
     * Finds the caller by the code: by the word on top of the stack, if it lies behind a call to this very instruction,
     * or by the way from there to the return.
     *
     * @param from the instruction about to be executed, or the call that the walk has come out of
     * @param warning to give if it succeeds, or null
     * @param tables whether the ORC tables may help where they know the code that comes next
     * @return whether it found the caller
     */
    final boolean emitByCode(long from, Warning.Kind warning, boolean tables) {
        if ((rsp & 7) != 0 || rsp >= 0 && kernel.upperHalf()) return false;
        long slot = rsp;
        long outer = rbp;
        if (!load(rsp) || view.value() == 0 || !callTo(view.value(), from)) {
            ReturnPath.Answer a = kernel.returnPath(tables).from(view, kernel.symbolsAt(from), from);
            if (!a.known()) return false;
            slot = (a.fromRbp() ? rbp : rsp) + a.slot();
            if (a.rbpSaved() != 0) {
                long saved = (a.rbpSaved() == 2 ? rbp : rsp) + a.rbpSlot();
                if (!sameStack(saved, rsp) || !load(saved)) return false;
                outer = view.value();
            }
        }
        if (Long.compareUnsigned(slot, rsp) < 0 || !sameStack(slot, rsp) || !load(slot)) return false;
        long address = view.value();
        boolean start = false;
        if (!kernel.replaced(address) && !CallSite.before(view, address)) {
            if (!kernel.isStart(address)) return false;
            start = true;
        }
        if (warning != null) warn(warning, from);
        rbp = outer;
        emitReturn(address, slot, slot + 8, Proof.CODE, start);
        return true;
    }

    /**
     * Finds the caller where a trampoline runs that was returned to in the caller's place.
     *
     * @return whether it is such a one, and the kernel's lists tell where it goes
     */
    final boolean emitReturning(Proof proof) {
        if (!kernel.system().inReturnTrampoline(rip) || !exact && kernel.replaced(rip)) return false;
        long slot = kernel.system().returningSlot(view, rsp);
        long to = slot == 0 ? 0 : kernel.system().returningTo(view, rsp);
        if (to == 0 || !kernel.isText(to)) return false;
        emitReturn(to, rip, slot, slot + 8, proof, false);
        return true;
    }

    /** @return whether rip lies behind a call into the function's own middle: it pushes a word, but calls nothing */
    final boolean behindOwnCall() {
        if (exact || view.load8(rip - 5) != 0xe8 || !view.load(rip - 4)) return false;
        Symbols symbols = kernel.symbolsAt(rip);
        int f = symbols.find(rip - 5);
        return f >= 0 && f == symbols.find(rip + (int) view.value());
    }

    /** @return whether the address lies behind a direct call to the target */
    private boolean callTo(long address, long target) {
        return view.load8(address - 5) == 0xe8 && view.load(address - 4) && address + (int) view.value() == target;
    }

    /** Registers saved by entry code; the walk goes on with the code they interrupted, or ends if that is user code. */
    final void emitRegs(PtRegs regs, Proof proof) {
        if (regs.empty() && topOfStack(regs.address() + PtRegs.BYTES)) {
            end();
            return;
        }
        if (proof != Proof.SHADOW_STACK && !regs.plausible(kernel.upperHalf())) {
            fail(Warning.Kind.BAD_REGISTERS, regs.address());
            return;
        }
        long slot = regs.address() == 0 ? 0 : regs.address() + PtRegs.FRAME;
        emit(new Frame(
                kernel.symbolsAt(regs.rip()),
                regs.rip(),
                true,
                slot,
                regs.rsp(),
                regs.user() ? Stack.UNKNOWN : stacks.of(regs.rsp()),
                proof,
                regs,
                regs.user()));
        if (regs.user()) {
            end();
            return;
        }
        if (slot != 0 && sameStack(slot, regs.rsp()) && regs.rsp() - slot <= 0 && ++descents > MOST_DESCENTS
                || regs.rsp() == rsp && regs.rip() == rip) {
            fail(Warning.Kind.CYCLE, regs.rsp());
            return;
        }
        rip = regs.rip();
        rsp = regs.rsp();
        if (regs.known(PtRegs.RBP)) rbp = regs.rbp();
        exact = true;
        live = regs.full() ? regs.registers() : live;
        if ((rsp & 7) != 0 && proof != Proof.SHADOW_STACK) {
            fail(Warning.Kind.MISALIGNED_STACK, rsp);
        } else if (rip != 0 && !kernel.isText(rip)) {
            warn(Warning.Kind.NOT_TEXT, rip);
        }
    }

    private void emit(Frame f) {
        boolean back = f.stack() != last.stack() && !f.user() && comesBack(f);
        next = f;
        last = f;
        count++;
        if (back) fail(Warning.Kind.CYCLE, f.sp());
    }

    /**
     * A walk leads outward, so it comes to a named stack once, or again further up (NMIs that nest).
     * @return whether this frame lies where the walk has been
     */
    private boolean comesBack(Frame f) {
        if (lefts < left.length && last.stack() != Stack.UNKNOWN) {
            left[lefts] = last.stack();
            leftAt[lefts++] = last.sp();
        }
        for (int i = 0; i < lefts; i++) {
            if (left[i] == f.stack() && f.sp() - leftAt[i] <= 0 && f.regs() == null) return true;
        }
        return false;
    }

    /** The walk is over: there is no caller. */
    final void end() {
        done = true;
    }

    /**
     * The walk found no caller: nothing is missing if the last frame stands at the top of its stack, above which there
     * are at most registers that are empty.
     */
    final void endOfChain() {
        if (!atTop(last.sp()))
            warn(
                    kernel.isEntry(last.address() - (last.exact() ? 0 : 1))
                            ? Warning.Kind.IN_ENTRY_CODE
                            : Warning.Kind.NO_CALLER,
                    last.sp());
        done = true;
    }

    private boolean atTop(long sp) {
        Stack s = stacks.of(sp - 8);
        long top = s == Stack.UNKNOWN ? sp + 0xfff & -0x1000L : s.high();
        long room = top - sp;
        if (room < PtRegs.BYTES) return true;
        // a kernel thread's registers are empty, and what is left of the frame that was made for its first run lies
        // below
        for (int padding = 0; padding <= STACK_PADDING; padding += STACK_PADDING) {
            PtRegs r = room < MOST_ROOM ? PtRegs.whole(view, top - padding - PtRegs.BYTES) : null;
            if (r != null && r.empty() && room >= PtRegs.BYTES + padding) return true;
        }
        return false;
    }

    /** @return whether a stack may end at this address: Linux with FRED leaves two words free */
    private boolean topOfStack(long address) {
        Stack s = stacks.of(address - 8);
        long over = s == Stack.UNKNOWN ? -address & 0xfff : s.high() - address;
        return over == 0 || over == STACK_PADDING;
    }

    /** The walk is over because nothing trustworthy leads on. */
    final void fail(Warning.Kind kind, long address) {
        warn(kind, address);
        done = true;
    }

    /** Something is wrong with the last frame; the walk goes on. */
    final void warn(Warning.Kind kind, long address) {
        last.warn(new Warning(kind, address));
        if (reason == null)
            reason = new Trace.Reason(
                    kernel, kind, kind == Warning.Kind.NOT_TEXT ? address : last.address(), last.exact());
    }

    /** @return why the frames found so far are not proven, or null; the whole trace's verdict once the walk is over */
    final Trace.Reason reason() {
        return reason;
    }

    /** Reads the stack. @return whether it could; the word is {@code view.value()} */
    final boolean load(long address) {
        return (address & 7) == 0 && view.load(address);
    }

    final Stack stackOf(long address) {
        return stacks.of(address);
    }

    /**
     * @return whether two addresses lie on one stack, as far as is known: on none that has a name, those near each
     *     other do
     */
    final boolean sameStack(long a, long b) {
        Stack s = stacks.of(a);
        return s == stacks.of(b) && (s != Stack.UNKNOWN || Math.abs(a - b) < LARGEST_STACK);
    }

    final long register(int n) {
        return n == Cpu.RSP ? rsp : n == Cpu.RBP ? rbp : live[n];
    }
}
