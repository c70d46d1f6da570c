package ringside.workbench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import ringside.unwinder.KernelModel;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.SourceLines;
import ringside.unwinder.symbols.SymbolException;

/** Which lines of source a kernel's code is of, by the file that was built with debug information. */
public final class SourceFile {
    /** Knows no lines. */
    public static final SourceFile NONE = new SourceFile(null, null);

    private final SourceLines lines;
    private final Long text;

    private SourceFile(SourceLines lines, Long text) {
        this.lines = lines;
        this.text = text;
    }

    /** @return the lines that a file tells; no line if it is null, or no ELF file with debug information */
    public static SourceFile of(Path file) throws IOException {
        if (file == null || !Files.isRegularFile(file)) return NONE;
        byte[] head = new byte[65];
        try (var in = Files.newInputStream(file)) {
            if (in.readNBytes(head, 0, head.length) < head.length || !ElfImage.isElf(head)) return NONE;
        }
        try {
            ElfImage elf = ElfImage.of(Files.readAllBytes(file));
            SourceLines lines = SourceLines.of(elf);
            return lines == null ? NONE : new SourceFile(lines, elf.symbols().address("_text"));
        } catch (SymbolException e) {
            return NONE;
        }
    }

    /**
     * @param now the kernel where it lies now, which tells how far it moved
     * @param address linear, of an instruction
     * @return "kernel/exit.c:806", or empty
     */
    public String at(KernelModel now, long address) {
        if (lines == null) return "";
        Long here = now.symbols().address("_text");
        SourceLines.Line l = lines.at(here == null || text == null ? address : address - (here - text));
        return l == null || l.line() == 0 ? "" : l.toString();
    }
}
