package ringside.workbench.exec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import ringside.lab.LabException;
import ringside.lab.Mode;
import ringside.lab.Registers;

/**
 * Assembles a line of text with the GNU assembler of the host, where there is one. Intel syntax; {@code .att_syntax} in
 * the text changes it.
 */
final class Assembler {
    private Assembler() {}

    /** @param at linear address the code is linked at */
    static byte[] assemble(String text, Mode mode, long at) throws IOException {
        Path dir = Files.createTempDirectory("ringside-asm");
        try {
            String head = mode == Mode.REAL ? ".code16\n" : "";
            // a file of its own, so that messages count its lines
            Files.writeString(dir.resolve("asm"), text + "\n");
            Files.writeString(
                    dir.resolve("a.s"),
                    head + ".intel_syntax noprefix\n.text\n.globl _start\n_start:\n.include \"asm\"\n");
            boolean wide = mode == Mode.LONG;
            run(dir, "as", wide ? "--64" : "--32", "-o", "a.o", "a.s");
            run(
                    dir,
                    "ld",
                    "-m",
                    wide ? "elf_x86_64" : "elf_i386",
                    "-Ttext=" + Registers.hex(at),
                    "-e",
                    "_start",
                    "--oformat",
                    "binary",
                    "-o",
                    "a.bin",
                    "a.o");
            return Files.readAllBytes(dir.resolve("a.bin"));
        } finally {
            try (Stream<Path> files = Files.walk(dir)) {
                for (Path p : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(p);
            }
        }
    }

    private static void run(Path dir, String... command) throws IOException {
        Process p;
        try {
            p = new ProcessBuilder(List.of(command))
                    .directory(dir.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new LabException(
                    "asm: there is no '" + command[0] + "' on this machine; install binutils, or give the code as hex");
        }
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (!p.waitFor(20, TimeUnit.SECONDS)) {
                p.destroyForcibly();
                throw new LabException("asm: '" + command[0] + "' does not end");
            }
        } catch (InterruptedException e) {
            p.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new LabException("asm: interrupted");
        }
        if (p.exitValue() != 0) {
            // the assembler names a line; what the linker has to say is its last one
            List<String> lines = said.lines().toList();
            String first = lines.stream()
                    .filter(l -> l.contains("Error:"))
                    .findFirst()
                    .orElse(lines.isEmpty() ? command[0] + " failed" : lines.getLast());
            throw new LabException((first.startsWith("asm:") ? "" : "asm: ") + first);
        }
    }
}
