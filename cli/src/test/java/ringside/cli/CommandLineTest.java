package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * Wrong usage and unusable files: a clear message that names the cause, exit status 2, and never a Java stack trace.
 */
class CommandLineTest {
    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();

    private int execute(String... args) {
        CommandLine cl = Main.commandLine();
        cl.setErr(new PrintWriter(err, true));
        cl.setOut(new PrintWriter(out, true));
        return cl.execute(args);
    }

    private void refused(String cause, String... args) {
        assertEquals(ExitStatus.UNUSABLE, execute(args), err.toString());
        assertTrue(err.toString().contains(cause), err.toString());
        assertFalse(err.toString().contains("\tat "), err.toString());
        assertFalse(err.toString().contains("internal error"), err.toString());
    }

    @Test
    void aCommandCalledByItsNameIsReadWithoutTheOthers() {
        assertEquals(
                Set.of("run"),
                Main.commandLine("run", "--from", "x").getSubcommands().keySet());
        for (String first : new String[] {"rum", "help", "man", "completion", "--help"})
            assertTrue(Main.commandLine(first, "run").getSubcommands().keySet().containsAll(Set.of("run", "help")));
    }

    @Test
    void noCommandIsWrongUsage() {
        refused("a command is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "compare"})
    void aKernelThatDoesNotExistIsNamed(String command) {
        refused("absent-kernel", command, folder.resolve("absent-kernel").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "compare"})
    void aFileThatIsNoKernelIsNamed(String command) throws IOException {
        Path text = Files.writeString(folder.resolve("letter.txt"), "Dear kernel,\n".repeat(2000));
        refused("letter.txt", command, text.toString());
    }

    @Test
    void anElfFileCutInItsHeaderIsRefused() throws IOException {
        Path cut = Files.write(folder.resolve("cut"), new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0});
        refused("cut", "run", cut.toString());
    }

    @Test
    void anEmptyFileIsRefused() throws IOException {
        refused("empty", "run", Files.createFile(folder.resolve("empty")).toString());
    }

    /** A core file can be unwound; the others of the same family run a kernel. */
    @Test
    void optionsForCoreFilesAreOnlyWhereCoreFilesAre() {
        for (String command : new String[] {"core", "translate"}) {
            String help = Main.commandLine().getSubcommands().get(command).getUsageMessage();
            assertFalse(help.contains("--core="), help);
            assertFalse(help.contains("--on-cpu"), help);
        }
        refused("--core", "translate", "kernel", "--core", "file", "--at", "10");
        String file = folder.resolve("out.core").toString();
        refused("'--core'", "core", "kernel", "--core", "file", "--at", "10", "-o", file);
    }

    /** What a recorded run advises can be typed: nothing that the log does not go with, no file that is there. */
    @Test
    void theWayBackOfARecordedRunIsACommand() throws IOException {
        Path code = Files.write(folder.resolve("code.bin"), new byte[] {(byte) 0x90, 0x0f, 0x0b});
        UnwindCommandTest.Result r = UnwindCommandTest.run(
                "run",
                code.toString(),
                "--raw",
                "0x10000:long",
                "--record",
                folder.resolve("a.rec").toString(),
                "--save-at=1",
                "--save-to=" + folder);
        String start = "Back to just before it: ringside ";
        String back =
                r.err().lines().filter(l -> l.startsWith(start)).findFirst().orElseThrow(() -> new AssertionError(r));
        assertFalse(back.contains("--record") || back.contains("--save"), back);
        String[] words = back.substring(start.length()).split(" ");
        assertEquals("run", words[0], back);
        UnwindCommandTest.Result again =
                UnwindCommandTest.run(words[0], java.util.Arrays.copyOfRange(words, 1, words.length));
        assertEquals(r.status(), again.status(), again.err());
        assertTrue((again.out() + again.err()).contains("#UD"), again.toString());
    }

    @Test
    void anUnknownOptionIsNamed() {
        refused("--no-such-option", "run", "kernel", "--no-such-option");
    }

    @Test
    void fuzzingDoesNotStartWhereItCouldNotSave() {
        refused(
                "there is no folder",
                "fuzz",
                "--cases",
                "1",
                "--no-host",
                "--save",
                folder.resolve("absent/found.jsonl").toString());
    }

    @Test
    void anUnknownDeviceIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("k"));
        refused("toaster", "run", file.toString(), "--device", "toaster");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "12Q", "-5M", "many", "999999G"})
    void aMemorySizeThatIsNoneIsRefused(String size) {
        refused("--memory", "run", "kernel", "--memory=" + size);
    }

    @Test
    void aBrokenRegularExpressionIsRefused() {
        refused("regular expression", "run", "kernel", "--until", "(");
    }

    @ParameterizedTest
    @ValueSource(strings = {"somewhere", "0x1000:sideways", "-4096", ""})
    void anAddressForRawCodeThatIsNoneIsRefused(String address) {
        refused("--raw", "run", "kernel", "--raw=" + address);
    }

    @Test
    void codeWithoutAHeaderRunsAtTheAddressThatIsGiven() throws IOException {
        // mov dx, 0F4h; mov al, 5; out dx, al
        Path code = Files.write(
                folder.resolve("boot.bin"), new byte[] {(byte) 0xba, (byte) 0xf4, 0, (byte) 0xb0, 5, (byte) 0xee});
        assertEquals(11, execute("run", code.toString(), "--raw", "0x7c00:real"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "x", "99999999999999999999"})
    void aNumberOfInstructionsThatIsNoneIsRefused(String n) {
        refused("--max-instructions", "run", "kernel", "--max-instructions=" + n);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "compare", "demo", "linux"})
    void everyCommandExplainsItself(String command) {
        assertEquals(ExitStatus.OK, execute(command, "--help"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4", "v2,aes", "max,+teleport", "max,+avx512f"})
    void aProcessorThatIsNotThereIsRefusedWithTheOnesThatAre(String cpu) {
        refused("sse4_1", "run", "kernel", "--cpu", cpu);
    }

    @Test
    void aWordThatIsNoCommandGetsTheListAndTheOneThatWasMeant() {
        refused("did you mean 'run'?", "rnu");
        refused("Commands: demo, run, compare, linux", "toast");
    }

    @Test
    void helpShowsACommandAndRefusesOneThatIsNotThere() {
        assertEquals(ExitStatus.OK, execute("help", "compare"));
        assertTrue(out.toString().contains("Usage: ringside compare"), out.toString());
        refused("there is no command 'comapre'; did you mean 'compare'?", "help", "comapre");
    }

    @Test
    void helpAndManRefuseOptionsThatTheyDoNotHaveAndKnowCommandsInsideOthers() {
        refused("unknown option '--bogus'", "help", "--bogus");
        assertEquals(ExitStatus.OK, execute("help", "snapshot", "save"));
        assertEquals(ExitStatus.OK, execute("man", "snapshot", "save"));
        refused("'run' has no command 'save'", "man", "run", "save");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run|",
                "run|kernel|--initrd|",
                "run|kernel|--record|",
                "run|--from|",
                "linux|--add|",
                "linux|--script|",
                "core|kernel|--at|10|-o|",
                "unwind|kernel|--at|10|--symbols|",
                "exec|--batch|",
                "snapshot|show|"
            })
    void theEmptyNameOfAFileIsRefused(String command) {
        refused("the name of a file is empty", command.split("\\|", -1));
    }

    @Test
    void whatIsNoFolderOrIsOneOrIsNotThereIsSaid() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        refused(file + ": is no folder", "snapshot", "list", file.toString());
        refused("no such file", "snapshot", "rm", folder.resolve("absent").toString());
        refused("no such file", "run", "--from", folder.resolve("absent").toString());
        refused(folder + ": is a directory", "linux", "--script", folder.toString());
        refused("comes a path in the guest", "linux", "--add", file + ":root/x");
        Path demo = folder.resolve("absent").resolve("x");
        refused("no folder " + demo.getParent(), "replay", demo.toString());
    }

    @Test
    void printingFilesRefusesWhatAGuestWouldNeed() {
        refused("--compare: --print-files starts no guest", "linux", "--print-files", "--compare");
        refused("--from: --print-files starts no guest", "linux", "--from", "--print-files");
        refused("--print-files starts no guest", "linux", "--print-files", "--", "quiet");
    }

    @Test
    void wrongNumbersAreNotCalledByTypesOfJava() {
        refused("'abc' is not a number\n", "run", "kernel", "--timeout", "abc");
        refused("'x' is not a whole number\n", "fuzz", "--seed", "x");
        refused("'0' is not a whole number greater than 0\n", "unwind", "kernel", "--at", "10", "--frames", "0");
        refused("unknown option '-o'\n", "profile", "kernel", "-o", "x");
    }

    @Test
    void anOptionWithASlipIsNamedWithTheRightOne() {
        refused("did you mean '--memory'?", "run", "kernel", "--memroy=3");
    }

    @Test
    void aPlaceThatIsMissingIsAskedForInPlainWords() {
        refused("a place is missing: --at, ", "unwind", "kernel");
        assertFalse(err.toString().contains("Error:"), err.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "compare KERNEL --stats",
                "compare KERNEL --engine interpreter",
                "unwind KERNEL --at x --stats",
                "demo --raw 0x1000",
                "demo --initrd x"
            })
    void anOptionThatWouldDoNothingIsNoOptionThere(String command) {
        refused("unknown option", command.split(" "));
    }

    @Test
    void anOptionWithoutTheOneItBelongsToIsRefused() {
        refused("--release needs --linux", "unwind", "kernel", "--at", "x", "--release", "6.1");
        refused("--times needs --inject", "audit", "kernel", "--times", "3");
        refused("--every needs --compare", "linux", "--every", "3");
        refused("--engine: --compare runs both", "linux", "--compare", "--engine", "interpreter");
    }

    @Test
    void aStrayWordIsNoKernelArgument() {
        refused("'quite' is no option; kernel arguments stand behind '--'", "linux", "quite");
    }

    @Test
    void aGuestThatEndsBeforeTheTextWasSeenHasAStatusOfItsOwn() throws IOException {
        // mov al, 0FEh; out 64h, al: the keyboard controller's reset line
        Path code = Files.write(folder.resolve("off.bin"), new byte[] {(byte) 0xb0, (byte) 0xfe, (byte) 0xe6, 0x64});
        assertEquals(ExitStatus.OK, execute("run", code.toString(), "--raw", "0x7c00:real"));
        assertEquals(ExitStatus.NOT_SEEN, execute("run", code.toString(), "--raw", "0x7c00:real", "--until", "never"));
    }

    @Test
    void whereAKernelLiesDoesNotEnterTheGuest() throws Exception {
        Path here = DemoCommand.image();
        Path there = Files.copy(
                here, Files.createDirectories(folder.resolve("a/long/way")).resolve("k"));
        assertEquals(hash(here), hash(there));
        assertNotEquals(hash(here), hash(here, "--name", "another"));
    }

    @Test
    void statsAreOneJsonObjectIfAskedForWithAnEqualsSign() throws Exception {
        Path kernel = DemoCommand.image();
        try (Child c = Child.ringside(folder, "run", "--stats=json", kernel.toString(), "--max-instructions", "100k")) {
            assertEquals(ExitStatus.LIMIT, c.end(), c.toString());
            String last =
                    c.err().lines().filter(l -> l.startsWith("{")).findFirst().orElseThrow();
            Map<String, Object> figures = JSON.std.mapFrom(last);
            assertEquals(100_000, figures.get("instructions"));
            assertEquals("INSTRUCTION_LIMIT", figures.get("outcome"));
        }
        try (Child c = Child.ringside(
                folder, "run", "--stats=json", kernel.toString(), "--max-instructions", "20m", "--append", "scale=1")) {
            assertEquals(ExitStatus.LIMIT, c.end(), c.toString());
            Map<String, Object> figures = JSON.std.mapFrom(
                    c.err().lines().filter(l -> l.startsWith("{")).findFirst().orElseThrow());
            List<Map<String, Object>> top = (List<Map<String, Object>>) figures.get("top_regions");
            long all = ((Number) figures.get("instructions")).longValue();
            long sum = top.stream()
                    .mapToLong(r -> ((Number) r.get("instructions")).longValue())
                    .sum();
            assertTrue(sum > all / 2 && sum <= all, "the demo's loops are a few regions: " + top);
            Map<String, Number> shares = (Map<String, Number>) figures.get("time_shares");
            double whole = 0;
            for (Map.Entry<String, Number> s : shares.entrySet())
                if (!s.getKey().startsWith("translated_")) whole += s.getValue().doubleValue();
            assertEquals(1, whole, 1e-6, shares.toString());
        }
        try (Child c = Child.ringside(folder, "run", "--stats", kernel.toString(), "--max-instructions", "100k")) {
            assertEquals(ExitStatus.LIMIT, c.end(), "the kernel is no value of --stats: " + c);
        }
    }

    private String hash(Path kernel, String... more) throws Exception {
        List<String> words =
                new ArrayList<>(List.of("run", kernel.toString(), "--max-instructions", "100k", "--stats"));
        words.addAll(List.of(more));
        try (Child c = Child.ringside(folder, words.toArray(String[]::new))) {
            assertEquals(ExitStatus.LIMIT, c.end(), c.toString());
            return c.err()
                    .lines()
                    .filter(l -> l.startsWith("state hash"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completionNamesEveryCommandAndTheOptionsOfRun(String shell) throws Exception {
        try (Child c = Child.ringside(folder, "completion", shell)) {
            assertEquals(ExitStatus.OK, c.end(), c.toString());
            for (String word : new String[] {"unwind", "entry-cost", "compare"})
                assertTrue(c.out().contains(word), word);
            assertTrue(c.out().contains(shell.equals("fish") ? "-l max-instructions" : "--max-instructions"), c.out());
        }
    }

    @Test
    void aManualPageHasTheOptionsOfItsCommand() throws Exception {
        try (Child c = Child.ringside(folder, "man", "run")) {
            assertEquals(ExitStatus.OK, c.end(), c.toString());
            assertTrue(c.out().startsWith(".TH RINGSIDE\\-RUN 1") || c.out().startsWith(".TH RINGSIDE-RUN 1"), c.out());
            assertTrue(c.out().contains("\\-\\-max\\-instructions"), c.out());
        }
        refused("there is no command 'rnu'; did you mean 'run'?", "man", "rnu");
    }

    @Test
    void whatIsKeptIsShownAndCleared() throws Exception {
        Path kept = Files.createDirectories(folder.resolve("kept/ringside/snapshots"));
        Path snapshot = Files.write(kept.resolve("linux-1.snapshot"), new byte[1_500_000]);
        Path kernel = Files.write(kept.resolveSibling("linux.deb"), new byte[2_500_000]);
        Path other = Files.write(folder.resolve("kept/another-program"), new byte[10]);
        try (Child c = Child.caching(folder.resolve("kept"), folder, "cache")) {
            assertEquals(ExitStatus.OK, c.end(), c.toString());
            assertTrue(c.out().contains("snapshots      1 file        1.5 MB  " + kept), c.out());
            assertTrue(c.out().contains("packages       1 file        2.5 MB  " + kept.getParent()), c.out());
        }
        try (Child c = Child.caching(folder.resolve("kept"), folder, "cache", "clear", "snapshots")) {
            assertEquals(ExitStatus.OK, c.end(), c.toString());
            assertTrue(c.err().contains("snapshots: removed 1 file, 1.5 MB"), c.err());
        }
        assertFalse(Files.exists(snapshot));
        assertTrue(Files.exists(kernel));
        try (Child c = Child.caching(folder.resolve("kept"), folder, "cache", "clear", "packages", "jvm")) {
            assertEquals(ExitStatus.OK, c.end(), c.toString());
        }
        assertFalse(Files.exists(kernel));
        assertTrue(Files.exists(other));
        refused("Missing required parameter: 'KIND'", "cache", "clear");
        refused("expected one of [jvm, snapshots, packages]", "cache", "clear", "all");
    }

    @Test
    void doctorSaysWhatThisMachineHas() throws Exception {
        try (Child c = Child.ringside(folder, "doctor")) {
            assertTrue(c.end() <= 1, c.toString());
            assertTrue(c.out().contains("ok       Java"), c.out());
            assertTrue(c.out().contains("cache folder"), c.out());
        }
    }
}
