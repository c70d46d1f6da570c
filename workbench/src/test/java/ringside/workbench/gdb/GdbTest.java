package ringside.workbench.gdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.machine.Machine;
import ringside.snapshot.StateHash;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/** The real gdb with the entry kernel; where gdb is not installed these are left out ({@code .ci/run} installs it). */
class GdbTest {
    private static final int BOUND = 120;

    @TempDir
    Path folder;

    @BeforeAll
    static void gdbIsThere() {
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(d -> Files.isExecutable(Path.of(d, "gdb"))),
                "gdb is not installed");
    }

    private String gdb(ServedGuest guest, String... commands) throws Exception {
        Path script = folder.resolve("script");
        Files.writeString(
                script,
                "set pagination off\nset confirm off\nfile " + ServedGuest.KERNEL.toAbsolutePath() + "\ntarget remote "
                        + guest.socket + "\n" + String.join("\n", commands) + "\n");
        Path out = folder.resolve("out");
        Process p = new ProcessBuilder("gdb", "-nx", "-batch", "-x", script.toString())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        if (!p.waitFor(BOUND, TimeUnit.SECONDS)) p.destroyForcibly();
        return Files.readString(out, StandardCharsets.ISO_8859_1);
    }

    private static void inOrder(String text, String... parts) {
        int at = 0;
        for (String part : parts) {
            int found = text.indexOf(part, at);
            assertTrue(found >= 0, "'" + part + "' is not there behind the others in:\n" + text);
            at = found + part.length();
        }
    }

    private ServedGuest guest(String engine) throws Exception {
        return new ServedGuest(
                folder,
                engine.equals("interpreter") ? Machine::interpreter : Translator.factory(TranslatorOptions.after(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void breakpointsStepsAndRegistersAreWhatGdbExpects(String engine) throws Exception {
        try (ServedGuest g = guest(engine)) {
            String out = gdb(
                    g,
                    "info registers cr0 efer",
                    "break main",
                    "continue",
                    "info registers rip cr0 efer eflags",
                    "stepi",
                    "stepi",
                    "x/i $pc",
                    "info registers mxcsr",
                    "print $st0",
                    "print $ymm3.v8_int32",
                    "info threads",
                    "set $r9 = 0x123456789",
                    "print/x $r9",
                    "kill");
            inOrder(
                    out,
                    "start32",
                    "cr0            0x11                [ PE ET ]",
                    "Breakpoint 1, ",
                    "in main ()",
                    "<main>",
                    "PG",
                    "LME LMA",
                    "=> 0xffffffff80101804 <main+4>:\tcall",
                    "[ IM DM ZM OM UM PM ]",
                    "0, 0, 0, 0, 0, 0, 0, 0",
                    "Thread 1 \"CPU 0\"",
                    "0x123456789",
                    "killed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void aStepOverIretqEndsInTheInterruptedCode(String engine) throws Exception {
        try (ServedGuest g = guest(engine)) {
            // the page fault handler's own return: nothing else of the kernel ends in an iretq from there
            String out = gdb(
                    g,
                    "break exc_page_fault",
                    "continue",
                    "set $there = *(unsigned long *) ($rsp + 8)",
                    "delete",
                    "set $n = 0",
                    "while *(unsigned short *) $pc != 0xcf48\n  stepi\n  set $n = $n + 1\nend",
                    "stepi",
                    "print $pc == $there",
                    "print $n > 20",
                    "kill");
            inOrder(out, "Breakpoint 1, ", "in exc_page_fault ()", "$1 = 1", "$2 = 1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void aWatchedVariableSaysOldAndNewValueForwardsAndBackwards(String engine) throws Exception {
        try (ServedGuest g = guest(engine)) {
            String out = gdb(
                    g,
                    "break main",
                    "continue",
                    "delete",
                    "watch *(long *) &count_page_faults",
                    "continue",
                    "continue",
                    "reverse-continue",
                    "reverse-continue",
                    "reverse-continue",
                    "info registers rip",
                    "kill");
            inOrder(
                    out,
                    "Hardware watchpoint 2",
                    "Old value = 0",
                    "New value = 1",
                    "Old value = 1",
                    "New value = 2",
                    "Old value = 2",
                    "New value = 1",
                    "Old value = 1",
                    "New value = 0",
                    "No more reverse-execution history",
                    "start32");
        }
    }

    @Test
    void reverseFinishGoesBackToTheCall() throws Exception {
        try (ServedGuest g = guest("translator")) {
            String out = gdb(
                    g,
                    "break do_nmi",
                    "continue",
                    "delete",
                    "stepi",
                    "stepi",
                    "stepi",
                    "reverse-finish",
                    "x/i $pc",
                    "kill");
            inOrder(out, "Breakpoint 1, ", "in do_nmi ()", "=> 0xffffffff80", "call", "<do_nmi>");
        }
    }

    @Test
    void theMonitorAnswersInGdb() throws Exception {
        try (ServedGuest g = guest("translator")) {
            String out = gdb(
                    g,
                    "monitor help",
                    "monitor catch #PF",
                    "continue",
                    "x/i $pc",
                    "monitor log 1",
                    "monitor translate 0xffffffff80101000",
                    "monitor info mem",
                    "monitor frobnicate",
                    "maintenance packet Qqemu.PhyMemMode:1",
                    "x/4xb 0x100000",
                    "maintenance packet qqemu.sstep",
                    "kill");
            inOrder(
                    out,
                    "translate ADDRESS",
                    "these vectors stop the guest: 14",
                    "ringside: vector 14 (#PF)",
                    "<exc_page_fault>",
                    "vector 14 (#PF)",
                    "0xffffffff80101000 -> 0x101000",
                    "ffffffff80000000",
                    "no command 'frobnicate'",
                    "received: \"OK\"",
                    "0x100000",
                    "received: \"0x7\"");
        }
    }

    /**
     * Stops, steps, goes back and forth, and lets the guest run to its end: that is the end of a run that nobody looked
     * at.
     */
    @Test
    void aRunThatGdbWatchedEndsInTheSameState() throws Exception {
        String expected;
        try (Machine m = new ringside.workbench.run.Guest(
                        ServedGuest.KERNEL,
                        ringside.boot.BootOptions.NONE,
                        new ringside.machine.MachineConfig(
                                16 << 20, ringside.cpu.CpuModel.standard(), java.util.Set.of(), false))
                .load(Machine::interpreter)) {
            m.run(Long.MAX_VALUE);
            expected = StateHash.of(m);
        }
        try (ServedGuest g = guest("translator")) {
            String out = gdb(
                    g,
                    "break do_nmi",
                    "watch *(long *) &count_gp",
                    "continue",
                    "stepi 30",
                    "continue",
                    "reverse-stepi 5",
                    "continue",
                    "stepi 100",
                    "reverse-continue",
                    "delete",
                    "continue",
                    "continue");
            inOrder(out, "the run is over (power off)", "exited normally");
            assertEquals(null, g.end.get(BOUND, TimeUnit.SECONDS));
            assertEquals(expected, StateHash.of(g.machine));
        }
    }

    @Test
    void gdbMayComeBack() throws Exception {
        try (ServedGuest g = guest("translator")) {
            for (String at : List.of("do_nmi", "exc_page_fault")) {
                inOrder(gdb(g, "break " + at, "continue", "disconnect"), "Breakpoint 1, ", "in " + at);
            }
            inOrder(gdb(g, "info registers rip", "kill"), "<exc_page_fault>", "killed");
        }
    }
}
