package ringside.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import ringside.boot.BootOptions;
import ringside.boot.Loader;
import ringside.cpu.CpuModel;
import ringside.linux.LinuxBoot;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.shadow.ShadowEntry;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.unwinder.Frame;
import ringside.unwinder.GuestView;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Unwinder;

/**
 * A developer's check, not a test: boots Debian's kernel and compares the shadow stack with the guest's memory and with ORC at many instructions.
 * Arguments: release, distance of the points in instructions, consecutive instructions at each point.
 */
final class ShadowAgainstOrc {
    private final Machine machine;
    private final Map<String, List<String>> classes = new TreeMap<>();
    private long points, kernelPoints, differing, frames, overwritten, longest;
    private Unwinder unwinder;
    private GuestView view;

    private ShadowAgainstOrc(Machine m) {
        machine = m;
    }

    public static void main(String[] args) throws Exception {
        LinuxBoot.Prepared p = LinuxBoot.prepare(args[0], args.length > 3 ? java.nio.file.Path.of(args[3]) : null, System.err);
        Machine m = new Machine(new MachineConfig(256L << 20, CpuModel.parse("max"), java.util.Set.of(), false), Translator.factory(TranslatorOptions.standard()));
        Loader.load(m, p.kernel(), new BootOptions("console=ttyS0 ringside.poweroff", List.of(p.initrd().toString()), null));
        m.board().serial(0).setSink(b -> {});
        new ShadowAgainstOrc(m).run(Long.parseLong(args[1]), Integer.parseInt(args[2]));
    }

    private void run(long distance, int burst) {
        long at = 0;
        while (true) {
            at += distance;
            for (int i = 0; i < burst; i++) {
                Outcome o = machine.run(at + i);
                if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT) {
                    report();
                    return;
                }
                point();
            }
        }
    }

    private void point() {
        points++;
        if (machine.cpu().cpl == 3) return;
        if (unwinder == null || unwinder.kernel().symbols().count() == 0) {
            if (machine.cpu().rip > 0 || points % 1000 != 0) return;
            view = new GuestView(machine.cpu());
            KernelModel k = KernelModel.fromMemory(view);
            if (k == null || k.orc() == null) return;
            unwinder = new Unwinder(k);
            System.err.printf("symbols at %,d%n", machine.cpu().instructions());
        }
        kernelPoints++;
        view.refresh();
        Iterator<ShadowEntry> shadow = machine.cpu().shadow.chain().iterator();
        Iterator<Frame> orc = unwinder.unwind(Kind.ORC, view).iterator();
        Frame last = orc.next();
        int depth = 0;
        while (true) {
            ShadowEntry s = shadow.hasNext() ? shadow.next() : null;
            Frame f = orc.hasNext() ? orc.next() : null;
            if (s == null && f == null) break;
            if (s != null) {
                frames++;
                depth++;
                if (s.kind() == ShadowEntry.Kind.CALL && view.load(s.slot(), 0) != s.address()) overwritten++;
            }
            if (s == null && f.user()) break; // a new task's first return to user mode
            boolean same = s != null && f != null && s.kind().entry() == f.exact() && s.address() == f.address()
                    && (s.kind() == ShadowEntry.Kind.CALL ? s.slot() == f.slot() : s.sp() == f.sp());
            if (!same) {
                differ(last, s, f, depth);
                break;
            }
            if (s.user()) break;
            last = f;
        }
        longest = Math.max(longest, depth);
    }

    private void differ(Frame last, ShadowEntry s, Frame f, int depth) {
        differing++;
        String name = (last.exact() ? "at " : "in ") + last.function() + "+" + Long.toHexString(last.offset()) + ": shadow "
                + (s == null ? "end" : s.kind() == ShadowEntry.Kind.CALL ? "call" : s.kind()) + ", orc " + (f == null ? "end" : f.exact() ? "regs" : "call") + " " + last.warnings();
        List<String> list = classes.computeIfAbsent(name, k -> new ArrayList<>());
        if (list.size() < 2) {
            StringBuilder b = new StringBuilder(String.format("    instruction %,d depth %d%n", machine.cpu().instructions(), depth));
            int n = 0;
            for (ShadowEntry x : machine.cpu().shadow.chain()) {
                if (n++ > 25 || x.user()) break;
                int y = unwinder.kernel().symbols().find(x.address() - 1);
                b.append(String.format("      S %-9s %016x %016x %s %s%n", x.kind(), x.slot(), x.address(), y < 0 ? "?" : unwinder.kernel().symbols().name(y),
                        x.kind() == ShadowEntry.Kind.CALL && view.load(x.slot(), 0) != x.address() ? "OVERWRITTEN" : ""));
            }
            n = 0;
            for (Frame x : unwinder.unwind(Kind.ORC, view)) {
                if (n++ > 25) break;
                b.append(String.format("      O %-9s %016x %016x %s %s%n", x.exact() ? "exact" : "call", x.slot(), x.address(), x, x.warnings()));
            }
            list.add(b.toString());
        } else {
            list.add("");
        }
    }

    private void report() {
        System.out.printf("points %,d, of kernel code with symbols %,d, different %,d (%.4f %%), frames %,d, overwritten words %,d, longest %d%n",
                points, kernelPoints, differing, 100.0 * differing / Math.max(1, kernelPoints), frames, overwritten, longest);
        classes.entrySet().stream().sorted(Comparator.comparing(e -> -e.getValue().size())).limit(60).forEach(e -> {
            System.out.printf("  %6d %s%n", e.getValue().size(), e.getKey());
            e.getValue().stream().limit(1).forEach(System.out::print);
        });
    }
}
