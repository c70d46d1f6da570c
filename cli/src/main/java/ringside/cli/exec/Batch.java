package ringside.cli.exec;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import ringside.boot.BootException;
import ringside.lab.Experiment;
import ringside.lab.Laboratory;
import ringside.lab.LabException;
import ringside.lab.Result;

/** Runs a file of cases, one JSON object a line, and answers each with one line. A line that cannot be used is answered with "error". */
final class Batch {
    private final Labs labs;
    private final PrintWriter out;
    private long cases, bad, unexpected;

    private final Double timeout;
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

    void run(BufferedReader in) throws IOException {
        for (String line; (line = in.readLine()) != null; ) {
            if (line.isBlank()) continue;
            cases++;
            out.println(JSON.std.asString(answer(line)));
            if (!in.ready()) out.flush();
        }
        out.flush();
    }

    private Map<String, Object> answer(String line) {
        Object name = null;
        try {
            Map<String, Object> fields = JSON.std.mapFrom(line);
            name = fields.get("name");
            CaseSpec c = CaseSpec.of(fields);
            Laboratory lab = labs.get(c.engine, c.cpu, c.pc());
            Result r = run(lab, c.experiment());
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
            return error(name, "not a JSON object: " + e.getMessage().lines().findFirst().orElse(""));
        } catch (IOException e) {
            return error(name, "cannot read " + e.getMessage());
        }
    }

    private Result run(Laboratory lab, Experiment e) {
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
        o.put("error", message);
        return o;
    }
}
