package ringside.cli.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
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
import ringside.cli.Main;

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
        "--hex=90 --mem=0xfffffffffffff000=00", "--hex=90 --mode=protected --at=0xffffe000", "--code=/tmp", "--batch=/tmp", "--hex=90 --map=0x10000:64=/tmp", "--hex=90 --board=x", "--hex=90 --board=pc --map=0:1", "--hex=90 --board=pc --at=0xffffffff", "--hex=90 --board=pc --cpl=3"})
    void mistakesGetOneMessage(String args) {
        Run r = exec(args.isEmpty() ? new String[0] : args.split(" "));
        assertEquals(2, r.status, r.err);
        assertTrue(r.err.startsWith("ringside: ") && !r.err.contains("internal error") && !r.err.contains("\tat "), r.err);
    }

    @Test
    void aFileThatCannotBeUsedIsNamed() throws Exception {
        Path f = dir.resolve("cases");
        Files.write(f, new byte[] {'{', (byte) 0xd8, '}', '\n'});
        assertTrue(exec("--batch", f.toString()).err.startsWith("ringside: --batch: " + f + " is not text in UTF-8"));
        assertTrue(exec("--batch", dir.toString()).err.startsWith("ringside: --batch: " + dir + " is a directory"));
        assertTrue(exec("--code", dir.toString()).err.startsWith("ringside: " + dir + " is a directory"));
    }
}
