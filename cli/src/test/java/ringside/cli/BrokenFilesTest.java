package ringside.cli;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import ringside.workbench.Mutations;

/**
 * Damaged input files of every kind, with fixed seeds: a command does its work or says in its own words what is wrong,
 * and never fails in another way.
 */
class BrokenFilesTest {
    /** Damaged files of each kind; RINGSIDE_MUTATIONS=N tries more. */
    private static final int EACH = Integer.parseInt(System.getenv().getOrDefault("RINGSIDE_MUTATIONS", "12"));
    /** What one command may take: far more than any does, and far less than for ever. */
    private static final double SECONDS = 20;

    @TempDir
    Path folder;

    private final List<String> failures = new ArrayList<>();

    /** Runs the command in this JVM. @param file the damaged file, FILE in the arguments */
    private void survives(long seed, Path file, String... arguments) {
        String[] all = arguments.clone();
        for (int i = 0; i < all.length; i++) all[i] = all[i].replace("FILE", file.toString());
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stdout = System.out;
        PrintStream stderr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true));
        System.setErr(new PrintStream(err, true));
        long start = System.nanoTime();
        String outcome;
        try {
            CommandLine cl = Main.commandLine();
            cl.setErr(new PrintWriter(err, true));
            cl.setOut(new PrintWriter(OutputStream.nullOutputStream()));
            int status = cl.execute(all);
            outcome = status == ExitStatus.INTERNAL ? "exit status " + status : null;
            // a batch goes on behind a case that fails so
            if (out.toString(StandardCharsets.UTF_8).contains("internal error"))
                outcome = out.toString(StandardCharsets.UTF_8)
                        .lines()
                        .filter(l -> l.contains("internal error"))
                        .limit(3)
                        .toList()
                        .toString();
        } catch (Throwable e) {
            outcome = e.toString();
        } finally {
            System.setOut(stdout);
            System.setErr(stderr);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (outcome == null && seconds > SECONDS) outcome = "took " + seconds + " s";
        String said = err.toString(StandardCharsets.UTF_8);
        if (outcome == null && (said.contains("null") || said.contains("Exception") || said.contains("\tat ")))
            outcome = "not its own words";
        if (outcome != null)
            failures.add("seed " + seed + " of " + String.join(" ", arguments) + ": " + outcome + ": "
                    + said.lines().limit(12).toList());
    }

    private void all(String name, byte[] whole, String... arguments) throws IOException {
        Path file = folder.resolve(name);
        for (long seed = 1; seed <= EACH; seed++) {
            Files.write(file, new Mutations(seed).of(whole));
            survives(seed, file, arguments);
        }
        Files.write(file, whole);
        survives(0, file, arguments);
        if (!failures.isEmpty())
            fail(failures.size() + " failures:\n"
                    + String.join("\n", failures.subList(0, Math.min(failures.size(), 30))));
    }

    /** An ELF file with the symbols and tables of a kernel. */
    @Test
    void damagedElfKernelsAreRunOrRefused() throws IOException {
        byte[] real = Files.readAllBytes(Path.of("../testdata/entrykernel/entry-table.elf"));
        all(
                "small.elf",
                EndlessKernel.bytes(),
                "unwind",
                "FILE",
                "--at",
                "spin",
                "--kind",
                "all",
                "-m",
                "8M",
                "--max-instructions",
                "300",
                "--engine",
                "interpreter");
        all(
                "real.elf",
                real,
                "unwind",
                "FILE",
                "--at-instruction",
                "20k",
                "--kind",
                "all",
                "-m",
                "8M",
                "--engine",
                "interpreter");
        all(
                "real.elf",
                real,
                "audit",
                "FILE",
                "--window",
                "3k..4k",
                "-m",
                "8M",
                "--max-instructions",
                "5k",
                "--engine",
                "interpreter");
    }

    @Test
    void damagedKernelsOfOtherKindsAreRunOrRefused() throws IOException {
        String[] command = {"unwind", "FILE", "--at-instruction", "300", "-m", "20M", "--engine", "interpreter"};
        all("demo.elf", Files.readAllBytes(Path.of("../testdata/demo/demo.elf")), command);
        ByteBuffer b = ByteBuffer.allocate(0x800).order(ByteOrder.LITTLE_ENDIAN);
        b.put(0x1f1, (byte) 1)
                .putShort(0x1fe, (short) 0xaa55)
                .put(0x201, (byte) 0x6a)
                .put(0x202, "HdrS".getBytes(StandardCharsets.US_ASCII));
        b.putShort(0x206, (short) 0x20f)
                .put(0x211, (byte) 1)
                .putInt(0x214, 0x100000)
                .putInt(0x22c, 0x7fff_ffff)
                .putInt(0x230, 0x200000);
        b.put(0x234, (byte) 1)
                .putShort(0x236, (short) 1)
                .putInt(0x238, 2047)
                .putLong(0x258, 0x1000000)
                .putInt(0x260, 0x80000)
                .putShort(0x600, (short) 0xfeeb);
        all("bzImage", b.array(), command);
    }

    @Test
    void damagedSymbolFilesAreUsedOrRefused() throws IOException {
        Path kernel = EndlessKernel.in(folder);
        String[] command = {
            "unwind",
            kernel.toString(),
            "--symbols",
            "FILE",
            "--at",
            "spin",
            "-m",
            "8M",
            "--max-instructions",
            "300",
            "--engine",
            "interpreter"
        };
        all("vmlinux", EndlessKernel.bytes(), command);
        all("vmlinux", Files.readAllBytes(Path.of("../testdata/entrykernel/entry-table.elf")), command);
        all("System.map", """
            0000000000200000 T _stext
            0000000000200007 T spin
            0000000000200009 t never
            000000000020000a T _etext
            ffffffff81000000 D data
            """.getBytes(), command);
    }

    @Test
    void damagedProgramsAreRunOrRefused() throws IOException {
        all("program", EndlessKernel.bytes(), "exec", "--elf", "FILE", "--cpl", "3", "--memory", "8", "--limit", "200");
        all(
                "code",
                EndlessKernel.bytes(),
                "exec",
                "--memory",
                "8",
                "--code",
                "FILE",
                "--map",
                "0x800000:0x1000=FILE:rw",
                "--limit",
                "200");
    }

    @Test
    void damagedBatchesAreAnsweredLineByLine() throws IOException {
        StringBuilder s = new StringBuilder();
        Map<String, String> cases = new LinkedHashMap<>();
        cases.put(
                "regs",
                "{\"name\":\"a\",\"mode\":\"long\",\"cpl\":3,\"at\":\"0x10000000\",\"hex\":\"4801d8f4\",\"map\":[\"0x20000000:0x2000:rw\"],\"regs\":{\"rax\":5,\"rbx\":\"-3\",\"xmm0\":\"0x1\",\"st0\":\"1\",\"mxcsr\":8064},\"until\":\"hlt\",\"limit\":100,\"expect\":{\"rax\":2,\"vector\":13}}");
        cases.put(
                "mem",
                "{\"mem\":{\"0x401000\":\"90f4\"},\"map\":\"0x401000:16:rwx\",\"until\":\"hlt\",\"limit\":\"100\",\"expect\":{\"memory"
                    + " 0x401000\":\"90f4\",\"reason\":\"hlt\"}}");
        cases.put(
                "pc",
                "{\"board\":\"pc\",\"mode\":\"protected\",\"at\":65536,\"hex\":\"b001e6f4\",\"mem\":[{\"at\":4096,\"hex\":\"00ff\"}],\"deliver\":true,\"engine\":\"interpreter\",\"cpu\":\"v2,+aes\",\"expect\":{\"memory"
                    + " 4096\":\"00ff\"}}");
        cases.put(
                "real",
                "{\"mode\":\"real\",\"hex\":\"cd10\",\"regs\":{\"cs\":0,\"sp\":256,\"eip\":31744},\"until\":31746}");
        for (String c : cases.values())
            all("one.jsonl", c.getBytes(StandardCharsets.UTF_8), "exec", "--batch", "FILE", "--memory", "8");
        for (String c : cases.values()) {
            // many cases in one file: what is wrong with one must not keep the next from its answer
            StringBuilder many = new StringBuilder();
            for (long seed = 1; seed <= EACH * 8; seed++)
                many.append(new Mutations(seed).ofText(c)).append('\n');
            Path file = Files.writeString(folder.resolve("words.jsonl"), many);
            survives(0, file, "exec", "--batch", "FILE", "--memory", "8");
            s.append(c).append('\n');
        }
        all("cases.jsonl", s.toString().getBytes(StandardCharsets.UTF_8), "exec", "--batch", "FILE", "--memory", "8");
    }
}
