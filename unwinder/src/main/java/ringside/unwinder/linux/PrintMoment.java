package ringside.unwinder.linux;

import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.unwinder.Frame;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Proof;
import ringside.unwinder.Trace;
import ringside.unwinder.Unwinder;
import ringside.unwinder.symbols.Symbols;

/**
 * Unwinds what a Linux kernel is about to print, at the entry of its own
 * {@code show_trace_log_lvl(task, regs, stack, level)}: the running task from a place on its stack on, the code that
 * saved registers were taken from, or a task that sleeps. In 6.12 the function that prints is
 * {@code __show_trace_log_lvl}, with the same arguments, and the other one, which switches KASAN off around it, is
 * inlined into its callers.
 */
public final class PrintMoment {
    /** The kernel's function for all traces it prints, by its names. */
    private static final String[] PRINTERS = {"__show_trace_log_lvl", "show_trace_log_lvl"};
    /** Places in {@code struct pt_regs}, bytes. */
    private static final int RBP = 32, RIP = 128, RSP = 152;

    /** Where a trace begins. */
    public enum Start {
        /** The kernel shows the stack of the code that prints. */
        RUNNING,
        /** The kernel shows the stack of saved registers. */
        REGISTERS,
        /** The kernel shows the stack of a task that does not run. */
        SLEEPING
    }

    /**
     * What the unwinder sees where the kernel is about to print a stack.
     *
     * @param start where the kernel begins its walk
     * @param instruction count of retired instructions at that moment
     * @param items as in {@link KernelLog.Printed}
     * @param stacks names of the stacks it goes through
     * @param verdict how the walk ended
     */
    public record Unwound(Start start, long instruction, List<String> items, List<String> stacks, String verdict) {}

    private PrintMoment() {}

    /**
     * {@return the address of the function at whose entry {@link #unwind} looks, or null if this kernel has none of its
     * names}
     *
     * @param symbols of the kernel, at the addresses where it runs
     */
    public static Long printer(Symbols symbols) {
        for (String name : PRINTERS) {
            Long at = symbols.address(name);
            if (at != null) return at;
        }
        return null;
    }

    /**
     * Walks the stack that the kernel is about to print.
     *
     * @param view of a CPU that is about to execute the instruction at {@link #printer}
     * @param tasks of the same view
     * @param unwinder that of this kernel
     * @param kind what the walk goes by
     * @return what it found
     */
    public static Unwound unwind(GuestView view, Tasks tasks, Unwinder unwinder, Kind kind) {
        long task = view.gpr(Cpu.RDI);
        long regs = view.gpr(Cpu.RSI);
        long stack = view.gpr(Cpu.RDX);
        if (regs != 0) {
            GuestView then = view.elsewhere(
                    view.cr3(), view.load(regs + RIP, 0), view.load(regs + RSP, 0), view.load(regs + RBP, 0));
            if (task != 0 && task != tasks.current()) then.ofTask(task);
            return unwound(Start.REGISTERS, unwinder.kernel(), view, unwinder.trace(kind, then), 1, 0);
        }
        if (task == 0 || task == tasks.current())
            return unwound(Start.RUNNING, unwinder.kernel(), view, unwinder.trace(kind, view), 1, stack);
        return unwound(Start.SLEEPING, unwinder.kernel(), view, unwinder.trace(kind, tasks.sleeping(task)), 0, 0);
    }

    /**
     * @return a frame as the kernel prints it: for a return probe the trampoline that stands in the caller's place, for
     *     generated code what its own look-up of a name finds
     */
    private static String printed(KernelModel kernel, Frame f) {
        LinuxKernel linux = LinuxKernel.of(kernel);
        if (f.stored() != 0 && (linux == null || !linux.shownAsCaller(f.stored())))
            return kernel.describeSized(f.stored());
        String module = kernel.symbolsAt(f.address() - (f.exact() ? 0 : 1)).module();
        if (module != null && module.startsWith("__builtin__")) return String.format("0x%x", f.address());
        String s = f.toString();
        return "bpf".equals(module) ? s.replace(" [bpf]", "") : s;
    }

    private static Unwound unwound(Start start, KernelModel kernel, GuestView view, Trace t, int first, long lowest) {
        List<String> items = new ArrayList<>();
        List<String> stacks = new ArrayList<>();
        for (int i = first; i < t.frames().size(); i++) {
            Frame f = t.frames().get(i);
            if (f.proof() == Proof.SCAN
                    || f.regs() == null && items.isEmpty() && Long.compareUnsigned(f.slot(), lowest) < 0) continue;
            if (!f.user()
                    && (stacks.isEmpty() || !stacks.getLast().equals(f.stack().name())))
                stacks.add(f.stack().name());
            if (f.regs() == null) {
                items.add(printed(kernel, f));
            } else {
                items.add("RIP: " + (f.user() ? String.format("0x%x", f.address()) : printed(kernel, f)));
            }
        }
        return new Unwound(start, view.state().instructions(), items, stacks, t.verdict());
    }
}
