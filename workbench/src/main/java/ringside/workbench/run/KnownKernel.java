package ringside.workbench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.Kallsyms;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.SymbolException;
import ringside.unwinder.symbols.Symbols;
import ringside.unwinder.symbols.SystemMap;
import ringside.workbench.UsageException;
import ringside.workbench.snapshot.About;
import ringside.workbench.snapshot.SnapshotFile;

/** What files tell of a kernel, and with them, once it runs at its own addresses, its symbols and tables. */
public final class KnownKernel {
    private final Symbols known;
    /** Why a command that needs a kernel's symbols refuses one. */
    public static final String NO_SYMBOLS =
            "the kernel has no symbols (stripped) and carries none for itself; --symbols FILE gives some";

    private final boolean relocates;
    private final boolean carries;

    private KnownKernel(Symbols known, boolean relocates, boolean carries) {
        this.known = known;
        this.relocates = relocates;
        this.carries = carries;
    }

    /** @return whether there are symbols, or some may appear in the guest's memory once it runs */
    public boolean mayHaveSymbols() {
        return carries || known.count() > 0;
    }

    /** @param symbols vmlinux (ELF) or System.map; null for those of the kernel's file, if it has any */
    public static KnownKernel read(Path kernel, Path symbols) throws IOException {
        if (SnapshotFile.isOne(kernel)) return ofSaved(kernel, symbols);
        byte[] file = Files.readAllBytes(kernel);
        boolean relocates = !ElfImage.isElf(file);
        Symbols known = symbols == null ? symbols(kernel, file, false) : given(symbols);
        return new KnownKernel(known, relocates, relocates || known.count() == 0 && Kallsyms.carried(file));
    }

    /** For a kernel that is found in memory, without its file. @param symbols vmlinux (ELF) or System.map, or null */
    public static KnownKernel ofCore(Path symbols) throws IOException {
        return new KnownKernel(symbols == null ? Symbols.NONE : given(symbols), true, true);
    }

    /**
     * What is known of the kernel that a snapshot or recording was made of, if its file is still there; otherwise what
     * the guest's memory tells.
     */
    private static KnownKernel ofSaved(Path saved, Path symbols) throws IOException {
        Path kernel = About.of(saved).kernel();
        if (kernel != null && Files.isRegularFile(kernel) && !SnapshotFile.isOne(kernel)) return read(kernel, symbols);
        return ofCore(symbols);
    }

    private static Symbols given(Path symbols) throws IOException {
        return symbols(symbols, Files.readAllBytes(symbols), true);
    }

    /** @param given whether the file was named for its symbols */
    private static Symbols symbols(Path from, byte[] file, boolean given) {
        try {
            if (!ElfImage.isElf(file)) return given ? SystemMap.read(file) : Symbols.NONE;
            Symbols s = ElfImage.of(file).symbols();
            if (given && s.count() == 0) throw new UsageException(from + ": has no symbols (stripped)");
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
    public KernelModel model(Machine m, GuestView view) {
        Cpu cpu = m.cpu();
        if (!cpu.longMode() || cpu.cpl == 3) return null;
        view.refresh();
        if (known.count() > 0 && !relocates) return known.isText(cpu.rip) ? LinuxKernel.with(known, view) : null;
        if (Long.compareUnsigned(cpu.rip, Kallsyms.KERNEL_SPACE) < 0) return null;
        KernelModel own = LinuxKernel.find(view).orElse(null);
        return known.count() == 0 ? own : moved(own, view);
    }

    /** @return the model by the known symbols, moved to where the kernel runs; its own if that is not found */
    private KernelModel moved(KernelModel own, GuestView view) {
        Long slide = LinuxKernel.slide(view, known, own);
        return slide == null ? own : LinuxKernel.with(known.moved(slide, 1 << 20), view);
    }

    /**
     * @return what is known of the kernel where the machine stands now, whatever runs there;
     *     {@link KernelModel#unknown} if nothing is
     */
    public KernelModel modelNow(GuestView view) {
        if (known.count() > 0 && !relocates) return LinuxKernel.with(known, view);
        KernelModel own = LinuxKernel.find(view).orElse(null);
        KernelModel m = known.count() == 0 ? own : moved(own, view);
        return m != null ? m : known.count() > 0 ? LinuxKernel.with(known, view) : KernelModel.unknown();
    }

    /** As {@link #modelNow(GuestView)}. @param own the symbols found in the kernel's memory, if they were; or none */
    public KernelModel modelNow(GuestView view, Symbols own) {
        return known.count() == 0 && own.count() > 0 ? LinuxKernel.with(own, view) : modelNow(view);
    }

    /**
     * What is known of a kernel in memory that says itself how far it was moved.
     *
     * @param slide bytes, or null if it does not say
     */
    public KernelModel modelIn(GuestView view, Long slide) {
        if (slide == null || known.count() == 0) return modelNow(view);
        return LinuxKernel.with(known.moved(slide, 1 << 20), view);
    }

    /** @return the symbols that hold from the first instruction on; none for a kernel that unpacks and moves itself */
    public Symbols fixedSymbols() {
        return relocates ? Symbols.NONE : known;
    }

    /** @return the symbols of --symbols for a kernel that moves itself: valid once it is known how far */
    public Symbols movingSymbols() {
        return relocates ? known : Symbols.NONE;
    }
}
