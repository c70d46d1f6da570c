package ringside.unwinder.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.Frame;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Proof;
import ringside.unwinder.Trace;
import ringside.unwinder.Unwinder;
import ringside.unwinder.symbols.Symbols;

/**
 * Proves unwinders right or wrong: at each point it is shown, it unwinds the guest by every kind and compares with the
 * shadow stack. The guest must stand still at an instruction boundary. Points in user mode are counted and not
 * compared: there is nothing to unwind.
 */
public final class Auditor {
    private final Cpu cpu;
    private final GuestView view;
    private final Unwinder unwinder;
    private final Kind[] kinds;
    private final Tally[] tallies;
    private final Truth truth = new Truth();
    private final Comparison comparison;
    private long user;
    private long kernel;
    private boolean lastAllRight;

    /**
     * @param kinds to compare; those that the guest has no information for are left out, and so is the shadow stack
     *     itself
     */
    public Auditor(Cpu cpu, KernelModel model, Set<Kind> kinds) {
        this.cpu = cpu;
        this.view = new GuestView(cpu);
        this.unwinder = new Unwinder(model);
        this.comparison = new Comparison(model::isEntry);
        Set<Kind> able = unwinder.kinds(view);
        this.kinds = kinds.stream()
                .filter(k -> k != Kind.SHADOW && able.contains(k))
                .sorted()
                .toArray(Kind[]::new);
        this.tallies = new Tally[this.kinds.length];
        for (int i = 0; i < tallies.length; i++) tallies[i] = new Tally(this.kinds[i]);
    }

    /** Compares at the present instruction. @return whether it was one of the kernel's */
    public boolean point() {
        if (cpu.cpl == 3) {
            user++;
            return false;
        }
        kernel++;
        lastAllRight = true;
        view.refresh();
        truth.read(cpu.shadow);
        for (int i = 0; i < kinds.length; i++) {
            Trace t = unwinder.trace(kinds[i], view);
            comparison.of(truth, t, view);
            if (comparison.verdict() != Verdict.RIGHT) lastAllRight = false;
            if (comparison.beyond() > 0) tallies[i].countBeyond();
            if (comparison.verdict() == Verdict.RIGHT) {
                tallies[i].countRight(t.reliable(), byCode(t.frames()));
                continue;
            }
            int at = Math.min(comparison.agreed(), t.frames().size() - 1);
            Frame blamed = t.frames().get(at);
            Cause cause = Cause.of(truth, t, comparison, blamed, view, unwinder.kernel());
            tallies[i].count(
                    comparison.verdict(), t.reliable(), cause, blamed.address(), () -> place(t, blamed, cause));
        }
        return true;
    }

    private static boolean byCode(List<Frame> frames) {
        for (int i = 1; i < frames.size(); i++) {
            if (frames.get(i).proof() == Proof.CODE) return true;
        }
        return false;
    }

    private Tally.Place place(Trace t, Frame blamed, Cause cause) {
        String function = blamed.function() == null ? "(no symbol)" : blamed.function();
        return new Tally.Place(
                blamed.toString(), function, blamed.address(), comparison.verdict(), !t.reliable(), cause, example(t));
    }

    /** Both chains side by side, with everything needed to come back to this point. */
    private String example(Trace t) {
        Symbols symbols = unwinder.kernel().symbols();
        StringBuilder s = new StringBuilder();
        s.append(String.format(
                "instruction %,d, rip %s, rsp %x%n",
                cpu.instructions(), t.frames().getFirst(), view.rsp()));
        s.append("  shadow stack:\n");
        int n = Math.min(truth.length(), comparison.agreed() + 6);
        for (int i = Math.max(0, comparison.agreed() - 4); i < n; i++) {
            ShadowEntry e = truth.get(i);
            String name = e.user()
                    ? "user code"
                    : symbols(symbols, e.address(), e.kind().entry());
            s.append(String.format(
                    "    %2d %016x %s%s%n",
                    i + 1,
                    e.slot(),
                    name,
                    e.kind().entry() ? " (" + e.kind() + (e.vector() >= 0 ? " " + e.vector() : "") + ")" : ""));
        }
        if (n == truth.length() && !truth.closed()) s.append("       (its end)\n");
        s.append("  ").append(t.kind().label()).append(": ").append(t.verdict()).append('\n');
        int m = Math.min(t.frames().size(), comparison.agreed() + 7);
        for (int i = Math.max(1, comparison.agreed() - 3); i < m; i++) {
            Frame f = t.frames().get(i);
            s.append(String.format(
                    "    %2d %016x %s%s%n",
                    i, f.slot(), f.user() ? "user code" : f.toString(), f.regs() != null ? " (registers)" : ""));
        }
        if (m == t.frames().size()) s.append("       (its end)\n");
        return s.toString();
    }

    private static String symbols(Symbols symbols, long address, boolean exact) {
        int k = symbols.find(exact ? address : address - 1);
        return k < 0
                ? String.format("0x%x", address)
                : String.format("%s+0x%x/0x%x", symbols.name(k), address - symbols.start(k), symbols.size(k));
    }

    /** Points in user mode. */
    public long userPoints() {
        return user;
    }

    /** Points in the kernel, each compared by every kind. */
    public long kernelPoints() {
        return kernel;
    }

    /** @return whether every kind was right at the last point in the kernel */
    public boolean lastAllRight() {
        return lastAllRight;
    }

    public List<Tally> tallies() {
        return new ArrayList<>(List.of(tallies));
    }
}
