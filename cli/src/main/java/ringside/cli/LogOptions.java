package ringside.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Option;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.workbench.UsageException;
import ringside.workbench.log.EventLog;
import ringside.workbench.log.LogFilter;
import ringside.workbench.log.LogKind;
import ringside.workbench.log.Names;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.Stops;
import ringside.workbench.run.When;

/** Options of the log of a run, and the run with it. */
final class LogOptions {
    private static final int BUFFER = 1 << 16;
    /** Instructions between two looks for a kernel that is not there yet. */
    private static final long LOOK = 20_000_000;

    @Option(
            names = {"--log"},
            paramLabel = "KIND[,KIND]",
            split = ",",
            description = "log events, a line each: int, exception, nmi, syscall, io, mmio, msr, cr, task, insn, mem,"
                    + " translate")
    List<String> kinds = new ArrayList<>();

    @Option(
            names = {"--log-file"},
            paramLabel = "FILE",
            description = "where the log goes (default: standard error)")
    Path file;

    @Option(
            names = {"--log-format"},
            paramLabel = "text|json",
            defaultValue = "text",
            description = "lines for people (default), or a JSON object a line")
    Format format = Format.text;

    enum Format {
        text,
        json
    }

    @Option(
            names = {"--log-from"},
            paramLabel = "WHEN",
            description = "begin at an instruction (900m), a time (1.5s), SYMBOL[#HIT] or console:TEXT")
    String from;

    @Option(
            names = {"--log-to"},
            paramLabel = "WHEN",
            description = "end there; counted from --log-from on")
    String to;

    @Option(
            names = {"--log-filter"},
            paramLabel = "NAME=VALUE",
            split = ",",
            description = "only lines with: pid=N, comm=NAME, vector=N, syscall=NAME, port=N, msr=N, at=FROM-TO")
    List<String> filter = new ArrayList<>();

    @Option(
            names = {"--log-last"},
            paramLabel = "N",
            description = "keep the last N lines and print them when the run ends badly; without --log: of exceptions,"
                    + " interrupts and system calls")
    Integer last;

    private Set<LogKind> chosen;
    private LogFilter chosenFilter;
    private When begin, end;
    private volatile Stops waiting;

    boolean wanted() {
        return !kinds.isEmpty() || last != null;
    }

    /** Refuses what would be ignored. */
    void check(boolean gdb) {
        if (gdb && (from != null || to != null))
            throw new UsageException("--log-from and --log-to do not go with --gdb, which goes back and forth");
        if (!wanted()) {
            if (file != null || from != null || to != null || !filter.isEmpty() || format != Format.text) {
                throw new UsageException(
                        "--log-file, --log-format, --log-from, --log-to and --log-filter need --log or --log-last");
            }
            return;
        }
        if (last != null && (last < 1 || last > 1_000_000))
            throw new UsageException("--log-last takes a number from 1 to 1000000");
        if (file != null && kinds.isEmpty())
            throw new UsageException("--log-file needs --log: --log-last alone writes nothing before the end");
        chosen = kinds.isEmpty()
                ? EnumSet.of(LogKind.INT, LogKind.EXCEPTION, LogKind.NMI, LogKind.SYSCALL)
                : LogKind.parse(kinds);
        chosenFilter = LogFilter.parse(filter);
        if (from != null) begin = When.parse("--log-from", from);
        if (to != null) end = When.parse("--log-to", to);
    }

    /** Takes a byte of the guest's console. */
    void console(int b) {
        if (waiting != null) waiting.console(b);
    }

    /** Runs to a moment. @return whether it was reached; if not, the run ended before, as outcome tells */
    private boolean to(When w, Machine m, KnownKernel known, long limit, BooleanSupplier stopped, Outcome[] outcome)
            throws IOException {
        waiting = new Stops(m, List.of(w), known);
        outcome[0] = waiting.run(m::run, limit, stopped, s -> false);
        return waiting.complete();
    }

    /** Runs the machine with the log. @param stopped whether somebody else asked the machine to stop */
    Outcome run(Machine m, KnownKernel known, long limit, BooleanSupplier stopped) throws IOException {
        try (OutputStream out = open()) {
            EventLog log = new EventLog(
                    m, new Names(m, known), chosen, chosenFilter, format == Format.json, out, last == null ? 0 : last);
            Outcome[] outcome = new Outcome[1];
            if (begin != null && !to(begin, m, known, limit, stopped, outcome)) {
                Output.say("--log-from %s was not reached", begin);
                return outcome[0];
            }
            log.start();
            log.look();
            boolean on = true;
            try {
                if (end != null) {
                    if (!to(end, m, known, limit, stopped, outcome)) return outcome[0];
                    log.stop();
                    on = false;
                    outcome[0] = m.run(limit);
                } else {
                    do {
                        long next = log.looks() ? Math.min(limit, m.cpu().instructions() + LOOK) : limit;
                        outcome[0] = m.run(next);
                        log.look();
                    } while (outcome[0].reason() == Outcome.Reason.INSTRUCTION_LIMIT
                            && m.cpu().instructions() < limit);
                }
            } finally {
                if (on) log.stop();
            }
            sayLast(log, outcome[0]);
            return outcome[0];
        }
    }

    private void sayLast(EventLog log, Outcome o) {
        if (last == null || o == null || ExitStatus.of(o) == ExitStatus.OK) return;
        List<String> lines = log.last();
        Output.messages().printf("%nringside: the last %d of %,d logged events:%n", lines.size(), log.lines());
        lines.forEach(Output.messages()::println);
    }

    /** A run that somebody else steers. */
    interface Steered {
        /** @param log null if none is wanted */
        Outcome run(EventLog log) throws IOException;
    }

    /** Lets somebody else run the machine, with the log if one is wanted. */
    Outcome with(Machine m, KnownKernel known, Steered run) throws IOException {
        if (!wanted()) return run.run(null);
        try (OutputStream out = open()) {
            EventLog log = new EventLog(
                    m, new Names(m, known), chosen, chosenFilter, format == Format.json, out, last == null ? 0 : last);
            log.start();
            log.look();
            try {
                Outcome o = run.run(log);
                sayLast(log, o);
                return o;
            } finally {
                log.stop();
            }
        }
    }

    private OutputStream open() throws IOException {
        if (kinds.isEmpty()) return null;
        if (file == null) return new Messages();
        try {
            return new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
        } catch (IOException e) {
            throw new UsageException("--log-file: " + file + " cannot be written");
        }
    }

    /** Standard error, which stays open. */
    private static final class Messages extends BufferedOutputStream {
        Messages() {
            super(Output.messages(), 1 << 12);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
