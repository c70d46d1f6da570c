package ringside.workbench.run;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ringside.bus.Clock;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.workbench.UsageException;

/**
 * A moment of a run: an instruction count ({@code 900m}), a virtual time ({@code 1.5s}, {@code 20ms}, {@code 3us}), a
 * symbol or address with a hit count ({@code do_exit#3}, {@code 0xffffffff81000000}), or a text on the console
 * ({@code console:Run /init}). {@link #run} stops exactly there, on either engine at the same instruction; a time that
 * passes while the guest is halted is reached when it wakes.
 */
public final class When {
    private static final Pattern COUNT = Pattern.compile("(\\d[\\d_,]*)([kmg]?)", Pattern.CASE_INSENSITIVE);
    private static final Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s)");
    private static final String CONSOLE = "console:";
    private static final int LONGEST_LINE = 4096;

    private final String text;
    private final StopPoint point;
    private final String console;
    private final long time;
    private final StringBuilder line = new StringBuilder();
    private Machine running;
    private boolean seen;

    private When(String text, StopPoint point, String console, long time) {
        this.text = text;
        this.point = point;
        this.console = console;
        this.time = time;
    }

    /** @param option its name, for messages */
    public static When parse(String option, String text) {
        try {
            Matcher count = COUNT.matcher(text);
            if (count.matches()) {
                long unit = switch (count.group(2).toLowerCase(java.util.Locale.ROOT)) {
                    case "k" -> 1_000;
                    case "m" -> 1_000_000;
                    case "g" -> 1_000_000_000;
                    default -> 1;
                };
                long n = Math.multiplyExact(Long.parseLong(count.group(1).replaceAll("[_,]", "")), unit);
                return new When(text, StopPoint.instruction(n), null, -1);
            }
            Matcher time = TIME.matcher(text);
            if (time.matches()) {
                double unit = switch (time.group(2)) {
                    case "ns" -> 1;
                    case "us" -> 1e3;
                    case "ms" -> 1e6;
                    default -> 1e9;
                };
                return new When(text, null, null, (long) (Double.parseDouble(time.group(1)) * unit));
            }
            if (text.startsWith(CONSOLE) && text.length() > CONSOLE.length())
                return new When(text, null, text.substring(CONSOLE.length()), -1);
            if (text.matches("[\\w.$]+(\\+\\w+)?(#\\d+)?")) return new When(text, StopPoint.at(text), null, -1);
        } catch (ArithmeticException | NumberFormatException e) {
            // said below, as for all other texts
        }
        throw new UsageException(option + ": '" + text
                + "' is no moment: an instruction (900m), a time (1.5s), SYMBOL#HIT or console:TEXT");
    }

    /** Tells what files know of the kernel, for a symbol; to be called before {@link #run}. */
    public void symbols(KnownKernel known) {
        if (point == null || !point.needsSymbols()) return;
        if (known.fixedSymbols().count() > 0) point.resolve(known.fixedSymbols());
        point.moving(known.movingSymbols());
    }

    /** Takes a byte of the guest's console, on the processor's thread. */
    public void console(int b) {
        if (console == null || seen || running == null) return;
        if (b == '\n' || line.length() >= LONGEST_LINE) {
            line.setLength(0);
        } else {
            line.append((char) (b & 0xff));
            if (line.indexOf(console) >= 0) {
                seen = true;
                running.requestStop();
            }
        }
    }

    /**
     * Runs up to the moment.
     *
     * @return true if it was reached; false if the run ended before, as {@code outcome} tells
     */
    public boolean run(Machine m, long limit, Outcome[] outcome) {
        if (point != null) return point.run(m, limit, outcome);
        running = m;
        try {
            if (console != null) {
                outcome[0] = m.run(limit);
                return seen;
            }
            while (m.now() < time && m.cpu().instructions() < limit) {
                long left = Math.max(1, (time - m.now()) / Clock.NS_PER_INSTRUCTION);
                outcome[0] = m.run(Math.min(limit, m.cpu().instructions() + left));
                if (outcome[0].reason() != Outcome.Reason.INSTRUCTION_LIMIT) return false;
            }
            return m.now() >= time;
        } finally {
            running = null;
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
