package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import ringside.lab.Lab;
import ringside.machine.Machine;
import ringside.workbench.exec.Batch;
import ringside.workbench.exec.CaseSpec;
import ringside.workbench.exec.Labs;

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
        Run r = exec(
                "--hex",
                "89 07 0f 0b",
                "--map",
                "0x10000:4096:rw",
                "--reg",
                "rdi=10008h",
                "--reg",
                "eax=0x44332211",
                "--json",
                "--engine",
                engine);
        assertEquals(0, r.status, r.err);
        Map<String, Object> o = JSON.std.mapFrom(r.out);
        assertEquals(
                Map.of("reason", "exception", "vector", 6, "address", "0x401002", "bytes", "0f0b", "text", "ud2"),
                o.get("stop"));
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
        // what is behind the end was not executed
        assertEquals(
                1,
                exec("--hex", "ffc0", "--trace")
                        .out
                        .lines()
                        .filter(l -> l.startsWith("0000000000401"))
                        .count());
        assertEquals(
                1,
                exec("--hex", "ffc0", "--trace", "--board", "pc", "--memory", "4")
                        .out
                        .lines()
                        .filter(l -> l.startsWith("0000000000010"))
                        .count());
    }

    @Test
    void aTraceInJsonIsPartOfTheObject() throws Exception {
        Map<String, Object> o = JSON.std.mapFrom(exec("--hex", "ffc090", "--trace", "--json").out);
        assertEquals(List.of("0000000000401000  inc eax", "0000000000401002  nop"), o.get("trace"));
    }

    /** Each option is a field of the same name, and what a case does not say is taken from the options. */
    @Test
    @SuppressWarnings("unchecked")
    void optionsAndFieldsOfABatchAreTheSame() throws Exception {
        Path f = dir.resolve("cases");
        Files.writeString(f, """
            {"hex":"ffc0","reg":["rax=41","rbx=7"],"show":["dr7","tr_limit"],"trace":true,"timeout":100,"memory":"8","mode":null,"map":null,"deliver":null}
            {"hex":"ffc0","mode":"long","cpl":0,"regs":{"RAX":1},"expect":{"rcx":6},"engine":"interpreter"}
            {"hex":"48"}
            """);
        Run r = exec(
                "--batch",
                f.toString(),
                "--mode",
                "protected",
                "--cpl",
                "3",
                "--engine",
                "translator",
                "--reg",
                "ecx=5",
                "--expect",
                "ecx=5",
                "--map",
                "0x20000:4096:r",
                "--mem",
                "0x20000=aa",
                "--show",
                "dr6");
        assertEquals(5, r.status, r.out + r.err);
        List<Map<String, Object>> answers = new java.util.ArrayList<>();
        for (String l : r.out.lines().toList()) answers.add(JSON.std.mapFrom(l));
        Map<String, Object> first = (Map<String, Object>) answers.get(0).get("regs");
        assertEquals(
                List.of("0x2a", "0x7", "0x5", "0x400", "0x67", "0xffff0ff0", "0x23"),
                Stream.of("eax", "ebx", "ecx", "dr7", "tr_limit", "dr6", "cs")
                        .map(first::get)
                        .toList());
        assertEquals(List.of("0000000000401000  inc eax"), answers.get(0).get("trace"));
        assertEquals("0x10", ((Map<String, Object>) answers.get(1).get("regs")).get("cs"));
        assertEquals(List.of("rcx: 0x5 instead of 0x6"), answers.get(1).get("unexpected"));
        assertEquals("0xffffffff", ((Map<String, Object>) answers.get(2).get("regs")).get("eax"));
    }

    /** Flags that an instruction leaves undefined are not compared. */
    @Test
    void expectationsMayNameTheBitsThatCount() throws Exception {
        // imul eax, ebx: CF and OF are defined, the others are not
        String[] imul = {"--hex", "0fafc3", "--reg", "eax=0x10000", "--reg", "ebx=0x10000", "--expect"};
        assertEquals(
                0,
                exec(Stream.concat(Stream.of(imul), Stream.of("rflags=0x8d5/0x801"))
                                .toArray(String[]::new))
                        .status);
        Run r = exec(Stream.concat(Stream.of(imul), Stream.of("rflags=0/0x801")).toArray(String[]::new));
        assertEquals(5, r.status, r.err);
        assertTrue(r.out.contains("instead of 0x0 in the bits 0x801"), r.out);
        Path f = dir.resolve("cases");
        Files.writeString(f, """
            {"hex":"83e801","expect":{"RAX":"0xffffffff","eax":-1,"rflags":"1/1","Reason":"until","address":"0x401003"}}
            {"hex":"8b07","regs":{"rdi":"0x123456"},"expect":{"access":"0x123456","vector":14}}
            {"hex":"90","expect":{"vector":6,"access":5}}
            {"hex":"90","expect":{"reason":"never"}}
            {"hex":"90","expect":{"al":256}}
            """);
        List<String> lines = exec("--batch", f.toString()).out.lines().toList();
        assertTrue(!lines.get(0).contains("unexpected") && !lines.get(1).contains("unexpected"), lines.toString());
        assertEquals(
                List.of("vector: none instead of 6", "access: none instead of 0x5"),
                JSON.std.mapFrom(lines.get(2)).get("unexpected"));
        assertTrue(lines.get(3).contains("'never' is none of until, hlt, count"), lines.get(3));
        assertTrue(lines.get(4).contains("256 does not fit into 8 bits"), lines.get(4));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--mode=protected --hex=a100000000 --map=0x10000:4096 --mem=0x10000=44332211 --reg=ds_base=0x10000"
                        + " --reg=ds_limit=0xfff --expect=eax=0x11223344", // mov eax, [0]
                "--mode=protected --hex=a1fd0f0000 --map=0x10000:4096 --reg=ds_base=0x10000 --reg=ds_limit=0xfff"
                        + " --expect=vector=13",
                "--mode=real --hex=67a100000100 --mem=0x10000=3412 --reg=ds_limit=0xffffffff"
                        + " --expect=eax=0x1234", // mov ax, [10000h]
                "--mode=protected --hex=e80000000058 --reg=cs_base=0x400000 --expect=eax=0x1005", // call; pop eax
                "--mode=compat --hex=e80000000058 --reg=cs_base=0x400000 --reg=ss_base=0x1000 --expect=eax=0x1005",
                // 16-bit code and a data segment at 20000h, both of a GDT in memory: mov ax, 1234h; mov bx, [10h]
                "--mode=protected --at=0x8000 --hex=b834128b1e1000 --map=0x30000:4096:r"
                        + " --mem=0x30008=ffff0000009a0000ffff000002930000 --map=0x20000:4096 --mem=0x20010=cdab"
                        + " --reg=gdtr_base=0x30000 --reg=gdtr_limit=0x17 --reg=cs=8 --reg=ds=0x10 --expect=ax=0x1234"
                        + " --expect=ebx=0xabcd",
                "--cpl=3 --hex=90 --reg=cr4=0x50624 --reg=cr8=5 --show=cr8 --expect=cr4=0x50624 --expect=cr8=5"
            })
    void segmentsAndControlRegistersAreSetWhereTheModeUsesThem(String args) {
        for (String engine : List.of("interpreter", "translator")) {
            Run r = exec((args + " --engine=" + engine).split(" "));
            assertEquals(0, r.status, r.out + r.err);
        }
    }

    @Test
    void registersThatWereSetAreShown() {
        String out = exec("--hex", "90", "--reg", "dr7=1", "--reg", "mm2=5", "--reg", "eax=7").out;
        assertTrue(
                out.contains("dr7     0000000000000401")
                        && out.contains("mm2     0000000000000005")
                        && !out.contains("eax"),
                out);
    }

    @Test
    void whatIsRefusedIsSaidWhy() {
        Map<String, String> said = Map.of(
                "--reg=rflags=0x20a",
                "bits 0x8 are reserved and always zero; give 0x202",
                "--reg=rflags=0x20002",
                "virtual-8086 mode is entered by IRET",
                "--reg=dr7=0x801",
                "bits 0x800 are reserved",
                "--reg=mxcsr=0x10000",
                "bits 0x10000 are reserved",
                "--reg=ds_base=1",
                "in 64-bit mode only fs and gs have a base",
                "--reg=cr3=0",
                "the laboratory makes the page tables",
                "--reg==5",
                "there is nothing before the '='",
                "--until=never",
                "none of an address, hlt, and 'N instructions'",
                "--reg=ss=0x2b",
                "it answers with #GP");
        said.forEach((option, text) -> {
            Run r = exec("--hex=90", option);
            assertTrue(r.status == 2 && r.err.contains(text), r.err);
        });
    }

    /** With the host's assembler, or a word about it. */
    @Test
    void assemblyIsTakenWhereAnAssemblerIs() {
        Run r = exec(
                "--asm",
                "call f; hlt; f: mov eax, [rip+x]; ret; x: .long 42",
                "--expect",
                "eax=42",
                "--expect",
                "reason=hlt");
        assumeTrue(!r.err.contains("install binutils"), "binutils are not installed: " + r.err);
        assertEquals(0, r.status, r.out + r.err);
        assertTrue(exec("--asm", "nop\nbogus rax").err.startsWith("ringside: asm:2: Error: no such instruction"));
        assertTrue(exec("--asm", "jmp nowhere").err.contains("undefined reference to `nowhere'"));
    }

    @Test
    void aProgramRunsOnAPcToo() throws Exception {
        Path f = dir.resolve("program");
        Files.write(f, elf(2, 4, "x"));
        Run r = exec("--elf", f.toString(), "--board", "pc", "--memory", "4");
        assertTrue(r.out.contains("stopped: hlt at 0x10001"), r.out + r.err);
    }

    @Test
    void aBatchAnswersEveryLine() throws Exception {
        Path f = dir.resolve("cases");
        Files.writeString(f, """
            {"name":"a","hex":"ffc0","regs":{"eax":41}}
            {"name":7,"hex":"90","mode":"real","mem":{"0x200000":"00"}}
            not json
            {"name":"d","hex":"f4","mode":"real","engine":"translator"}
            {"name":"e","hex":"90","mode":"virtual"}
            """);
        Run r = exec("--batch", f.toString());
        assertEquals(2, r.status);
        List<String> lines = r.out.lines().toList();
        assertEquals(5, lines.size());
        assertTrue(lines.get(0).contains("\"name\":\"a\"") && lines.get(0).contains("\"rax\":\"0x2a\""), lines.get(0));
        assertTrue(
                lines.get(1).contains("\"name\":7") && lines.get(1).contains("0x200000 is not mapped"), lines.get(1));
        assertTrue(lines.get(2).contains("not a JSON object"), lines.get(2));
        assertTrue(lines.get(3).contains("\"reason\":\"hlt\""), lines.get(3));
        assertTrue(lines.get(4).contains("none of long, compat, protected, real"), lines.get(4));
        assertTrue(r.err.contains("5 cases, 3 unusable"), r.err);
    }

    /** Whatever a line holds, it gets one answer, in its place, and the lines behind it are run. */
    @Test
    void noLineOfABatchStopsIt() throws Exception {
        List<String> bad = List.of(
                "null",
                "[1]",
                "\"text\"",
                "5",
                "{",
                "{\"a\":",
                "{\"hex\":\"90\"} more",
                "{\"hex\":\"90\"}{\"hex\":\"90\"}",
                "[".repeat(100_000),
                "{\"hex\":5}",
                "{\"hex\":\"\"}",
                "{\"hex\":\"9\"}",
                "{\"hex\":\"90\",\"deliver\":\"yes\"}",
                "{\"hex\":\"90\",\"regs\":[1]}",
                "{\"hex\":\"90\",\"regs\":{\"rax\":null}}",
                "{\"hex\":\"90\",\"regs\":{\"rax\":1.5}}",
                "{\"code\":\"a\\u0000b\"}",
                "{\"elf\":\"a\\u0000b\"}",
                "{\"hex\":\"90\",\"map\":\"0x1000:1=a\\u0000b\"}",
                "{\"hex\":\"90\",\"mem\":[5]}",
                "{\"hex\":\"90\",\"until\":[]}",
                "{\"hex\":\"90\",\"expect\":{\"rix\":1}}",
                "{\"hex\":\"90\",\"regs\":{\"rax\":\"" + "9".repeat(100_000) + "\"}}",
                "{\"hex\":\"90\",\"regs\":{\"rax\":" + "9".repeat(5000) + "}}",
                "{\"mem\":{\"0x1000\":\"90\"}}",
                "{\"hex\":\"\u00ff\"}");
        String good = "{\"name\":\"good\",\"hex\":\"ffc0\"}";
        Path f = dir.resolve("cases");
        // the last one is a byte that is not UTF-8; CRLF, empty lines, a byte-order mark, no end of the last line
        Files.writeString(
                f,
                "\u00ef\u00bb\u00bf" + String.join("\r\n" + good + "\n\n", bad) + "\n" + good,
                StandardCharsets.ISO_8859_1);
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

    /** The last page below 2^63: one step further is a negative address. */
    @Test
    void aProgramAtTheEndOfTheAddressSpaceIsRefused() throws Exception {
        java.nio.ByteBuffer b =
                java.nio.ByteBuffer.wrap(ringside.cli.EndlessKernel.bytes()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (long[] segment : new long[][] {
            {Long.MAX_VALUE - 0x1000, 0x1001},
            {Long.MAX_VALUE - 0x1800, 0x1700},
            {-0x1800, 0x1000},
            {0x200000, -1},
            {0x200000, Long.MIN_VALUE},
            {0x200000, 1L << 40}
        }) {
            b.putLong(64 + 16, segment[0]).putLong(64 + 32, 0).putLong(64 + 40, segment[1]);
            Path f = Files.write(dir.resolve("far.elf"), b.array());
            assertEquals(2, exec("--elf", f.toString()).status, Long.toHexString(segment[0]));
        }
    }

    @Test
    void memoryOfAPcThatIsBehindAllAddressesIsRefused() {
        Run r = exec("--board", "pc", "--hex", "f4", "--mem", "0x7ffffffffffffff8=0102030405060708090a");
        assertEquals(2, r.status);
        assertTrue(r.err.contains("is not in RAM"), r.err);
    }

    /** Each answer comes before the next line is written, as a program at the other end of a pipe needs it. */
    @Test
    void answersComeAtOnceOnAPipe() throws Exception {
        PipedOutputStream questions = new PipedOutputStream();
        PipedInputStream cases = new PipedInputStream(questions);
        PipedInputStream answers = new PipedInputStream();
        PrintWriter out = new PrintWriter(new PipedOutputStream(answers));
        Labs.Maker maker = (engine, model, pc, mebibytes) -> new Lab(Machine::interpreter, model, 4 << 20);
        Thread t = Thread.startVirtualThread(() -> {
            try {
                try (EndRequest interrupt = new EndRequest(() -> {}, () -> {})) {
                    new Batch(maker, out, new CaseSpec(), 2).run(cases, interrupt);
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
        assertTrue(exec("--elf", f.toString(), "--mode", "protected")
                .err
                .contains("is a program of 64 bits and cannot run in mode protected"));
        Files.write(f, elf(1, 1, ""));
        assertTrue(exec("--elf", f.toString(), "--mode", "long")
                .err
                .contains("is a program of 32 bits and cannot run in mode long"));
    }

    /**
     * An ELF file of class 1 or 2 with a segment of one HLT at 10000h and one more program header of a kind with a
     * text.
     */
    private static byte[] elf(int width, int kind, String text) {
        ByteBuffer b = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        boolean wide = width == 2;
        int header = wide ? 64 : 52;
        int entry = wide ? 56 : 32;
        b.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) width, 1, 1})
                .putShort(16, (short) 2)
                .putShort(18, (short) (wide ? 62 : 3));
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
                b.putInt(at + 4, 5)
                        .putLong(at + 8, file)
                        .putLong(at + 16, 0x10000 + 4096 * i)
                        .putLong(at + 32, size)
                        .putLong(at + 40, size);
            } else {
                b.putInt(at + 24, 5)
                        .putInt(at + 4, file)
                        .putInt(at + 8, 0x10000 + 4096 * i)
                        .putInt(at + 16, size)
                        .putInt(at + 20, size);
            }
        }
        b.put(400, (byte) 0xf4).position(410).put(text.getBytes(StandardCharsets.US_ASCII));
        return b.array();
    }

    @Test
    void theMemoryOfAResultIsAnInputAgain() throws Exception {
        Path f = dir.resolve("cases");
        Files.writeString(
                f,
                "{\"hex\":\"8b07\",\"map\":\"0x10000:4096\",\"mem\":[{\"at\":\"0x10000\",\"hex\":\"2a000000\"}],\"regs\":{\"rdi\":\"0x10000\"}}\n");
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
        assertEquals(
                List.of("rax: 0x0 instead of 0x1"),
                JSON.std.mapFrom(r.out.lines().toList().get(1)).get("unexpected"));
    }

    /** What was not asked for is not in the answer; a case's own list counts instead of the option's. */
    @Test
    void answersAreCutDownToWhatWasAskedFor() throws Exception {
        Path f = dir.resolve("cases");
        Files.writeString(f, """
            {"name":1,"hex":"d9e8","regs":{"xmm1.d2":7}}
            {"name":2,"hex":"0f0b","only":["stop"]}
            {"name":3,"hex":"90","only":"memory","expect":{"xmm0.d3":1}}
            """);
        List<String> lines = exec("--batch", f.toString(), "--only", "xmm1.d2,fpr7")
                .out
                .lines()
                .toList();
        assertEquals("{\"name\":1,\"regs\":{\"xmm1.d2\":\"0x7\",\"fpr7\":\"0x3fff8000000000000000\"}}", lines.get(0));
        assertEquals(
                "{\"name\":2,\"stop\":{\"reason\":\"exception\",\"vector\":6,\"address\":\"0x401000\",\"bytes\":\"0f0b\","
                    + "\"text\":\"ud2\"}}",
                lines.get(1));
        assertEquals("{\"name\":3,\"memory\":[],\"unexpected\":[\"xmm0.d3: 0x0 instead of 0x1\"]}", lines.get(2));
        Run r = exec("--hex", "0f0b", "--only", "stop,rax");
        assertEquals(
                "stopped: #UD invalid opcode at 0x401000 after 0 instructions\n         0f0b  ud2\n"
                        + "rax     0000000000000000",
                r.out.stripTrailing());
        assertEquals(2, exec("--hex", "90", "--only", "bogus").status);
    }

    @Test
    void aPageFaultNamesItsAddress() throws Exception {
        Run r = exec("--hex", "8b07", "--reg", "rdi=0x123456", "--cpl", "3", "--json");
        assertEquals(
                Map.of(
                        "reason",
                        "exception",
                        "vector",
                        14,
                        "error",
                        4,
                        "address",
                        "0x401000",
                        "access",
                        "0x123456",
                        "bytes",
                        "8b07",
                        "text",
                        "mov eax,DWORD PTR [rdi]"),
                JSON.std.mapFrom(r.out).get("stop"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void aPcHasDevicesAndDeliversEvents(String engine) {
        // real mode: INT 21h through the table at 0 goes to a handler that writes 5 to the debug-exit port
        Run r = exec(
                "--board",
                "pc",
                "--mode",
                "real",
                "--at",
                "0x7c00",
                "--hex",
                "cd21f4",
                "--mem",
                "0x84=00060000",
                "--mem",
                "0x600=b005e6f4f4",
                "--engine",
                engine,
                "--json",
                "--memory",
                "4");
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
        Run r = exec(
                "--hex",
                "90",
                "--json",
                "--cpu",
                "max",
                "--reg",
                "st0=0x3fff8000000000000000",
                "--reg",
                "xmm3=-1",
                "--reg",
                "ymm4=0x10000000000000000000000000000000000000000000000",
                "--reg",
                "fcw=0x27f",
                "--reg",
                "mxcsr=0x1f00",
                "--reg",
                "fs_base=0x1000",
                "--reg",
                "cr4=0x6a0",
                "--reg",
                "dr0=5",
                "--reg",
                "r15b=7",
                "--reg",
                "rflags=0xed7",
                "--reg",
                "msr_c0000103=3");
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
    @ValueSource(
            strings = {
                "--hex=9",
                "--hex=90 --reg=rax",
                "--hex=90 --reg=rix=1",
                "--hex=90 --map=5",
                "--hex=90 --code=x",
                "--hex=90 --mode=none",
                "--hex=90 --cpl=1",
                "--hex=90 --until=never",
                "--elf=/nowhere/at/all",
                "--batch=/nowhere/at/all",
                "--hex=90 --engine=none",
                "",
                "--hex=90 --memory=1",
                "--hex=90 --timeout=0",
                "--hex=90 --map=0:0",
                "--hex=90 --reg=al=300",
                "--hex=90 --at=0x8000000000000000",
                "--hex=90 --at=0xffffffffffffffff",
                "--hex=90 --at=0xffffffffffffe000",
                "--hex=90 --mem=0xfffffffffffff000=00",
                "--hex=90 --mode=protected --at=0xffffe000",
                "--code=/tmp",
                "--batch=/tmp",
                "--hex=90 --map=0x10000:64=/tmp",
                "--hex=90 --board=x",
                "--hex=90 --board=pc --map=0:1",
                "--hex=90 --board=pc --at=0xffffffff",
                "--hex=90 --board=pc --cpl=3",
                "--hex=",
                "--code=/dev/null",
                "--hex=90 --mode=real --cpl=3",
                "--map=0x10000:4096",
                "--hex=90 --map=0x10000:0xffffffffffffffff",
                "--hex=90 --reg=mxcsr=0x10000",
                "--hex=90 --mode=real --at=0x110000",
                "--hex=90 --map=0x10000:0x100000000",
                "--hex=90 --cpu=max,+avx3",
                "--hex=90 --board=pc --memory=2048",
                "--hex=90 --timeout=soon",
                "--hex=90 --show=rix",
                "--hex=90 --show=msr_1234567",
                "--hex=90 --expect=rix=1",
                "--hex=90 --expect=rax",
                "--hex=90 --reg=fcw=0xffff",
                "--hex=90 --reg=dr6=0x100000000",
                "--hex=90 --reg=ds_limit=1",
                "--hex=90 --reg=cs=0x33",
                "--hex=90 --reg=tr=0x38",
                "--hex=90 --reg=ldtr_base=1",
                "--mode=real --hex=90 --reg=tr_base=1",
                "--mode=real --hex=90 --reg=cs=0x1000",
                "--mode=protected --hex=90 --reg=rip=0x100401001",
                "--mode=protected --hex=90 --reg=cs=0x48",
                "--mode=protected --hex=90 --reg=cs=0x18",
                "--mode=compat --hex=90 --reg=cs=0x10",
                "--mode=protected --hex=90 --reg=ds_limit=0x123456"
            })
    void mistakesGetOneMessage(String args) {
        Run r = exec(args.isEmpty() ? new String[0] : args.split(" "));
        assertEquals(2, r.status, r.err);
        assertTrue(
                r.err.startsWith("ringside: ") && !r.err.contains("internal error") && !r.err.contains("\tat "), r.err);
    }

    @Test
    void aFileThatCannotBeUsedIsNamed() throws Exception {
        assertTrue(exec("--batch", dir.toString()).err.startsWith("ringside: --batch: " + dir + " is a directory"));
        assertTrue(exec("--code", dir.toString()).err.startsWith("ringside: " + dir + " is a directory"));
    }
}
