package ringside.workbench.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import ringside.boot.BootOptions;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.shadow.ShadowEntry.Kind;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.run.Guest;
import ringside.workbench.run.KnownKernel;

/**
 * The profile of the demo kernel: its sums are the run's, both engines give the same, and it has what the kernel does
 * on purpose.
 */
class ProfileTest {
    private static final Path DEMO = Path.of("../testdata/demo/demo.elf");
    private static final Guest GUEST = new Guest(DEMO, BootOptions.NONE.withAppend("skip=9"), MachineConfig.standard());

    private static Profile profile(Machine.EngineFactory engine) throws Exception {
        try (Machine m = GUEST.load(engine)) {
            Outcome[] outcome = new Outcome[1];
            Profile p = Profile.of(m, KnownKernel.read(DEMO, null), Long.MAX_VALUE, 1000, outcome);
            assertEquals(Outcome.Reason.POWER_OFF, outcome[0].reason());
            assertEquals(m.cpu().instructions(), p.retired(), "every retired instruction is counted");
            return p;
        }
    }

    @Test
    void everyInstructionIsInOneFunctionAndInOneEntryOrOutside() throws Exception {
        Profile p = profile(Machine::interpreter);
        assertEquals(
                p.retired(),
                p.functions().stream().mapToLong(Profile.Function::instructions).sum());
        assertEquals(
                p.retired(),
                p.user()
                        + p.kernel()
                        + p.entries().stream()
                                .mapToLong(e -> e.statistics().own())
                                .sum());
        long sampled = p.collapsed()
                .lines()
                .mapToLong(l -> Long.parseLong(l.substring(l.lastIndexOf(' ') + 1)))
                .sum();
        assertTrue(Math.abs(p.retired() - sampled) <= 1000, "stacks weigh what was retired: " + sampled);
    }

    @Test
    void bothEnginesGiveTheSameProfile() throws Exception {
        Profile a = profile(Machine::interpreter);
        Profile b = profile(Translator.factory(TranslatorOptions.after(20).withBackground(false)));
        assertTrue(b.translated() > b.retired() / 2, "most of it is translated");
        assertEquals(
                a.functions().stream().filter(f -> !f.name().startsWith("[")).toList(),
                b.functions().stream().filter(f -> !f.name().startsWith("[")).toList());
        assertEquals(rows(a), rows(b));
    }

    @Test
    void entriesAloneAreTheSameEntriesWithTheSameInstructions() throws Exception {
        for (Machine.EngineFactory engine : List.<Machine.EngineFactory>of(
                Machine::interpreter,
                Translator.factory(TranslatorOptions.after(20).withBackground(false)))) {
            Profile whole = profile(engine);
            try (Machine m = GUEST.load(engine)) {
                Profile.Settings entries =
                        new Profile.Settings(0, true, Programs.none(), ringside.workbench.run.SourceFile.NONE);
                Profile p =
                        Profile.of(m, KnownKernel.read(DEMO, null), m::run, Long.MAX_VALUE, entries, new Outcome[1]);
                assertEquals(rows(whole), rows(p));
                assertEquals(whole.retired(), p.retired());
                assertEquals(whole.user(), p.user());
                assertEquals(0, p.functions().size());
            }
        }
    }

    private static List<String> rows(Profile p) {
        return p.entries().stream()
                .map(e -> e.name() + " " + e.key() + " " + e.statistics().entries() + " "
                        + e.statistics().own() + " " + e.statistics().total().getMaxValue())
                .sorted()
                .toList();
    }

    @Test
    void everyInstructionOfAnEntryIsInOnePart() throws Exception {
        for (Profile.Entry e : profile(Machine::interpreter).entries()) {
            long sum = 0;
            for (Part p : Part.values()) sum += e.statistics().own(p);
            assertEquals(e.statistics().own(), sum, e.name());
        }
    }

    @Test
    void theTimeLinesBinsHoldEveryInstruction() throws Exception {
        Profile p = profile(Machine::interpreter);
        long sum = 0;
        for (long[] bin : p.recorder().line().bins()) for (long n : bin) sum += n;
        assertEquals(p.retired(), sum);
    }

    @Test
    void exportsHoldTheSameStacks() throws Exception {
        Profile p = profile(Machine::interpreter);
        long sampled = p.collapsed()
                .lines()
                .mapToLong(l -> Long.parseLong(l.substring(l.lastIndexOf(' ') + 1)))
                .sum();
        String scope = com.fasterxml.jackson.jr.ob.JSON.std.asString(Exports.speedscope(p, "demo"));
        assertTrue(scope.contains("\"endValue\":" + sampled), scope.substring(0, 200));
        String fire = com.fasterxml.jackson.jr.ob.JSON.std.asString(Exports.firefox(p, "demo"));
        assertTrue(fire.contains("\"stringTable\":[\"["), fire.substring(0, 200));
        String line = com.fasterxml.jackson.jr.ob.JSON.std.asString(Exports.timeLine(p));
        assertTrue(line.contains("\"name\":\"#PF\""), "page faults in the time line");
        try (var in = new java.util.zip.GZIPInputStream(new java.io.ByteArrayInputStream(Exports.pprof(p, 1000)))) {
            byte[] b = in.readAllBytes();
            assertTrue(new String(b, java.nio.charset.StandardCharsets.ISO_8859_1).contains("instructions"));
        }
    }

    @Test
    void theDemosTimerAndPageFaultsAreThere() throws Exception {
        Profile p = profile(Machine::interpreter);
        assertTrue(
                p.entries().stream()
                        .anyMatch(e -> e.key().kind() == Kind.INTERRUPT
                                && e.statistics().entries() >= 10),
                "timer interrupts");
        assertTrue(
                p.entries().stream()
                        .anyMatch(e -> e.key().vector() == 14 && e.name().startsWith("#PF")),
                "page faults");
        assertTrue(
                p.entries().stream()
                        .anyMatch(e -> e.key().kind() == Kind.SYSCALL
                                && e.statistics().total().getTotalCount() > 0),
                "system calls that returned");
        assertTrue(p.flameGraph("demo").contains("<html"), "a page");
        assertTrue(p.interruptsOff().total() > 0, "stretches with interrupts off");
    }
}
