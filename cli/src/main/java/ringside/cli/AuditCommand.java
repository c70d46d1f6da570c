package ringside.cli;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import ringside.machine.Machine;
import ringside.unwinder.Kind;

/** {@code ringside audit}: proves unwinders right or wrong over a run. */
@Command(name = "audit", mixinStandardHelpOptions = true, versionProvider = Main.Version.class, sortOptions = false,
        description = "Unwinds the guest at many instructions by every kind and compares with the shadow stack.",
        footer = {"", "For each kind: traces that are right; incomplete (each frame true, some missing); wrong (a frame that is not there); and of those that are",
            "not right, how many say that they are unreliable and how many do not, and why; 'by code': right, with a frame that no table and no frame pointer tells of,",
            "found by following the code to its return. Points in user mode have nothing to unwind and are left out. Ctrl-C ends the run and prints the report so far.",
            "", "Exit status: 0 the run ended as 'ringside run' counts it (with --printed: all traces are the same, otherwise 5), 2 wrong usage or an unusable file, 3 triple fault, 4 a limit was reached.",
            "", "Examples:", "  ringside audit --linux --every 500 --until 'shell ready'", "  ringside audit --linux --entry-paths --max-instructions 900m --json",
            "  ringside audit kernel.elf --window 1m..2m",
            "  ringside audit --linux --script traces.sh --printed --append 'ignore_loglevel panic=-1'", "  ringside audit --linux --inject nmi --until 'shell ready'"})
final class AuditCommand implements Callable<Integer> {
    @Mixin
    KernelSource source = new KernelSource();

    @ArgGroup(exclusive = true, multiplicity = "0..1")
    Points points = new Points();

    /** Where to compare. */
    static final class Points {
        @Option(names = {"--every"}, paramLabel = "N", converter = RunOptions.Count.class, description = "at every N-th instruction (default: 1000)")
        Long every;

        @Option(names = {"--window"}, paramLabel = "FROM..TO", converter = Window.Converter.class, description = "at every instruction from number FROM up to TO")
        Window window;

        @Option(names = {"--entry-paths"}, description = "at every instruction of the kernel's entry code")
        boolean entryPaths;

        @Option(names = {"--printed"}, description = "where a Linux kernel prints a trace of its own: ours of that moment against what its log says")
        boolean printed;
    }

    /** @param from instruction count of the first point @param to first count that is none */
    record Window(long from, long to) {
        static final class Converter implements ITypeConverter<Window> {
            @Override
            public Window convert(String s) {
                Matcher m = Pattern.compile("(.+?)\\.\\.(.+)").matcher(s);
                if (!m.matches()) throw new TypeConversionException("'" + s + "' is no window: FROM..TO");
                RunOptions.Count c = new RunOptions.Count();
                Window w = new Window(m.group(1).equals("0") ? 0 : c.convert(m.group(1)), c.convert(m.group(2)));
                if (w.from >= w.to) throw new TypeConversionException("'" + s + "' is an empty window");
                return w;
            }
        }
    }

    @Option(names = {"--kind"}, paramLabel = "KIND", split = ",", description = "fp, marker, encoded, table, orc, or all (default): those that the kernel has information for")
    java.util.List<String> kinds = new java.util.ArrayList<>();

    @Option(names = {"--inject"}, paramLabel = "nmi|irq", description = "raise an NMI, or an interrupt, at every instruction of the kernel's entry code, and compare inside its handler too")
    Event inject;

    enum Event { nmi, irq }

    @Option(names = {"--times"}, paramLabel = "N", defaultValue = "4", description = "with --inject: so often at each address (default: ${DEFAULT-VALUE})")
    int times;

    @Option(names = {"--vector"}, paramLabel = "N", defaultValue = "236", description = "with --inject irq: the interrupt's vector (default: ${DEFAULT-VALUE}, Linux's timer)")
    int vector;

    @Option(names = {"--worst"}, paramLabel = "N", defaultValue = "5", description = "functions and places to show for each kind (default: ${DEFAULT-VALUE})")
    int worst;

    @Option(names = {"--json"}, description = "print JSON")
    boolean json;

    @Option(names = {"--console"}, description = "show the guest's console on standard error")
    boolean console;

    @Mixin
    RunOptions options = new RunOptions();

    @Override
    public Integer call() throws Exception {
        options.check();
        if (vector < 16 || vector > 255) throw new UsageException("--vector must be 16 to 255");
        if (times < 1) throw new UsageException("--times must be greater than 0");
        if (inject != null && (points.every != null || points.window != null || points.printed)) throw new UsageException("--inject goes with --entry-paths");
        if (inject != null) points.entryPaths = true;
        if (worst < 0) throw new UsageException("--worst must be 0 or greater");
        Set<Kind> wanted = kinds();
        if (points.every == null && points.window == null && !points.entryPaths && !points.printed) points.every = 1000L;
        source.prepare(options);
        source.endAtShell(options);
        try (Machine machine = new Machine(options.guest.config(), options.engine.factory()); AuditRun run = new AuditRun(this, wanted, machine)) {
            return run.run();
        }
    }

    private Set<Kind> kinds() {
        Set<Kind> all = EnumSet.complementOf(EnumSet.of(Kind.SCAN, Kind.SHADOW));
        Set<Kind> k = EnumSet.noneOf(Kind.class);
        for (String s : kinds) {
            if (s.equals("all")) {
                k.addAll(all);
            } else {
                k.add(all.stream().filter(x -> x.label().equals(s)).findFirst()
                        .orElseThrow(() -> new UsageException("--kind: '" + s + "' is none of all, fp, marker, encoded, table, orc")));
            }
        }
        return k.isEmpty() ? all : k;
    }
}
