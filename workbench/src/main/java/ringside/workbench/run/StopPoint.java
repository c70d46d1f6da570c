package ringside.workbench.run;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ringside.cpu.Observer;
import ringside.guest.GuestView;
import ringside.machine.Breakpoints;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.linux.Kallsyms;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.Symbols;
import ringside.workbench.UsageException;

/**
 * Runs a machine to a place in the guest and stops exactly before the instruction there: at a symbol, at an instruction
 * count, at a fault before it is delivered. A symbol of a kernel that still has to unpack itself is looked up when it
 * executes its first instruction in the kernel's own address range.
 */
public final class StopPoint {
    private static final Pattern PLACE = Pattern.compile("(.+?)(?:\\+(0[xX][0-9a-fA-F]+|\\d+))?(?:#(\\d+))?");
    private static final Pattern FAULT = Pattern.compile("(0[xX][0-9a-fA-F]+|\\d+)?(?:#(\\d+))?");

    /** Instructions between two looks at a kernel that sets itself up. */
    private static final long SETTLE = 100_000;

    private final String symbol;
    private final long offset;
    /** -1: any exception. */
    private final int vector;

    private final boolean fault;
    private final long instruction;
    private final long wanted;
    private long hits;
    private long[] addresses;
    private boolean reached;
    private String what;
    private Symbols moving = Symbols.NONE;

    private StopPoint(String symbol, long offset, long hits, boolean fault, int vector, long instruction) {
        this.symbol = symbol;
        this.offset = offset;
        this.wanted = hits;
        this.hits = hits;
        this.fault = fault;
        this.vector = vector;
        this.instruction = instruction;
    }

    /** @param text SYMBOL[+OFFSET][#HIT], or 0xADDRESS[#HIT] */
    public static StopPoint at(String text) {
        Matcher m = PLACE.matcher(text);
        if (!m.matches()) throw new UsageException("--at takes SYMBOL[+OFFSET][#HIT], not '" + text + "'");
        long hit = count(m.group(3), "--at");
        return new StopPoint(m.group(1), m.group(2) == null ? 0 : number(m.group(2), "--at"), hit, false, -1, -1);
    }

    public static StopPoint instruction(long n) {
        return new StopPoint(null, 0, 1, false, -1, n);
    }

    /** @param text [VECTOR][#HIT] */
    public static StopPoint fault(String text) {
        Matcher m = FAULT.matcher(text);
        if (!m.matches()) throw new UsageException("--on-fault takes [VECTOR][#HIT], not '" + text + "'");
        long v = m.group(1) == null ? -1 : number(m.group(1), "--on-fault");
        if (v > 255) throw new UsageException("--on-fault: vectors go to 255");
        return new StopPoint(null, 0, count(m.group(2), "--on-fault"), true, (int) v, -1);
    }

    private static long number(String s, String option) {
        try {
            return Long.decode(s);
        } catch (NumberFormatException e) {
            throw new UsageException(option + ": '" + s + "' is not a number");
        }
    }

    private static long count(String s, String option) {
        long n = s == null ? 1 : number(s, option);
        if (n < 1) throw new UsageException(option + ": hits are counted from 1");
        return n;
    }

    /** @return whether symbols are needed before the run */
    public boolean needsSymbols() {
        return symbol != null && !symbol.matches("0[xX][0-9a-fA-F]+");
    }

    /** Looks the symbol up; an unknown one is the user's mistake. */
    public void resolve(Symbols symbols) {
        long[] found = symbols.addresses(symbol);
        if (found.length == 0) {
            var similar = symbols.similar(symbol, 5);
            throw new UsageException("--at: the kernel has no symbol '" + symbol + "'"
                    + (similar.isEmpty() ? "" : "; similar: " + String.join(", ", similar)));
        }
        long size = 0;
        for (long a : found) size = Math.max(size, symbols.size(symbols.find(a)));
        if (size != 0 && offset >= size) {
            throw new UsageException(
                    String.format("--at: '%s' has %d bytes, so +0x%x does not lie in it", symbol, size, offset));
        }
        addresses = Arrays.stream(found).map(a -> a + offset).distinct().toArray();
    }

    /** @param symbols those of a kernel that moves itself and carries none, as its file has them */
    public void moving(Symbols symbols) {
        moving = symbols;
    }

    /** What was reached, for the heading; after {@link #run}. */
    public String what() {
        return what;
    }

    /** How far a run got that did not get there, such as "reached 3 times of 100". */
    public String progress() {
        if (instruction >= 0) return String.format("instruction %,d was asked for", instruction);
        if (symbol != null && addresses == null)
            return "no kernel code ran in the topmost 2 GiB of the address space, so its symbols were not looked for";
        return String.format("reached %,d of %,d times", wanted - hits, wanted);
    }

    /** @return whether the place is an instruction count, which comes however idle the guest is */
    public boolean comesByItself() {
        return instruction >= 0;
    }

    /**
     * Runs up to the place.
     *
     * @return true if it was reached; false if the run ended before, as {@code outcome} tells
     */
    public boolean run(Machine m, long limit, Outcome[] outcome) {
        if (instruction >= 0) {
            what = String.format("instruction %,d", instruction);
            outcome[0] = m.run(Math.min(limit, instruction));
            return m.cpu().instructions() == instruction;
        }
        if (symbol != null && !needsSymbols()) {
            try {
                addresses = new long[] {Long.parseUnsignedLong(symbol.substring(2), 16) + offset};
            } catch (NumberFormatException e) {
                throw new UsageException("--at: '" + symbol + "' is not an address");
            }
        }
        return fault ? runToFault(m, limit, outcome) : runToSymbol(m, limit, outcome);
    }

    private boolean runToFault(Machine m, long limit, Outcome[] outcome) {
        Observer watch = Observer.of((c, v, error, software) -> take(m, v, error, software));
        m.cpu().observers.add(watch);
        try {
            outcome[0] = m.run(limit);
            return reached;
        } finally {
            m.cpu().observers.remove(watch);
        }
    }

    private boolean take(Machine m, int v, int error, boolean software) {
        if ((vector == -1 ? v >= 32 || v == 2 || software : v != vector) || --hits != 0) return false;
        what = "exception " + v + (error == -1 ? "" : String.format(", error code %x", error))
                + (v == 14 ? String.format(", CR2 %x", m.cpu().cr2) : "");
        reached = true;
        m.requestStop();
        return true;
    }

    /**
     * A kernel without symbols of its own: how far it was moved is known from its page fault handler, which it sets up
     * a little later.
     */
    private Symbols awaitSlide(Breakpoints b, Machine m, long limit, Outcome[] outcome, GuestView view) {
        if (moving.count() == 0)
            throw new UsageException("--at: the kernel carries no symbols (kallsyms); give them with --symbols");
        b.clear();
        for (long next = m.cpu().instructions(); next < limit; ) {
            next = Math.min(limit, next + SETTLE);
            outcome[0] = m.run(next);
            if (outcome[0].reason() != Outcome.Reason.INSTRUCTION_LIMIT) return null;
            view.refresh();
            Long slide = LinuxKernel.slide(view, moving, null);
            if (slide != null) return moving.moved(slide, 1 << 20);
        }
        return null;
    }

    private boolean runToSymbol(Machine m, long limit, Outcome[] outcome) {
        Breakpoints b = new Breakpoints(m);
        try {
            if (addresses == null) {
                b.set(la -> la >>> 31 == Kallsyms.KERNEL_SPACE >>> 31);
                outcome[0] = b.run(limit);
                if (!b.hit()) return false;
                GuestView view = new GuestView(m.cpu());
                Symbols s = Kallsyms.find(view);
                if (s == null) s = awaitSlide(b, m, limit, outcome, view);
                if (s == null) return false;
                resolve(s);
            }
            long[] a = addresses;
            b.set(a.length == 1 ? la -> la == a[0] : la -> Arrays.stream(a).anyMatch(x -> x == la));
            what = symbol + (offset == 0 ? "" : String.format("+0x%x", offset));
            while (hits > 0) {
                outcome[0] = b.run(limit);
                if (!b.hit()) return false;
                hits--;
            }
            return true;
        } finally {
            b.clear();
        }
    }
}
