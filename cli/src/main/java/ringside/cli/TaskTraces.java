package ringside.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ringside.guest.GuestView;
import ringside.unwinder.Kind;
import ringside.unwinder.Trace;
import ringside.unwinder.Unwinder;
import ringside.unwinder.linux.Tasks;
import ringside.workbench.UsageException;

/** {@code ringside unwind --task}: the stacks of a Linux kernel's tasks, those that sleep included. */
final class TaskTraces {
    private TaskTraces() {}

    /** @param which a thread's number, or "all" */
    static String of(String what, GuestView view, Unwinder unwinder, Set<Kind> kinds, String which, boolean json)
            throws IOException {
        Tasks tasks = Tasks.of(view, unwinder.kernel());
        if (tasks == null)
            throw new UsageException("--task needs a Linux kernel with symbols and a description of its types (BTF)");
        Map<Tasks.Task, List<Trace>> traces = new LinkedHashMap<>();
        for (Tasks.Task t : tasks.all()) {
            if (!which.equals("all") && t.pid() != Integer.parseInt(which)) continue;
            GuestView then = tasks.view(t);
            List<Trace> l = new ArrayList<>();
            for (Kind k : kinds) l.add(unwinder.trace(k, then));
            traces.put(t, l);
        }
        if (traces.isEmpty())
            throw new UsageException("--task: no thread has the number " + which + " there; --task all shows all");
        if (json) return TraceJson.ofTasks(what, view.state(), unwinder.kernel(), traces);
        StringBuilder s = new StringBuilder(String.format(
                "%s%nKernel: %s%n",
                TraceText.heading(what, view.state()), TraceText.describe(unwinder.kernel(), view.state())));
        traces.forEach((t, l) -> s.append(TraceText.of(t, l)).append('\n'));
        return s.toString();
    }
}
