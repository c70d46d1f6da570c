package ringside.unwinder;

import java.util.List;
import ringside.unwinder.symbols.Symbols;

/**
 * One frame of a trace, innermost first. A frame is either where code was when it called (a return address) or where it
 * was interrupted; then {@link #regs} are the registers it was interrupted with. The function's name is looked up when
 * asked for.
 */
public final class Frame {
    private final Symbols symbols;
    private final long address;
    private final boolean exact;
    private final long slot;
    private final long sp;
    private final Stack stack;
    private final Proof proof;
    private final PtRegs regs;
    private final boolean user;
    private long stored;
    private Symbols storedIn;
    private List<Warning> warnings = List.of();
    private int symbol = -2;

    Frame(
            Symbols symbols,
            long address,
            boolean exact,
            long slot,
            long sp,
            Stack stack,
            Proof proof,
            PtRegs regs,
            boolean user) {
        this.symbols = symbols;
        this.address = address;
        this.exact = exact;
        this.slot = slot;
        this.sp = sp;
        this.stack = stack;
        this.proof = proof;
        this.regs = regs;
        this.user = user;
    }

    /** {@return linear address in the code: the next instruction, or the one behind the call} */
    public long address() {
        return address;
    }

    /** {@return whether {@link #address} is an instruction about to be executed, not a return address} */
    public boolean exact() {
        return exact;
    }

    /**
     * {@return the address of the trampoline that a probe has put into the stack word instead of {@link #address}; 0 if
     * the word holds the address itself}
     */
    public long stored() {
        return stored;
    }

    /** {@return the function that {@link #stored} lies in, or null if there is none or its name is not known} */
    public String hook() {
        int s = stored == 0 ? -1 : storedIn.find(stored);
        return s < 0 ? null : storedIn.name(s);
    }

    void replacedBy(long trampoline, Symbols in) {
        stored = trampoline;
        storedIn = in;
    }

    /** {@return linear address of the word the address was read from; 0 if it is in a register} */
    public long slot() {
        return slot;
    }

    /** {@return the stack pointer in this frame: behind the return address if it is one} */
    public long sp() {
        return sp;
    }

    /** {@return the stack this frame lies on} */
    public Stack stack() {
        return stack;
    }

    /** {@return what says that this frame exists} */
    public Proof proof() {
        return proof;
    }

    /** {@return the registers saved when this code was interrupted, or null} */
    public PtRegs regs() {
        return regs;
    }

    /** {@return whether this is the user code at the end of the trace} */
    public boolean user() {
        return user;
    }

    /** {@return what is doubtful about this frame or the step to its caller; empty if nothing is} */
    public List<Warning> warnings() {
        return warnings;
    }

    void warn(Warning w) {
        if (warnings.isEmpty()) {
            warnings = List.of(w);
            return;
        }
        List<Warning> l = new java.util.ArrayList<>(warnings);
        l.add(w);
        warnings = List.copyOf(l);
    }

    private int symbol() {
        if (symbol == -2) symbol = user ? -1 : symbols.find(exact ? address : address - 1);
        return symbol;
    }

    /** {@return the function's name, or null if the address is in none that is known} */
    public String function() {
        return symbol() < 0 ? null : symbols.name(symbol());
    }

    /** {@return bytes from the function's start; 0 without function} */
    public long offset() {
        return symbol() < 0 ? 0 : address - symbols.start(symbol());
    }

    /** {@return the function's size in bytes; 0 if unknown} */
    public long size() {
        return symbol() < 0 ? 0 : symbols.size(symbol());
    }

    /** @return {@code function+0xoffset/0xsize}, with {@code [module]} if it is a module's, or the bare address */
    @Override
    public String toString() {
        if (function() == null) return String.format("0x%x", address);
        return String.format("%s+0x%x/0x%x", function(), offset(), size())
                + (symbols.module() == null ? "" : " [" + symbols.module() + "]");
    }
}
