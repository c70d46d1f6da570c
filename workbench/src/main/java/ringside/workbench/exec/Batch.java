package ringside.workbench.exec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import ringside.boot.BootException;
import ringside.lab.Experiment;
import ringside.lab.LabException;
import ringside.lab.Laboratory;
import ringside.lab.Result;
import ringside.lab.Stop;
import ringside.workbench.run.Stopping;

/**
 * Runs a file of cases, one JSON object a line, and answers each with one line, in their order. A line that cannot be
 * used is answered with "error". Cases do not know of each other, so several run at a time, each worker with
 * laboratories of its own; PCs, which are large, are shared and run one at a time.
 */
public final class Batch {
    /** Cases that wait for each worker or for their turn to be written. */
    private static final int QUEUED = 64;
    /** In UTF-8, one char a byte. */
    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

    private record Answer(String text, boolean bad, boolean unexpected) {}

    private static final Future<Answer> END = CompletableFuture.completedFuture(null);

    private final Labs.Maker maker;
    private final PrintWriter out;
    private final CaseSpec standard;
    private final int workers;
    private final List<Labs> all = new ArrayList<>();
    private final ThreadLocal<Labs> own = ThreadLocal.withInitial(this::labs);
    private final Labs pcs;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemon("timeout"));
    private final Set<Laboratory> running = ConcurrentHashMap.newKeySet();
    private volatile long cases;
    private long bad, unexpected;
    /** A case was cut off by Ctrl-C; it and those behind it have no answers. */
    private volatile boolean cut;

    private Stopping interrupt;
    /** The next line is not there yet. */
    private boolean waiting;

    private long given, taken;
    /** What no line of a batch should be able to do. */
    private volatile Throwable failure;

    /** @param standard what holds where a case says nothing @param workers cases to run at a time */
    public Batch(Labs.Maker maker, PrintWriter out, CaseSpec standard, int workers) {
        this.maker = maker;
        this.out = out;
        this.standard = standard;
        this.workers = workers;
        pcs = labs();
        timer.setRemoveOnCancelPolicy(true);
    }

    private static ThreadFactory daemon(String name) {
        return Thread.ofPlatform().daemon().name(name).factory();
    }

    private Labs labs() {
        Labs l = new Labs(maker);
        synchronized (all) {
            all.add(l);
        }
        return l;
    }

    public long cases() {
        return cases;
    }

    /** @return lines that could not be used */
    public long bad() {
        return bad;
    }

    /** @return cases whose results were not as their "expect" says */
    public long unexpected() {
        return unexpected;
    }

    /** Ends the present cases, for Ctrl-C; callable from any thread. */
    public void stop() {
        running.forEach(Laboratory::stop);
    }

    /** @return where Ctrl-C has ended the batch, in words; results so far are written */
    public String where() {
        out.flush();
        if (!cut && cases == 0) return "before the first case";
        return String.format("%s case %,d", cut ? "in" : "after", cut ? cases + 1 : cases);
    }

    /**
     * Answers case after case, up to the end or Ctrl-C.
     *
     * @param in the cases; lines end with LF or CRLF, the last may have no end
     */
    public void run(InputStream in, Stopping onInterrupt) throws IOException {
        interrupt = onInterrupt;
        // one char a byte: a line that is not UTF-8 must not spoil the others
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1), 1 << 16);
        BlockingQueue<Future<Answer>> answers = new ArrayBlockingQueue<>(QUEUED * workers);
        Thread writer = daemon("answers").newThread(() -> writeAll(answers));
        writer.start();
        try (ExecutorService pool = Executors.newFixedThreadPool(workers, daemon("case"))) {
            try {
                long line = 0;
                for (String text; (text = next(lines)) != null && !interrupt.happened() && failure == null; ) {
                    long number = ++line;
                    String bytes = line == 1 && text.startsWith(BYTE_ORDER_MARK)
                            ? text.substring(BYTE_ORDER_MARK.length())
                            : text;
                    if (bytes.isBlank()) continue;
                    progress(1, 0);
                    answers.put(pool.submit(() -> answer(bytes, number)));
                }
            } finally {
                answers.put(END);
                writer.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            timer.shutdownNow();
            all.forEach(Labs::close);
        }
        if (failure instanceof RuntimeException e) throw e;
        if (failure != null) throw new IllegalStateException(failure);
    }

    private String next(BufferedReader lines) throws IOException {
        waitForInput(!lines.ready());
        try {
            return lines.readLine();
        } finally {
            waitForInput(false);
        }
    }

    private synchronized void waitForInput(boolean on) {
        waiting = on;
        interrupt.idle(waiting && given == taken);
    }

    /**
     * Counts cases that were read and answers that were written: with nothing to do and all written, nobody needs to
     * wait for the batch.
     */
    private synchronized void progress(int read, int written) {
        given += read;
        taken += written;
        interrupt.idle(waiting && given == taken);
    }

    /** Writes the answers; if they cannot be written, the batch is over. */
    private void writeAll(BlockingQueue<Future<Answer>> answers) {
        try {
            try {
                write(answers);
            } catch (RuntimeException e) {
                failure = e;
                stop();
                while (answers.take() != END) {
                    // whoever waits for room in the queue goes on
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes answers in the order of their lines, each as soon as it is there. */
    private void write(BlockingQueue<Future<Answer>> answers) throws InterruptedException {
        for (Future<Answer> f; (f = answers.take()) != END; ) {
            Answer a = null;
            try {
                a = f.get();
            } catch (ExecutionException e) {
                failure = e.getCause();
            }
            cut |= a == null;
            if (!cut) {
                cases++;
                if (a.bad) bad++;
                if (a.unexpected) unexpected++;
                out.println(a.text);
                Future<Answer> next = answers.peek();
                if (next == null || !next.isDone()) out.flush();
            }
            progress(0, 1);
        }
        out.flush();
    }

    /** @param text one char a byte @return null if Ctrl-C has cut the case off */
    private Answer answer(String text, long line) throws IOException {
        if (interrupt.happened()) return null;
        Object name = null;
        try {
            Map<String, Object> fields = object(text);
            name = fields.get("name");
            CaseSpec c = CaseSpec.of(fields, standard);
            if (!c.pc()) return answer(name, c, own.get());
            synchronized (pcs) {
                return answer(name, c, pcs);
            }
        } catch (LabException | BootException e) {
            return error(name, line, e.getMessage());
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            return error(
                    name,
                    line,
                    "not a JSON object: " + e.getOriginalMessage().replaceAll("(?s) \\(start marker.*|\n.*", ""));
        } catch (CharacterCodingException e) {
            return error(name, line, "not text in UTF-8");
        } catch (IOException e) {
            return error(name, line, "cannot read " + e.getMessage());
        } catch (OutOfMemoryError e) {
            return error(name, line, "this host has not enough memory for the case");
        } catch (RuntimeException | StackOverflowError e) {
            return error(name, line, "internal error: " + e);
        }
    }

    private Answer answer(Object name, CaseSpec c, Labs labs) throws IOException, BootException {
        Experiment e = c.experiment();
        long milliseconds = c.milliseconds();
        Laboratory lab = labs.get(c);
        boolean done = false;
        try {
            ScheduledFuture<?> end =
                    milliseconds == 0 ? null : timer.schedule(lab::stop, milliseconds, TimeUnit.MILLISECONDS);
            TraceLines trace = c.trace ? new TraceLines() : null;
            running.add(lab);
            Result r;
            try {
                r = lab.run(e, trace);
            } finally {
                running.remove(lab);
                if (end != null) end.cancel(false);
            }
            if (interrupt.happened() && r.stop().reason() == Stop.Reason.STOPPED) {
                done = true;
                return null;
            }
            List<String> failed = c.expectation.failures(r, lab);
            String text = ResultJson.of(
                    name, r, trace == null ? null : trace.lines(), failed, StopInstruction.of(r, lab), c.only);
            done = true;
            return new Answer(text, false, !failed.isEmpty());
        } catch (LabException x) {
            done = true;
            throw x;
        } finally {
            // what failed in a way that nobody expects must not have its laboratory used again
            if (!done) labs.close();
        }
    }

    private static Map<String, Object> object(String bytes) throws IOException {
        byte[] b = bytes.getBytes(StandardCharsets.ISO_8859_1);
        String text = new String(b, StandardCharsets.US_ASCII);
        if (!text.equals(bytes))
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(b))
                    .toString();
        try (JsonParser p = JSON.std.createParser(text)) {
            if (p.nextToken() != JsonToken.START_OBJECT) throw new LabException("not a JSON object");
            Map<String, Object> fields = JSON.std.mapFrom(p);
            if (p.nextToken() != null) throw new LabException("there is something behind the JSON object");
            return fields;
        }
    }

    private static Answer error(Object name, long line, String message) throws IOException {
        return new Answer(ResultJson.error(name, line, message), true, false);
    }
}
