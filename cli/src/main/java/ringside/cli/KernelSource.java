package ringside.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.linux.LinuxBoot;
import ringside.machine.Machine;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.Kallsyms;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.SymbolException;
import ringside.unwinder.symbols.Symbols;
import ringside.unwinder.symbols.SystemMap;

/** Options that choose a kernel, a file or Debian's, and what is known of it: its symbols and tables once it runs. */
final class KernelSource {
    @Parameters(paramLabel = "KERNEL", arity = "0..1", description = "the kernel's file")
    Path kernel;

    @Option(names = {"--linux"}, description = "Debian's kernel and busybox, as 'ringside linux' boots them, instead of KERNEL")
    boolean linux;

    @Option(names = {"--release"}, paramLabel = "6.1|6.12|FILE.deb", defaultValue = "6.1", description = "with --linux: which kernel (default: ${DEFAULT-VALUE})")
    String release;

    @Option(names = {"--script"}, paramLabel = "FILE", description = "with --linux: a shell script that the guest runs, then powers off")
    Path script;

    @Option(names = {"--packages"}, paramLabel = "NAME[,NAME]", split = ",", description = "with --linux: Debian packages that the guest has, with all they depend on")
    List<String> packages = new ArrayList<>();

    @Option(names = {"--add"}, paramLabel = "FILE[:PATH]", description = "with --linux: a file or folder of yours for the guest, at /root or at PATH; may be repeated")
    List<String> added = new ArrayList<>();

    @Option(names = {"--symbols"}, paramLabel = "FILE", description = "vmlinux (ELF) or System.map; without it, KERNEL's own symbols or those in the guest's memory")
    Path symbols;

    private Symbols known = Symbols.NONE;
    private boolean relocates;

    /** Reads or fetches everything, and puts Debian's command line and ramdisk into the options. */
    void prepare(RunOptions options) throws IOException {
        if (linux == (kernel != null)) throw new UsageException(linux ? "--linux brings its own kernel: leave KERNEL away" : "a KERNEL or --linux is missing");
        if (!linux && (script != null || !packages.isEmpty() || !added.isEmpty())) {
            throw new UsageException((script != null ? "--script" : packages.isEmpty() ? "--add" : "--packages") + " needs --linux");
        }
        if (linux) {
            LinuxBoot.Prepared p = LinuxBoot.prepare(release, script, packages, added, System.err);
            if (p.comfortable() > options.guest.memory.bytes()) options.guest.memory = new Size(p.comfortable());
            kernel = p.kernel();
            List<Path> ramdisks = new ArrayList<>(p.initrds());
            for (String extra : options.guest.initrd) ramdisks.add(Path.of(extra));
            options.guest = options.guest.with((p.arguments() + " " + options.guest.append).strip(), ramdisks);
        }
        byte[] file = Files.readAllBytes(kernel);
        relocates = !ElfImage.isElf(file);
        known = read(symbols != null ? symbols : kernel);
    }

    /**
     * Lets a run of Debian's kernel that is given neither work nor an end stop when its shell waits for input, as nobody types there.
     *
     * @return whether it will
     */
    boolean endAtShell(RunOptions options) {
        boolean endless = options.until == null && options.timeout == null && options.maxInstructions == Long.MAX_VALUE;
        if (!linux || script != null || !endless) return false;
        options.until = Pattern.compile("Ringside: shell ready");
        return true;
    }

    private Symbols read(Path from) throws IOException {
        byte[] file = Files.readAllBytes(from);
        try {
            if (!ElfImage.isElf(file)) return from == symbols ? SystemMap.read(file) : Symbols.NONE;
            Symbols s = ElfImage.of(file).symbols();
            if (from == symbols && s.count() == 0) throw new UsageException(from + ": has no symbols (stripped)");
            return s;
        } catch (SymbolException e) {
            throw new UsageException(from + ": " + e.getMessage());
        }
    }

    /**
     * What is known of the kernel, as soon as it runs at its own addresses.
     *
     * @return null while the machine still runs firmware, decompressor or early code
     */
    KernelModel model(Machine m, GuestView view) {
        Cpu cpu = m.cpu();
        if (!cpu.longMode() || cpu.cpl == 3) return null;
        view.refresh();
        if (known.count() > 0 && !relocates) return known.isText(cpu.rip) ? LinuxKernel.with(known, view) : null;
        if (Long.compareUnsigned(cpu.rip, Kallsyms.KERNEL_SPACE) < 0) return null;
        KernelModel own = LinuxKernel.find(view);
        return known.count() == 0 ? own : moved(own, view);
    }

    /** @return the model by the known symbols, moved to where the kernel runs; its own if that is not found */
    private KernelModel moved(KernelModel own, GuestView view) {
        Long slide = LinuxKernel.slide(view, known, own);
        return slide == null ? own : LinuxKernel.with(known.moved(slide, 1 << 20), view);
    }

    /** @return what is known of the kernel where the machine stands now, whatever runs there; {@link KernelModel#unknown} if nothing is */
    KernelModel modelNow(GuestView view) {
        if (known.count() > 0 && !relocates) return LinuxKernel.with(known, view);
        KernelModel own = LinuxKernel.find(view);
        KernelModel m = known.count() == 0 ? own : moved(own, view);
        return m != null ? m : known.count() > 0 ? LinuxKernel.with(known, view) : KernelModel.unknown();
    }

    /** @return the symbols that hold from the first instruction on; none for a kernel that unpacks and moves itself */
    Symbols fixedSymbols() {
        return relocates ? Symbols.NONE : known;
    }

    /** @return the symbols of --symbols for a kernel that moves itself: valid once it is known how far */
    Symbols movingSymbols() {
        return relocates ? known : Symbols.NONE;
    }
}
