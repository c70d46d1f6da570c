package ringside.workbench.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import ringside.cpu.CpuModel;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/**
 * Cases from consecutive seeds, one after the other, on both engines and the host's processor; those that differ are
 * made smaller and appended to a file.
 */
public final class FuzzRun implements AutoCloseable {
    /**
     * Laboratories are made anew after so many cases, so that a long run does not keep what old cases left in caches.
     */
    private static final int RENEW = 20_000;

    private static final long TELL_NANOS = 5_000_000_000L;
    /** Lines of a difference that are told. */
    private static final int SHOWN = 8;

    /**
     * What to do.
     *
     * @param first seed of the first case
     * @param kind what to generate, or null for all in turn
     * @param cases how many, or null for no end
     * @param seconds of host time, or null for no end
     * @param model the processor
     * @param other the processor of the second engine, the same unless differences are wanted
     * @param translateAfter entries of a block before it is translated, or null for 1 and 3 by turns
     * @param compareWithHost whether cases run on the processor of this machine too
     * @param save where cases that differ are appended
     */
    public record Plan(
            long first,
            CaseGenerator.Kind kind,
            Long cases,
            Double seconds,
            CpuModel model,
            CpuModel other,
            Integer translateAfter,
            boolean compareWithHost,
            Path save) {
        /** @return the fields of case {@code n}, counted from 0 */
        public Map<String, Object> make(long n) {
            CaseGenerator.Kind[] all = CaseGenerator.Kind.values();
            return CaseGenerator.make(kind != null ? kind : all[(int) (n % all.length)], first + n);
        }
    }

    private final Plan plan;
    private final Consumer<String> progress;
    private volatile long done;
    private volatile int found;
    private int turn;
    private volatile long compared;
    private volatile HostProcessor host;
    /** A difference that was told of and is not saved yet, as small as it is by now. */
    private Map<String, Object> pending;

    /** @param progress gets lines for whoever waits */
    public FuzzRun(Plan plan, Consumer<String> progress) {
        this.plan = plan;
        this.progress = progress;
    }

    /** @return cases that have been run; callable from any thread */
    public long done() {
        return done;
    }

    /** @return cases that differed; callable from any thread */
    public int found() {
        return found;
    }

    /** @return cases that were compared with the processor of this machine */
    public long comparedWithHost() {
        return compared;
    }

    /** Runs until the plan is done. @param stopped asked before each case, and while one is made smaller */
    public void run(BooleanSupplier stopped) throws IOException {
        long start = System.nanoTime();
        try (HostProcessor h = host()) {
            host = h;
            run(stopped, start);
        }
    }

    /** Saves a difference that was not saved yet, and ends the host's processor; callable from any thread. */
    @Override
    public void close() throws IOException {
        save();
        HostProcessor h = host;
        if (h != null) h.close();
    }

    private void run(BooleanSupplier stopped, long start) throws IOException {
        long told = start;
        Fuzzer f = fuzzer();
        while (!stopped.getAsBoolean()
                && (plan.cases == null || done < plan.cases)
                && (plan.seconds == null || System.nanoTime() - start < plan.seconds * 1e9)) {
            Map<String, Object> c = plan.make(done);
            List<String> d = f.differences(c);
            if (!d.isEmpty()) report(f, c, d, stopped);
            done++;
            if (done % RENEW == 0) {
                compared += f.comparedWithHost();
                f.close();
                f = fuzzer();
            }
            long now = System.nanoTime();
            if (now - told > TELL_NANOS) {
                told = now;
                progress.accept(
                        String.format("%,d cases, %,.0f/s, %d differences", done, done * 1e9 / (now - start), found));
            }
        }
        compared += f.comparedWithHost();
        f.close();
    }

    private Fuzzer fuzzer() {
        int n = plan.translateAfter != null ? plan.translateAfter : turn++ % 2 == 0 ? 3 : 1;
        TranslatorOptions options = TranslatorOptions.after(n).withBackground(false);
        return new Fuzzer(plan.model, plan.other, Translator.factory(options), host);
    }

    private HostProcessor host() throws IOException {
        if (!plan.compareWithHost || plan.kind == CaseGenerator.Kind.SYSTEM) return null;
        try {
            HostProcessor h = HostProcessor.start();
            if (!h.runs32BitCode())
                progress.accept("cases of 32-bit code are compared between the engines only:"
                        + " this machine's kernel has no segment for 32-bit code");
            return h;
        } catch (HostProcessor.UnavailableException e) {
            progress.accept("no comparison with the processor of this machine: " + e.getMessage());
            return null;
        }
    }

    private void report(Fuzzer f, Map<String, Object> c, List<String> first, BooleanSupplier stopped)
            throws IOException {
        pending(f.withExpectation(c));
        found++;
        progress.accept("a difference in " + c.get("name") + ": " + first.getFirst() + "; making it smaller ...");
        Map<String, Object> small = f.minimise(c, stopped, this::pending);
        List<String> d = stopped.getAsBoolean() ? first : f.differences(small);
        if (!stopped.getAsBoolean()) pending(f.withExpectation(small));
        StringBuilder lines = new StringBuilder("what differs:");
        for (String line : d.subList(0, Math.min(SHOWN, d.size())))
            lines.append("\n  ").append(line);
        progress.accept(lines + "\n  " + Fuzzer.json(pending()));
        save();
    }

    private synchronized void pending(Map<String, Object> difference) {
        pending = difference;
    }

    private synchronized Map<String, Object> pending() {
        return pending;
    }

    private synchronized void save() throws IOException {
        if (pending == null) return;
        Files.writeString(plan.save, Fuzzer.json(pending) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        pending = null;
    }
}
