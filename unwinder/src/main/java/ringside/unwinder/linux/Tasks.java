package ringside.unwinder.linux;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import ringside.guest.GuestView;
import ringside.unwinder.KernelModel;

/**
 * The tasks of a Linux kernel, found through its list of them, and the registers with which those that sleep were left.
 * All offsets come from the kernel's own description of its types ({@link Btf}).
 */
public final class Tasks {
    private static final int MOST_TASKS = 32_768, COMM = 16;

    /**
     * One task.
     *
     * @param address of its {@code task_struct}
     * @param pid process number; 0 for idle tasks
     * @param comm name of the program, at most 15 characters
     * @param state the kernel's number: 0 runs or is ready, 1 sleeps, 2 sleeps and takes no signals
     * @param running whether the CPU executes it now: its registers are the CPU's
     */
    public record Task(long address, int pid, String comm, int state, boolean running) {
        /** {@return the letter that the kernel prints} */
        public char letter() {
            return state == 0
                    ? 'R'
                    : (state & 1) != 0
                            ? 'S'
                            : (state & 2) != 0
                                    ? (state & 0x400) != 0 ? 'I' : 'D'
                                    : (state & 4) != 0 ? 'T' : (state & 8) != 0 ? 't' : '?';
        }
    }

    private final GuestView view;
    private final KernelModel kernel;
    private final long first;
    private final int tasks, pid, comm, state, sp, signal, threads, thread, frameRbp, frameRip, frameSize;

    private Tasks(GuestView view, KernelModel kernel, Btf t) {
        this.view = view;
        this.kernel = kernel;
        Long init = kernel.symbols().address("init_task");
        this.first = init == null ? 0 : init;
        tasks = need(t.offset("task_struct", "tasks"));
        pid = need(t.offset("task_struct", "pid"));
        comm = need(t.offset("task_struct", "comm"));
        state = t.offset("task_struct", "__state").orElseGet(() -> need(t.offset("task_struct", "state")));
        sp = need(t.offset("task_struct", "thread", "sp"));
        signal = need(t.offset("task_struct", "signal"));
        threads = need(t.offset("signal_struct", "thread_head"));
        thread = need(t.offset("task_struct", "thread_node"));
        frameRbp = need(t.offset("inactive_task_frame", "bp"));
        frameRip = need(t.offset("inactive_task_frame", "ret_addr"));
        frameSize = need(t.size("inactive_task_frame"));
    }

    private static int need(OptionalInt offset) {
        return offset.orElseThrow();
    }

    /**
     * {@return the tasks of this kernel, or null if it is no Linux or does not describe its types}
     *
     * @param view where memory is read
     * @param kernel what is known of the kernel
     */
    public static Tasks of(GuestView view, KernelModel kernel) {
        LinuxKernel linux = LinuxKernel.of(kernel);
        if (linux == null || linux.types() == null || kernel.symbols().address("init_task") == null) return null;
        try {
            return new Tasks(view, kernel, linux.types());
        } catch (java.util.NoSuchElementException e) {
            return null; // another kernel's structures
        }
    }

    /**
     * {@return all threads of all processes, the idle task first, then in the kernel's order; damaged lists end early}
     */
    public List<Task> all() {
        List<Task> found = new ArrayList<>();
        long current = current();
        long at = first;
        for (int i = 0; i < MOST_TASKS && found.size() < MOST_TASKS && at != 0; i++) {
            group(at, current, found);
            long next = view.load(at + tasks, 0);
            at = next == 0 ? 0 : next - tasks;
            if (at == first) break;
        }
        return found;
    }

    private void group(long leader, long current, List<Task> into) {
        long head = view.load(leader + signal, 0);
        long at = head == 0 ? 0 : view.load(head + threads, 0);
        if (at == 0 || leader == first) {
            into.add(task(leader, current));
            return;
        }
        while (into.size() < MOST_TASKS && at != 0 && at != head + threads) {
            into.add(task(at - thread, current));
            at = view.load(at, 0);
        }
    }

    private Task task(long at, long current) {
        byte[] name = new byte[COMM];
        int n = view.read(at + comm, name, 0, COMM);
        int length = 0;
        while (length < n && name[length] != 0) length++;
        return new Task(
                at,
                (int) view.load(at + pid, 0),
                new String(name, 0, length, StandardCharsets.ISO_8859_1),
                (int) view.load(at + state, 0),
                at == current);
    }

    /**
     * {@return the task at an address of a {@code task_struct}, as the CPU's own}
     *
     * @param address linear address of its task_struct
     */
    public Task at(long address) {
        return task(address, address);
    }

    /** {@return the address of the {@code task_struct} of the task that the CPU executes, or 0 if that is not known} */
    public long current() {
        Long perCpu = kernel.symbols().address("current_task");
        if (perCpu == null) perCpu = kernel.symbols().address("pcpu_hot");
        return perCpu == null ? 0 : view.load(view.kernelGs() + perCpu, 0);
    }

    /**
     * {@return a view of the guest as the task sees it: the CPU's own if it runs, else where it was left by the change
     * of stacks}
     *
     * @param t the task
     */
    public GuestView view(Task t) {
        return t.running() ? view : sleeping(t.address());
    }

    /** @param task address of its {@code task_struct} */
    GuestView sleeping(long task) {
        long at = view.load(task + sp, 0);
        return view.elsewhere(view.cr3(), view.load(at + frameRip, 0), at + frameSize, view.load(at + frameRbp, 0))
                .ofTask(task);
    }
}
