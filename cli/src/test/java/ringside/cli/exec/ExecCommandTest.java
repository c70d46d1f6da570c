package ringside.cli.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import ringside.cli.Interrupt;
import ringside.cli.Main;
import ringside.lab.Lab;
import ringside.machine.Machine;

/** {@code ringside exec}: results, batches, and how mistakes are told. */
class ExecCommandTest {
    @TempDir
    Path dir;

    private record Run(int status, String out, String err) {}

    private static Run exec(String... args) {
        CommandLine cl = Main.commandLine();
        String[] command = Stream.concat(Stream.of("exec"), Stream.of(args)).toArray(String[]::new);
        StringWriter err = new StringWriter();
        cl.setErr(new PrintWriter(err, true));
        PrintStream old = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            return new Run(cl.execute(command), out.toString(StandardCharsets.UTF_8), err.toString());
        } finally {
            System.setOut(old);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    @SuppressWarnings("unchecked")
    void printsTheResultAsJson(String engine) throws Exception {
        Run r = exec("--hex", "89 07 0f 0b", "--map", "0x10000:4096:rw", "--reg", "rdi=10008h", "--reg", "eax=0x44332211", "--json", "--engine", engine);
        assertEquals(0, r.status, r.err);
        Map<String, Object> o = JSON.std.mapFrom(r.out);
        assertEquals(Map.of("reason", "exception", "vector", 6, "address", "0x401002"), o.get("stop"));
        assertEquals(1, o.get("instructions"));
        assertEquals(List.of(Map.of("at", "0x10008", "hex", "11223344")), o.get("memory"));
        assertEquals("0x10008", ((Map<String, Object>) o.get("regs")).get("rdi"));
    }

    @Test
    void anEndlessLoopIsALimit() {
        assertEquals(4, exec("--hex", "ebfe", "--limit", "1000").status);
        assertEquals(4, exec("--hex", "ebfe", "--limit", "1000000000000", "--timeout", "0.2").status);
    }

    @Test
    void theTraceShowsEachInstructionOnce() {
        Run r = exec("--hex", "ffc0f4", "--trace");
        assertEquals(2, r.out.lines().filter(l -> l.startsWith("0000000000401")).count(), r.out);
    }

    @Test
    void aBatchAnswersEveryLine() throws Exception {
        Path f = dir.resolve("cases");
        Files.writeString(f, """
                {"name":"a","hex":"ffc0","regs":{"eax":41}}
                {"name":7,"hex":"90","mem":{"0x100":"00"}}
                not json
                {"name":"d","hex":"f4","mode":"real","engine":"translator"}
                {"name":"e","hex":"90","mode":"virtual"}
                """);
        Run r = exec("--batch", f.toString());
        assertEquals(2, r.status);
        List<String> lines = r.out.lines().toList();
        assertEquals(5, lines.size());
        assertTrue(lines.get(0).contains("\"name\":\"a\"") && lines.get(0).contains("\"rax\":\"0x2a\""), lines.get(0));
        assertTrue(lines.get(1).contains("\"name\":7") && lines.get(1).contains("0x100 is not mapped"), lines.get(1));
        assertTrue(lines.get(2).contains("not a JSON object"), lines.get(2));
        assertTrue(lines.get(3).contains("\"reason\":\"hlt\""), lines.get(3));
        assertTrue(lines.get(4).contains("none of long, compat, protected, real"), lines.get(4));
        assertTrue(r.err.contains("5 cases, 3 unusable"), r.err);
    }

    /** Whatever a line holds, it gets one answer, in its place, and the lines behind it are run. */
    @Test
    void noLineOfABatchStopsIt() throws Exception {
        List<String> bad = List.of("null", "[1]", "\"text\"", "5", "{", "{\"a\":", "{\"hex\":\"90\"} more", "{\"hex\":\"90\"}{\"hex\":\"90\"}", "[".repeat(100_000), "{\"hex\":5}", "{\"hex\":\"\"}", "{\"hex\":\"9\"}",
                "{\"hex\":\"90\",\"deliver\":\"yes\"}", "{\"hex\":\"90\",\"regs\":[1]}", "{\"hex\":\"90\",\"regs\":{\"rax\":null}}", "{\"hex\":\"90\",\"regs\":{\"rax\":1.5}}", "{\"code\":\"a\\u0000b\"}",
                "{\"elf\":\"a\\u0000b\"}", "{\"hex\":\"90\",\"map\":\"0x1000:1=a\\u0000b\"}", "{\"hex\":\"90\",\"mem\":[5]}", "{\"hex\":\"90\",\"until\":[]}", "{\"hex\":\"90\",\"expect\":{\"rix\":1}}",
                "{\"hex\":\"90\",\"regs\":{\"rax\":\"" + "9".repeat(100_000) + "\"}}", "{\"hex\":\"90\",\"regs\":{\"rax\":" + "9".repeat(5000) + "}}", "{\"mem\":{\"0x1000\":\"90\"}}", "{\"hex\":\"\u00ff\"}");
        String good = "{\"name\":\"good\",\"hex\":\"ffc0\"}";
        Path f = dir.resolve("cases");
        // the last one is a byte that is not UTF-8; CRLF, empty lines, a byte-order mark, no end of the last line
        Files.writeString(f, "\u00ef\u00bb\u00bf" + String.join("\r\n" + good + "\n\n", bad) + "\n" + good, StandardCharsets.ISO_8859_1);
        Run r = exec("--batch", f.toString());
        assertEquals(2, r.status, r.err);
        List<String> lines = r.out.lines().toList();
        assertEquals(2 * bad.size(), lines.size());
        for (int i = 0; i < lines.size(); i++) {
            String error = (String) JSON.std.mapFrom(lines.get(i)).get("error");
            assertEquals(i % 2 == 0, error != null && !error.isBlank(), lines.get(i));
            assertTrue(lines.get(i).length() < 5000);
        }
        assertTrue(lines.get(4).contains("\"line\":7"), lines.get(4));
    }

    @Test
    void aLongLineIsACaseAsAnyOther() throws Exception {
        Path f = dir.resolve("cases");
        Files.writeString(f, "{\"hex\":\"" + "90".repeat(500_000) + "\"}\n");
        assertTrue(exec("--batch", f.toString()).out.contains("\"instructions\":500000"));
    }

    /** Each answer comes before the next line is written, as a program at the other end of a pipe needs it. */
    @Test
    void answersComeAtOnceOnAPipe() throws Exception {
        PipedOutputStream questions = new PipedOutputStream();
        PipedInputStream cases = new PipedInputStream(questions);
        PipedInputStream answers = new PipedInputStream();
        PrintWriter out = new PrintWriter(new PipedOutputStream(answers));
        Labs labs = new Labs("interpreter", "max", (engine, model, pc) -> new Lab(Machine::interpreter, model, 4 << 20));
        Thread t = Thread.startVirtualThread(() -> {
            try {
                try (Interrupt interrupt = new Interrupt(() -> { }, () -> { })) {
                    new Batch(labs, out, null).run(cases, interrupt);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        BufferedReader in = new BufferedReader(new InputStreamReader(answers));
        for (int i = 0; i < 3; i++) {
            questions.write(("{\"name\":" + i + ",\"hex\":\"90\"}\n").getBytes());
            questions.flush();
            assertTrue(in.readLine().startsWith("{\"name\":" + i));
        }
        questions.close();
        t.join();
    }

    /** Code that "mem" has put in place, as in the public single-step tests: registers, memory, one instruction. */
    @Test
    void codeMayBeInMemory() throws Exception {
        Path f = dir.resolve("cases");
        Files.writeString(f, """
                {"mode":"real","regs":{"cs":"0x1000","ip":"0xfffe","ax":1,"bx":2},"mem":{"0x1fffe":"01d8"},"until":"1 instruction","expect":{"ax":3,"reason":"count"}}
                {"mode":"real","regs":{"cs":"0x1000","ip":"0x10","ds":"0x2000","si":"0xffff"},"mem":{"0x10010":"8b04"},"until":"1 instruction","expect":{"reason":"exception","vector":13}}
                {"mode":"real","deliver":true,"regs":{"cs":"0x1000","ip":"0x10","sp":"0x100"},"mem":{"0x10010":"cd21","0x84":"34120020","0x21234":"f4"},"until":"hlt","expect":{"cs":"0x2000","sp":"0xfa","memory 0xfa":"120000100200"}}
                {"regs":{"rip":"0x10000"},"map":"0x10000:4096:rx","mem":{"0x10000":"ffc0"},"until":"0x10002","expect":{"rax":1}}
                """);
        Run r = exec("--batch", f.toString());
        assertEquals(0, r.status, r.out + r.err);
    }

    @Test
    void programsThatCannotRunHereAreNamed() throws Exception {
        Path f = dir.resolve("dynamic");
        Files.write(f, elf(2, 3, "/lib/ld.so"));
        assertTrue(exec("--elf", f.toString()).err.contains("is linked dynamically and needs /lib/ld.so"));
        Files.write(f, elf(2, 1, ""));
        assertTrue(exec("--elf", f.toString(), "--mode", "protected").err.contains("is a program of 64 bits and cannot run in mode protected"));
        Files.write(f, elf(1, 1, ""));
        assertTrue(exec("--elf", f.toString(), "--mode", "long").err.contains("is a program of 32 bits and cannot run in mode long"));
    }

    /** An ELF file of class 1 or 2 with a segment of one HLT at 10000h and one more program header of a kind with a text. */
    private static byte[] elf(int width, int kind, String text) {
        ByteBuffer b = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        boolean wide = width == 2;
        int header = wide ? 64 : 52;
        int entry = wide ? 56 : 32;
        b.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) width, 1, 1}).putShort(16, (short) 2).putShort(18, (short) (wide ? 62 : 3));
        if (wide) {
            b.putLong(24, 0x10000).putLong(32, header);
        } else {
            b.putInt(24, 0x10000).putInt(28, header);
        }
        b.putShort(wide ? 54 : 42, (short) entry).putShort(wide ? 56 : 44, (short) 2);
        for (int i = 0; i < 2; i++) {
            int at = header + i * entry;
            int file = i == 0 ? 400 : 410;
            int size = i == 0 ? 1 : Math.max(1, text.length());
            b.putInt(at, i == 0 ? 1 : kind);
            if (wide) {
                b.putInt(at + 4, 5).putLong(at + 8, file).putLong(at + 16, 0x10000 + 4096 * i).putLong(at + 32, size).putLong(at + 40, size);
            } else {
                b.putInt(at + 24, 5).putInt(at + 4, file).putInt(at + 8, 0x10000 + 4096 * i).putInt(at + 16, size).putInt(at + 20, size);
            }
        }
        b.put(400, (byte) 0xf4).position(410).put(text.getBytes(StandardCharsets.US_ASCII));
        return b.array();
    }

    @Test
    void theMemoryOfAResultIsAnInputAgain() throws Exception {
        Path f = dir.resolve("cases");
        Files.writeString(f, "{\"hex\":\"8b07\",\"map\":\"0x10000:4096\",\"mem\":[{\"at\":\"0x10000\",\"hex\":\"2a000000\"}],\"regs\":{\"rdi\":\"0x10000\"}}\n");
        assertTrue(exec("--batch", f.toString()).out.contains("\"rax\":\"0x2a\""));
    }

    @Test
    void aBatchHoldsResultsAgainstWhatIsExpected() throws Exception {
        Path f = dir.resolve("cases");
        Files.writeString(f, """
                {"name":"right","hex":"ffc0","regs":{"eax":41},"expect":{"rax":42,"reason":"until","instructions":1,"memory 0x401000":"ffc0"}}
                {"name":"wrong","hex":"0f0b","expect":{"rax":1,"vector":6}}
                """);
        Run r = exec("--batch", f.toString());
        assertEquals(5, r.status, r.err);
        assertTrue(!r.out.lines().toList().get(0).contains("unexpected"), r.out);
        assertEquals(List.of("rax: 0x0 instead of 0x1"), JSON.std.mapFrom(r.out.lines().toList().get(1)).get("unexpected"));
    }

    @Test
    void aPageFaultNamesItsAddress() throws Exception {
        Run r = exec("--hex", "8b07", "--reg", "rdi=0x123456", "--cpl", "3", "--json");
        assertEquals(Map.of("reason", "exception", "vector", 14, "error", 4, "address", "0x401000", "access", "0x123456"), JSON.std.mapFrom(r.out).get("stop"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void aPcHasDevicesAndDeliversEvents(String engine) {
        // real mode: INT 21h through the table at 0 goes to a handler that writes 5 to the debug-exit port
        Run r = exec("--board", "pc", "--mode", "real", "--at", "0x7c00", "--hex", "cd21f4", "--mem", "0x84=00060000", "--mem", "0x600=b005e6f4f4", "--engine", engine, "--json", "--memory", "4");
        assertEquals(0, r.status, r.err);
        assertTrue(r.out.contains("\"reason\":\"exit\"") && r.out.contains("\"error\":5"), r.out);
    }

    @Test
    void aBatchCaseThatDoesNotEndIsStopped() throws Exception {
        Path f = dir.resolve("cases");
        Files.writeString(f, "{\"hex\":\"ebfe\",\"limit\":1000000000000}\n");
        assertTrue(exec("--batch", f.toString(), "--timeout", "0.2").out.contains("\"reason\":\"stopped\""));
    }

    @Test
    void everyNamedRegisterCanBeSetAndIsShown() throws Exception {
        Run r = exec("--hex", "90", "--json", "--cpu", "max", "--reg", "st0=0x3fff8000000000000000", "--reg", "xmm3=-1", "--reg", "ymm4=0x10000000000000000000000000000000000000000000000", "--reg", "fcw=0x27f",
                "--reg", "mxcsr=0x1f00", "--reg", "fs_base=0x1000", "--reg", "cr4=0x6a0", "--reg", "dr0=5", "--reg", "r15b=7", "--reg", "rflags=0xed7", "--reg", "msr_c0000103=3");
        assertEquals(0, r.status, r.err);
        @SuppressWarnings("unchecked")
        Map<String, Object> regs = (Map<String, Object>) JSON.std.mapFrom(r.out).get("regs");
        assertEquals("0x3fff8000000000000000", regs.get("st0"));
        assertEquals("0xffffffffffffffffffffffffffffffff", regs.get("xmm3"));
        assertEquals("0x10000000000000000000000000000000000000000000000", regs.get("ymm4"));
        assertEquals("0x27f", regs.get("fcw"));
        assertEquals("0x1f00", regs.get("mxcsr"));
        assertEquals("0x1000", regs.get("fs_base"));
        assertEquals("0x7", regs.get("r15"));
        assertEquals("0xed7", regs.get("rflags"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--hex=9", "--hex=90 --reg=rax", "--hex=90 --reg=rix=1", "--hex=90 --map=5", "--hex=90 --code=x", "--hex=90 --mode=none", "--hex=90 --cpl=1",
        "--hex=90 --until=never", "--elf=/nowhere/at/all", "--batch=/nowhere/at/all", "--hex=90 --engine=none", "", "--hex=90 --memory=1", "--hex=90 --timeout=0",
        "--hex=90 --map=0:0", "--hex=90 --reg=al=300", "--hex=90 --at=0x8000000000000000", "--hex=90 --at=0xffffffffffffffff", "--hex=90 --at=0xffffffffffffe000",
        "--hex=90 --mem=0xfffffffffffff000=00", "--hex=90 --mode=protected --at=0xffffe000", "--code=/tmp", "--batch=/tmp", "--hex=90 --map=0x10000:64=/tmp", "--hex=90 --board=x", "--hex=90 --board=pc --map=0:1", "--hex=90 --board=pc --at=0xffffffff", "--hex=90 --board=pc --cpl=3",
        "--hex=", "--code=/dev/null", "--hex=90 --mode=real --cpl=3", "--map=0x10000:4096", "--hex=90 --map=0x10000:0xffffffffffffffff", "--hex=90 --reg=mxcsr=0x10000", "--hex=90 --mode=real --at=0x110000",
        "--hex=90 --map=0x10000:0x100000000", "--hex=90 --cpu=max,+avx3"})
    void mistakesGetOneMessage(String args) {
        Run r = exec(args.isEmpty() ? new String[0] : args.split(" "));
        assertEquals(2, r.status, r.err);
        assertTrue(r.err.startsWith("ringside: ") && !r.err.contains("internal error") && !r.err.contains("\tat "), r.err);
    }

    @Test
    void aFileThatCannotBeUsedIsNamed() throws Exception {
        assertTrue(exec("--batch", dir.toString()).err.startsWith("ringside: --batch: " + dir + " is a directory"));
        assertTrue(exec("--code", dir.toString()).err.startsWith("ringside: " + dir + " is a directory"));
    }
}
