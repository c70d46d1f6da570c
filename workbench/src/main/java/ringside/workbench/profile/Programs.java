package ringside.workbench.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import ringside.guest.GuestView;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.Btf;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.SymbolException;
import ringside.unwinder.symbols.Symbols;
import ringside.workbench.UsageException;

/**
 * The files of user programs, by the name that their tasks have: what their functions are called. Where a program lies
 * is read from the kernel's {@code mm_struct}, so position-independent ones are found too; libraries are not.
 */
public final class Programs {
    /** Linux keeps so many characters of a task's name. */
    private static final int COMM = 15;

    private static final int EXECUTABLE = 4;
    static final Program NONE = new Program("?", 0, null);

    /**
     * A program where it lies.
     *
     * @param slide bytes between where it was linked and where it lies
     * @param symbols its functions where they were linked; null if its file was not given
     */
    record Program(String comm, long slide, Symbols symbols) {
        /** @return the name of the function at an address, or null */
        String function(long address) {
            if (symbols == null) return null;
            int i = symbols.find(address - slide);
            return i < 0 ? null : EntryNames.shortened(Recorder.printable(symbols.name(i)));
        }
    }

    /** @param text lowest address of its code where it was linked */
    private record File(Symbols symbols, long text) {}

    private final Map<String, File> files = new HashMap<>();
    private final Map<String, Program> without = new HashMap<>();
    private int mm = -1, startCode = -1;

    /** @return none */
    public static Programs none() {
        return new Programs();
    }

    /**
     * Adds an ELF file.
     *
     * @param comm name of its tasks; null for the file's own
     */
    public void add(Path file, String comm) throws IOException {
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (!ElfImage.isElf(bytes)) throw new UsageException(file + ": is no ELF file");
            ElfImage elf = ElfImage.of(bytes);
            Symbols s = elf.symbols();
            if (s.count() == 0) throw new UsageException(file + ": has no symbols (stripped)");
            // the kernel notes where the first executable segment begins, not its page
            long text = elf.sections().stream()
                    .filter(x -> (x.flags() & EXECUTABLE) != 0)
                    .mapToLong(ElfImage.Section::address)
                    .min()
                    .orElseThrow(() -> new UsageException(file + ": has no code"));
            files.put(shortened(comm != null ? comm : file.getFileName().toString()), new File(s, text));
        } catch (SymbolException e) {
            throw new UsageException(file + ": " + e.getMessage());
        }
    }

    private static String shortened(String comm) {
        return comm.length() <= COMM ? comm : comm.substring(0, COMM);
    }

    /** From here on, the kernel's structures are known. */
    void learn(KernelModel model) {
        LinuxKernel linux = LinuxKernel.of(model);
        Btf types = linux == null ? null : linux.types();
        if (types == null) return;
        OptionalInt task = types.offset("task_struct", "mm"), start = types.offset("mm_struct", "start_code");
        if (task.isEmpty() || start.isEmpty()) return;
        mm = task.getAsInt();
        startCode = start.getAsInt();
    }

    /** @param task address of its task_struct, which may be anything */
    Program of(String comm, GuestView view, long task) {
        File f = files.get(comm);
        if (f == null || mm < 0) return without.computeIfAbsent(comm, c -> new Program(c, 0, null));
        long memory = view.load(task + mm, 0);
        long code = memory == 0 ? 0 : view.load(memory + startCode, 0);
        // a page's offset is the same in the file and in memory; what lies before the first section is less than a page
        long slide = (code & -4096) - (f.text & -4096);
        return new Program(comm, code == 0 ? 0 : slide, f.symbols);
    }
}
