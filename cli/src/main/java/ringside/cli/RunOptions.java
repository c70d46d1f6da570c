package ringside.cli;

import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import ringside.workbench.UsageException;
import ringside.workbench.run.Guest;

/** Options of a run: guest, engine, and when to end. */
final class RunOptions {
    @Mixin
    GuestOptions guest = new GuestOptions();

    @Mixin
    EngineOptions engine = new EngineOptions();

    @Option(
            names = {"--max-instructions"},
            paramLabel = "N",
            defaultValue = "9223372036854775807",
            hideParamSyntax = true,
            converter = Count.class,
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "end after N guest instructions, with exit status 4; suffixes k, m, g (10^3, 10^6, 10^9)")
    long maxInstructions;

    @Option(
            names = {"--until"},
            paramLabel = "REGEX",
            converter = Regex.class,
            description = "end with exit status 0 when a line of the console, finished or not, contains a match")
    Pattern until;

    @Option(
            names = {"--timeout"},
            paramLabel = "SECONDS",
            description = "end after so much host time, with exit status 4")
    Double timeout;

    @Option(
            names = {"--stats"},
            arity = "0..1",
            paramLabel = "text|json",
            preprocessor = StatsFormat.Attached.class,
            description = "print figures of the run on standard error at the end; --stats=json: as one JSON object")
    StatsFormat stats;

    @Option(
            names = {"-q", "--quiet"},
            description = "do not say at the start how to leave")
    boolean quiet;

    /** The command line as it was given, for the way back in a crash report; set by the command. */
    String command = "ringside run KERNEL";

    /** Options of a run with which none of them can be that looks at it closely. */
    private static final java.util.Set<String> ONCE = java.util.Set.of("--record", "--save-at", "--save-to");

    /** @return the command that runs the same guest once more, to which another option can be added */
    static String again(java.util.List<String> words) {
        java.util.List<String> kept = new java.util.ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            int value = word.indexOf('=');
            if (!ONCE.contains(value < 0 ? word : word.substring(0, value))) kept.add(word);
            else if (value < 0) i++;
        }
        return commandLine(kept);
    }

    /** @return the words as a shell takes them */
    static String commandLine(java.util.List<String> words) {
        StringBuilder s = new StringBuilder("ringside");
        for (String w : words)
            s.append(' ').append(w.matches("[\\w./:=,+@%-]+") ? w : "'" + w.replace("'", "'\\''") + "'");
        return s.toString();
    }

    /** Set by the commands that have a log. */
    LogOptions log = new LogOptions();

    /** @return the kernel with what the options say it is loaded with and what machine it sees */
    Guest guest(Path kernel) {
        return new Guest(kernel, guest.boot(), guest.config());
    }

    void check() {
        check(false);
    }

    /** @param gdb whether gdb may steer the run */
    void check(boolean gdb) {
        log.check(gdb);
        if (timeout != null && !(timeout > 0)) throw new UsageException("--timeout must be greater than 0");
    }

    static final class Regex implements ITypeConverter<Pattern> {
        @Override
        public Pattern convert(String s) {
            try {
                return Pattern.compile(s);
            } catch (PatternSyntaxException e) {
                throw new TypeConversionException("'" + s + "' is not a regular expression: " + e.getDescription());
            }
        }
    }

    static final class Count implements ITypeConverter<Long> {
        @Override
        public Long convert(String s) {
            java.util.regex.Matcher m = Pattern.compile("(\\d[\\d_]*)([kmg]?)", Pattern.CASE_INSENSITIVE)
                    .matcher(s);
            try {
                if (m.matches()) {
                    long n = Long.parseLong(m.group(1).replace("_", ""));
                    long f = switch (m.group(2).toLowerCase(java.util.Locale.ROOT)) {
                        case "k" -> 1_000;
                        case "m" -> 1_000_000;
                        case "g" -> 1_000_000_000;
                        default -> 1;
                    };
                    long v = Math.multiplyExact(n, f);
                    if (v > 0) return v;
                }
            } catch (ArithmeticException | NumberFormatException e) {
                // said below, as for all other texts
            }
            throw new TypeConversionException("'" + s + "' is not a whole number greater than 0");
        }
    }
}
