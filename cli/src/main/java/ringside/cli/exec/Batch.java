package ringside.cli.exec;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import ringside.boot.BootException;
import ringside.cli.Interrupt;
import ringside.lab.Experiment;
import ringside.lab.Laboratory;
import ringside.lab.LabException;
import ringside.lab.Result;
import ringside.lab.Stop;

/** Runs a file of cases, one JSON object a line, and answers each with one line. A line that cannot be used is answered with "error". */
final class Batch {
    private final Labs labs;
    private final PrintWriter out;
    private long line, bad, unexpected;
    private volatile long cases;

    /** In UTF-8, one char a byte. */
    private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

    private final Double timeout;
    /** Where the present case runs, null between two cases. */
    private volatile Laboratory running;
    /** The last case was cut off by Ctrl-C, and has no answer. */
    private volatile boolean cut;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, r -> Thread.ofPlatform().daemon().name("timeout").unstarted(r));

    /** @param timeout most host seconds for a case, or null */
    Batch(Labs labs, PrintWriter out, Double timeout) {
        this.labs = labs;
        this.out = out;
        this.timeout = timeout;
        timer.setRemoveOnCancelPolicy(true);
    }

    long cases() {
        return cases;
    }

    /** @return lines that could not be used */
    long bad() {
        return bad;
    }

    /** @return cases whose results were not as their "expect" says */
    long unexpected() {
        return unexpected;
    }

    /** Ends the present case, for Ctrl-C; callable from any thread. */
    void stop() {
        Laboratory lab = running;
        if (lab != null) lab.stop();
    }

    /** Says where Ctrl-C has ended the batch; results so far are written. */
    void interrupted() {
        out.flush();
        System.err.println();
        if (cases == 0) System.err.println("ringside: interrupted before the first case");
        else System.err.printf("ringside: interrupted %s case %,d%n", cut || running != null ? "in" : "after", cases);
    }

    /**
     * Answers case after case, up to the end or Ctrl-C.
     *
     * @param in the cases; lines end with LF or CRLF, the last may have no end
     */
    void run(InputStream in, Interrupt interrupt) throws IOException {
        // one char a byte: a line that is not UTF-8 must not spoil the others
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1), 1 << 16);
        for (String text; (text = next(lines, interrupt)) != null && !interrupt.happened(); ) {
            if (++line == 1 && text.startsWith(BYTE_ORDER_MARK)) text = text.substring(BYTE_ORDER_MARK.length());
            if (text.isBlank()) continue;
            cases++;
            Map<String, Object> answer = answer(text, interrupt);
            cut = answer == null;
            if (!cut) out.println(JSON.std.asString(answer));
        }
        out.flush();
    }

    /** Reads a line; while there is none yet, all results are written. */
    private String next(BufferedReader lines, Interrupt interrupt) throws IOException {
        if (!lines.ready()) {
            out.flush();
            interrupt.idle(true);
        }
        try {
            return lines.readLine();
        } finally {
            interrupt.idle(false);
        }
    }

    /** @param text one char a byte @return null if Ctrl-C has cut the case off */
    private Map<String, Object> answer(String text, Interrupt interrupt) {
        Object name = null;
        try {
            Map<String, Object> fields = object(text);
            name = fields.get("name");
            CaseSpec c = CaseSpec.of(fields);
            Laboratory lab = labs.get(c.engine, c.cpu, c.pc());
            Result r = run(lab, c.experiment());
            if (interrupt.happened() && r.stop().reason() == Stop.Reason.STOPPED) return null;
            Map<String, Object> o = ResultJson.of(name, r);
            List<String> failed = c.expectation.failures(r, lab);
            if (!failed.isEmpty()) {
                unexpected++;
                o.put("unexpected", failed);
            }
            return o;
        } catch (LabException | BootException e) {
            return error(name, e.getMessage());
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            return error(name, "not a JSON object: " + e.getOriginalMessage().replaceAll("(?s) \\(start marker.*|\n.*", ""));
        } catch (CharacterCodingException e) {
            return error(name, "not text in UTF-8");
        } catch (IOException e) {
            return error(name, "cannot read " + e.getMessage());
        }
    }

    private static Map<String, Object> object(String bytes) throws IOException {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1))).toString();
        try (JsonParser p = JSON.std.createParser(text)) {
            if (p.nextToken() != JsonToken.START_OBJECT) throw new LabException("not a JSON object");
            Map<String, Object> fields = JSON.std.mapFrom(p);
            if (p.nextToken() != null) throw new LabException("there is something behind the JSON object");
            return fields;
        }
    }

    private Result run(Laboratory lab, Experiment e) {
        running = lab;
        try {
            return timed(lab, e);
        } finally {
            running = null;
        }
    }

    private Result timed(Laboratory lab, Experiment e) {
        if (timeout == null) return lab.run(e);
        ScheduledFuture<?> end = timer.schedule(lab::stop, Math.max(1, (long) (timeout * 1000)), TimeUnit.MILLISECONDS);
        try {
            return lab.run(e);
        } finally {
            end.cancel(false);
        }
    }

    private Map<String, Object> error(Object name, String message) {
        bad++;
        Map<String, Object> o = new LinkedHashMap<>();
        if (name != null) o.put("name", name);
        o.put("line", line);
        o.put("error", message);
        return o;
    }
}
