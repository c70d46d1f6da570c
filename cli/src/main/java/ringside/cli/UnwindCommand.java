package ringside.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Trace;
import ringside.unwinder.Unwinder;
import ringside.workbench.UsageException;

/**
 * {@code ringside unwind}: runs a kernel to a place and prints which frames and saved registers are on its stacks
 * there.
 */
@Command(
        name = "unwind",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description =
                "Runs a kernel to a place and prints the call chain there, through interrupts, exceptions and NMIs.",
        footer = {
            "",
            "Kinds: fp (rbp chain), marker (pt_regs+1 frames), encoded (tagged rbp), table (entry table), orc, shadow"
                    + " (what the processor did),",
            "scan (every word that looks like a return address), all (side by side). Without --kind: the best that the"
                    + " kernel allows.",
            "",
            "Exit status: 0 the place was reached, 2 wrong usage, no such symbol or an unusable file, 4 the place was"
                    + " never reached.",
            "",
            "Examples:",
            "  ringside unwind --linux --at try_to_wake_up#100",
            "  ringside unwind --linux --release 6.12 --at-instruction 900m --kind all",
            "  ringside unwind vmlinuz --initrd initrd.img --append console=ttyS0 --on-fault 14#2000",
            "  ringside unwind kernel.elf --at do_timer+4 --kind marker --json",
            "  ringside unwind --linux --at-console 'shell ready' --task all",
            "  ringside unwind --core vmcore --vmlinux vmlinux --task all"
        })
final class UnwindCommand extends StopCommand {
    @Option(
            names = {"--kind"},
            paramLabel = "KIND[,KIND]",
            split = ",",
            description = "all, fp, marker, encoded, table, orc, shadow or scan")
    List<String> kinds = new ArrayList<>();

    @Option(
            names = {"--task"},
            paramLabel = "PID|all",
            description =
                    "Linux: unwind a task, or all of them, instead of what the CPU executes; PID is a thread's number")
    String task;

    @Option(
            names = {"--json"},
            description = "print JSON")
    boolean json;

    private Set<Kind> wanted;

    @Override
    void check() {
        wanted = kinds();
        if (task != null && !task.equals("all") && !task.matches("\\d{1,9}"))
            throw new UsageException("--task takes the number of a thread, or all, not '" + task + "'");
    }

    @Override
    Set<String> forCores() {
        return Set.of("--kind", "--task", "--json");
    }

    @Override
    int stopped(String what, GuestView view, KernelModel kernel, Cpu cpu) throws IOException {
        Unwinder unwinder = new Unwinder(kernel);
        Set<Kind> chosen = choose(unwinder, view);
        String more = cpu == null ? "" : ShadowStacksText.of(cpu);
        if (task != null) {
            Output.result(TaskTraces.of(what, view, unwinder, chosen, task, json));
        } else {
            List<Trace> traces = new ArrayList<>();
            for (Kind k : chosen) traces.add(unwinder.trace(k, view));
            Trace scan = traces.size() == 1 && traces.getFirst().kind() == Kind.FRAME_POINTER
                    ? unwinder.trace(Kind.SCAN, view)
                    : null;
            Output.result(
                    json
                            ? TraceJson.of(what, view.state(), unwinder.kernel(), traces)
                            : TraceText.of(what, view.state(), unwinder.kernel(), traces, scan) + more);
        }
        return ExitStatus.OK;
    }

    /** @return the kinds asked for; empty to choose, null elements never */
    private Set<Kind> kinds() {
        Set<Kind> k = EnumSet.noneOf(Kind.class);
        for (String s : kinds) {
            if (s.equals("all")) {
                k.addAll(EnumSet.complementOf(EnumSet.of(Kind.SCAN)));
                continue;
            }
            Kind found = null;
            for (Kind x : Kind.values()) {
                if (x.label().equals(s)) found = x;
            }
            if (found == null)
                throw new UsageException(
                        "--kind: '" + s + "' is none of all, fp, marker, encoded, table, orc, shadow, scan");
            k.add(found);
        }
        return k;
    }

    private Set<Kind> choose(Unwinder unwinder, GuestView view) {
        Set<Kind> able = unwinder.kinds(view);
        if (wanted.isEmpty()) {
            return EnumSet.of(Stream.of(Kind.ORC, Kind.TABLE, Kind.SHADOW, Kind.ENCODED)
                    .filter(able::contains)
                    .findFirst()
                    .orElse(Kind.FRAME_POINTER));
        }
        if (kinds.contains("all")) wanted.retainAll(able);
        for (Kind k : wanted) {
            if (!able.contains(k))
                throw new UsageException(
                        "--kind " + k.label() + ": this guest has no information for it; it has it for "
                                + able.stream().map(Kind::label).collect(Collectors.joining(", ")));
        }
        return wanted;
    }
}
