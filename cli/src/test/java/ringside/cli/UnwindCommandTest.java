package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code ringside unwind} on the entry kernel: what it prints, and how it refuses what it cannot do. */
class UnwindCommandTest {
    @TempDir
    Path folder;

    private static String kernel(String variant) {
        return "../testdata/entrykernel/entry-" + variant + ".elf";
    }

    record Result(int status, String out, String err) {}

    private static Result unwind(String... args) {
        return run("unwind", args);
    }

    static Result run(String command, String... args) {
        StringWriter usage = new StringWriter();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stdout = System.out;
        PrintStream stderr = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            CommandLine cl = Main.commandLine();
            cl.setErr(new PrintWriter(usage, true));
            List<String> all = new ArrayList<>(List.of(command));
            all.addAll(Arrays.asList(args));
            int status = cl.execute(all.toArray(String[]::new));
            return new Result(
                    status, out.toString(StandardCharsets.UTF_8), usage + err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(stdout);
            System.setErr(stderr);
        }
    }

    private static void refused(String cause, String... args) {
        Result r = unwind(args);
        assertEquals(ExitStatus.UNUSABLE, r.status, r.err);
        assertTrue(r.err.contains(cause), r.err);
        assertFalse(r.err.contains("\tat ") || r.err.contains("internal error"), r.err);
    }

    @Test
    void wrongUsageIsNamed() throws IOException {
        refused("KERNEL or --linux is missing", "--at", "main");
        refused("--at", kernel("none"));
        refused("no symbol 'do_irqs'; similar: do_irq", kernel("none"), "--at", "do_irqs");
        refused("'dwarf' is none of", kernel("none"), "--at", "main", "--kind", "dwarf");
        refused("hits are counted from 1", kernel("none"), "--at", "main#0");
        refused("vectors go to 255", kernel("none"), "--on-fault", "256");
        refused("'x' is no vector", kernel("none"), "--on-fault", "x");
        refused("is not an address", kernel("none"), "--at", "0x11112222333344445555");
        Path text = Files.writeString(folder.resolve("letter.txt"), "Dear kernel,\n");
        refused("not a System.map", kernel("none"), "--at", "main", "--symbols", text.toString());
        refused(
                "absent.map",
                kernel("none"),
                "--at",
                "main",
                "--symbols",
                folder.resolve("absent.map").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"translator", "interpreter"})
    void aPlaceThatIsNeverReachedEndsWithStatus4(String engine) {
        Result r = unwind(kernel("none"), "--at", "fatal", "--engine", engine);
        assertEquals(ExitStatus.LIMIT, r.status, r.err);
        assertTrue(
                r.err.contains("was not reached: the guest powered off")
                        && r.err.contains("; fatal: reached 0 of 1 times"),
                r.err);
    }

    @ParameterizedTest
    @CsvSource({"marker,marker", "encoded,encoded", "table,table"})
    void anInterruptsChainIsTheOneTheProcessorMade(String variant, String kind) throws IOException {
        Result r = unwind(kernel(variant), "--at", "do_irq+4#3", "--kind", kind + ",shadow", "--json");
        assertEquals(0, r.status, r.err);
        List<?> traces = (List<?>) JSON.std.mapFrom(r.out).get("traces");
        assertEquals(2, traces.size());
        List<Object> one = column((Map<?, ?>) traces.get(0), "address");
        assertEquals(one, column((Map<?, ?>) traces.get(1), "address"));
        assertEquals("do_irq", column((Map<?, ?>) traces.get(0), "function").getFirst());
        assertTrue(one.size() >= 3, r.out);
        assertTrue(traces.stream().allMatch(t -> (Boolean) ((Map<?, ?>) t).get("reliable")), r.out);
    }

    private static List<Object> column(Map<?, ?> trace, String name) {
        List<Object> l = new ArrayList<>();
        for (Object f : (List<?>) trace.get("frames")) l.add(((Map<?, ?>) f).get(name));
        return l;
    }

    @Test
    void printsAnOops() {
        Result r = unwind(kernel("table"), "--at", "do_page_fault+4");
        assertEquals(0, r.status, r.err);
        assertTrue(r.out.startsWith("Stopped at do_page_fault+0x4"), r.out);
        assertTrue(r.out.contains("Call Trace (table):\n <TASK>\n exc_page_fault+0x"), r.out);
        assertTrue(r.out.contains("ORIG_RAX: "), r.out);
        assertTrue(r.out.contains("\n </TASK>\n"), r.out);
        assertTrue(r.out.stripTrailing().endsWith("reliable"), r.out);
    }

    @Test
    void stopsAtAFaultBeforeItIsDelivered() {
        Result r = unwind(kernel("table"), "--on-fault", "14");
        assertEquals(0, r.status, r.err);
        assertTrue(r.out.startsWith("Stopped at exception 14, error code 6, CR2 8000204000"), r.out);
        assertTrue(r.out.contains("RIP: 002b:0x80"), r.out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"translator", "interpreter"})
    void anyStopCanBeReportedAsACrash(String engine) {
        Result r = unwind(kernel("table"), "--on-fault", "14#2", "--at", "do_irq#3", "--report", "--engine", engine);
        assertEquals(0, r.status, r.err);
        assertTrue(r.out.contains("Stopped at do_irq"), r.out);
        assertTrue(r.out.contains("First fault: #PF, error code "), r.out);
        assertTrue(r.out.contains("Call trace here (table): reliable"), r.out);
        assertTrue(r.out.contains("Last events (instructions retired before each):"), r.out);
        // the way back is a command
        String back = r.out.lines()
                .filter(l -> l.startsWith("Back to just before it: ringside unwind "))
                .findFirst()
                .orElseThrow();
        String[] words = back.substring(back.indexOf("ringside unwind ") + 16).split(" ");
        Result again = unwind(words);
        assertEquals(0, again.status, again.err);
        assertTrue(again.out.startsWith("Stopped at instruction "), again.out);
        assertTrue(words[words.length - 2].matches("\\d+"), back);
        refused("--report does not go with", kernel("table"), "--at", "do_irq", "--report", "--json");
    }

    @Test
    void aPlaceThatACrashKeptFromBeingReachedGetsItsReport() throws IOException {
        Path code = folder.resolve("code.bin");
        Files.write(code, java.util.HexFormat.of().parseHex("900f0b"));
        Result r = unwind(code.toString(), "--raw", "0x10000:long", "--at", "0x20000");
        assertEquals(ExitStatus.LIMIT, r.status, r.err);
        assertTrue(r.err.contains("was not reached: triple fault"), r.err);
        assertTrue(r.err.contains("it began with #UD at 0x10001"), r.err);
    }

    /** A page fault without a descriptor table: #GP in its delivery makes #DF, and #GP in that the triple fault. */
    @Test
    void stopsAtAFaultInTheDeliveryOfAnother() throws IOException {
        Path code = folder.resolve("code.bin");
        // lidt of nothing; a page fault; in 64-bit mode of --raw 4 GiB are mapped
        byte[] bytes =
                java.util.HexFormat.of().parseHex("0f011d09000000" + "48a10000000008000000" + "00000000000000000000");
        bytes[3] = 10;
        Files.write(code, bytes);
        for (String engine : new String[] {"interpreter", "translator"}) {
            Result r = unwind(
                    code.toString(),
                    "--raw",
                    "0x10000:long",
                    "--on-fault",
                    "13#2",
                    "--engine",
                    engine,
                    "--kind",
                    "shadow");
            assertEquals(0, r.status, r.err);
            assertTrue(r.out.contains("exception 13, error code 43, while exception 8 was delivered"), r.out);
            assertTrue(r.out.contains("RIP: 0008:0x10007"), r.out);
            r = unwind(code.toString(), "--raw", "0x10000:long", "--on-fault", "--engine", engine, "--kind", "shadow");
            assertEquals(0, r.status, r.err);
            assertTrue(r.out.startsWith("Stopped at exception 14, error code 0, CR2 800000000"), r.out);
        }
        Result last = run("run", code.toString(), "--raw", "0x10000:long", "-q");
        assertEquals(ExitStatus.TRIPLE_FAULT, last.status, last.err);
        assertTrue(last.err.contains("#GP while delivering #DF"), last.err);
    }

    /** rbp frames of one function that called itself until the stack was full. */
    @Test
    void anEndlessRecursionIsShownOnce() throws IOException {
        Path code = folder.resolve("code.bin");
        Files.write(code, java.util.HexFormat.of().parseHex("e8fbffffff")); // call itself
        Result r = unwind(code.toString(), "--raw", "0x10000:long", "--at-instruction", "900", "--kind", "shadow");
        assertEquals(0, r.status, r.err);
        assertTrue(r.out.contains(" ... the same 899 more times"), r.out);
        assertTrue(r.out.lines().count() < 40, r.out);
    }

    @Test
    void aDumpOfWhatIsNowhereToBeHadIsAnError() {
        Result known = unwind(kernel("table"), "--at", "do_irq", "--dump", "memory@do_irq:16");
        assertEquals(ExitStatus.OK, known.status(), known.err());
        Result r = unwind(kernel("table"), "--at", "do_irq", "--dump", "memory@no_such_symbol");
        assertEquals(ExitStatus.UNUSABLE, r.status(), r.out());
        assertTrue(r.err().contains("--dump memory@no_such_symbol: its address was known at no stop"), r.err());
    }

    @Test
    void aKernelThatCanHaveNoSymbolsIsRefusedWhereTheyAreNeeded() {
        refused("the kernel has no symbols (stripped)", "../testdata/demo/demo.elf", "--at", "main");
        Result r = run("audit", "../testdata/demo/demo.elf", "--every", "100");
        assertEquals(ExitStatus.UNUSABLE, r.status);
        assertTrue(r.err.contains("the kernel has no symbols (stripped)"), r.err);
    }

    /** The trace is the part of the output that a live guest and its core must have in common, registers included. */
    @Test
    void unwindsTheCoreThatItWroteAsTheLiveGuest() throws IOException {
        Path core = folder.resolve("guest.core");
        Result written = run("core", kernel("marker"), "--at", "do_irq#3", "-o", core.toString());
        assertEquals(0, written.status, written.err);
        Result live = unwind(kernel("marker"), "--at", "do_irq#3", "--kind", "marker");
        Result dead = unwind("--core", core.toString(), "--vmlinux", kernel("marker"), "--kind", "marker");
        assertEquals(0, dead.status, dead.err);
        assertEquals(live.out.lines().skip(1).toList(), dead.out.lines().skip(1).toList());
        try (var files = Files.list(folder)) {
            assertEquals(List.of(core), files.toList(), "nothing is left over");
        }
        refused("no meaning with --core", "--core", core.toString(), "--memory", "64M");
        refused("no information", "--core", core.toString(), "--kind", "shadow");
        refused("has 1 CPU", "--core", core.toString(), "--on-cpu", "1");
        refused("no such file", "--core", folder.resolve("none").toString());
    }
}
