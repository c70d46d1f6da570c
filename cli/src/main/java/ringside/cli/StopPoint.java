package ringside.cli;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ringside.cpu.Cpu;
import ringside.cpu.EventFilter;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.GuestView;
import ringside.unwinder.symbols.Kallsyms;
import ringside.unwinder.symbols.Symbols;

/**
 * Runs a machine to a place in the guest and stops exactly before the instruction there: at a symbol, at an instruction count, at a fault before it is
 * delivered. A symbol of a kernel that still has to unpack itself is looked up when it executes its first instruction in the kernel's own address range.
 */
final class StopPoint {
    private static final Pattern PLACE = Pattern.compile("(.+?)(?:\\+(0[xX][0-9a-fA-F]+|\\d+))?(?:#(\\d+))?");
    private static final Pattern FAULT = Pattern.compile("(0[xX][0-9a-fA-F]+|\\d+)?(?:#(\\d+))?");

    private final String symbol;
    private final long offset;
    /** -1: any exception. */
    private final int vector;
    private final boolean fault;
    private final long instruction;
    private long hits;
    private long[] addresses;
    private boolean reached;
    private boolean kernelStarted;
    private String what;

    private StopPoint(String symbol, long offset, long hits, boolean fault, int vector, long instruction) {
        this.symbol = symbol;
        this.offset = offset;
        this.hits = hits;
        this.fault = fault;
        this.vector = vector;
        this.instruction = instruction;
    }

    /** @param text SYMBOL[+OFFSET][#HIT], or 0xADDRESS[#HIT] */
    static StopPoint at(String text) {
        Matcher m = PLACE.matcher(text);
        if (!m.matches()) throw new UsageException("--at takes SYMBOL[+OFFSET][#HIT], not '" + text + "'");
        long hit = count(m.group(3), "--at");
        return new StopPoint(m.group(1), m.group(2) == null ? 0 : number(m.group(2), "--at"), hit, false, -1, -1);
    }

    static StopPoint instruction(long n) {
        return new StopPoint(null, 0, 1, false, -1, n);
    }

    /** @param text [VECTOR][#HIT] */
    static StopPoint fault(String text) {
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
    boolean needsSymbols() {
        return symbol != null && !symbol.matches("0[xX][0-9a-fA-F]+");
    }

    /** Looks the symbol up; an unknown one is the user's mistake. */
    void resolve(Symbols symbols) {
        long[] found = symbols.addresses(symbol);
        if (found.length == 0) {
            var similar = symbols.similar(symbol, 5);
            throw new UsageException("--at: the kernel has no symbol '" + symbol + "'" + (similar.isEmpty() ? "" : "; similar: " + String.join(", ", similar)));
        }
        addresses = Arrays.stream(found).map(a -> a + offset).distinct().toArray();
    }

    /** What was reached, for the heading; after {@link #run}. */
    String what() {
        return what;
    }

    /**
     * Runs up to the place.
     *
     * @return true if it was reached; false if the run ended before, as {@code outcome} tells
     */
    boolean run(Machine m, long limit, Outcome[] outcome) {
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
        Cpu cpu = m.cpu();
        cpu.filter = (c, v, error, software) -> take(m, v, error, software);
        if (!fault) watch(m);
        try {
            while (true) {
                outcome[0] = m.run(limit);
                if (!reached) return false;
                reached = false;
                if (fault) return true;
                if (addresses == null) {
                    kernelStarted = true;
                    Symbols s = Kallsyms.find(new GuestView(cpu));
                    if (s == null) throw new UsageException("--at: the kernel carries no symbols (kallsyms); give them with --symbols");
                    resolve(s);
                    watch(m);
                    continue;
                }
                if (--hits == 0) {
                    what = symbol + (offset == 0 ? "" : String.format("+0x%x", offset));
                    return true;
                }
                passOver(m, limit);
            }
        } finally {
            cpu.filter = null;
            cpu.breakpoints = null;
        }
    }

    private void watch(Machine m) {
        if (addresses == null) {
            m.cpu().breakpoints = la -> la >>> 31 == Kallsyms.KERNEL_SPACE >>> 31;
            return;
        }
        long[] a = addresses;
        m.cpu().breakpoints = a.length == 1 ? la -> la == a[0] : la -> Arrays.stream(a).anyMatch(x -> x == la);
        m.blocks().dropAll();
    }

    /** Executes the one instruction at a place that is not yet the one that is meant. */
    private void passOver(Machine m, long limit) {
        Cpu cpu = m.cpu();
        long la = cpu.codeLinear();
        long pa = cpu.mem.probe(la);
        cpu.breakpoints = null;
        m.run(Math.min(limit, cpu.instructions() + 1));
        watch(m, pa);
    }

    /** Blocks of the page that were made while the breakpoint was off are dropped. */
    private void watch(Machine m, long pa) {
        long[] a = addresses;
        m.cpu().breakpoints = a.length == 1 ? la -> la == a[0] : la -> Arrays.stream(a).anyMatch(x -> x == la);
        if (pa != -1) m.blocks().codeWritten(pa & -4096L);
    }

    private boolean take(Machine m, int v, int error, boolean software) {
        if (v == EventFilter.BREAKPOINT) {
            reached = true;
            m.requestStop();
            return true;
        }
        if (!fault || (vector == -1 ? v >= 32 || v == 2 || software : v != vector) || --hits != 0) return false;
        what = "exception " + v + (error == -1 ? "" : String.format(", error code %x", error)) + (v == 14 ? String.format(", CR2 %x", m.cpu().cr2) : "");
        reached = true;
        m.requestStop();
        return true;
    }

    /** @return whether the kernel has begun to run at its own addresses, as far as that was watched for */
    boolean kernelStarted() {
        return kernelStarted || addresses != null;
    }
}
