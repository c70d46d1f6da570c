package ringside.workbench.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.Tasks;
import ringside.workbench.crash.ConsoleAlarm;
import ringside.workbench.crash.CrashReport;
import ringside.workbench.crash.FaultChain;
import ringside.workbench.log.EventLog;
import ringside.workbench.log.LogFilter;
import ringside.workbench.log.LogKind;
import ringside.workbench.log.Names;
import ringside.workbench.profile.Profile;
import ringside.workbench.profile.ProfileDocument;
import ringside.workbench.run.FakeLinux;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.SourceFile;

/** A guest whose structures lie does not hang, crash or blow up a profile, a log or a crash report. */
class HostileLinuxTest {
    private static final Duration BOUND = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private static List<Machine.EngineFactory> engines() {
        return List.of(
                Machine::interpreter,
                Translator.factory(TranslatorOptions.after(1).withBackground(false)));
    }

    /** Changes to tasks that are none, has names without an end and of any byte, and dies with wild stacks. */
    private static FakeLinux hostile() {
        byte[] noEnd = new byte[64];
        java.util.Arrays.fill(noEnd, (byte) 0x1b);
        FakeLinux l = new FakeLinux().put(FakeLinux.OTHER + FakeLinux.COMM, noEnd);
        for (long task : new long[] {
            FakeLinux.OTHER,
            FakeLinux.OTHER + 1,
            0,
            1,
            -1,
            -8,
            0xdead_beef_0000_0000L,
            0x7fff_ffff_f001L,
            0x1_0000_0fffL
        }) {
            l.switchTo(task);
            l.code("48c7c0ffffffff" + "cd80"); // a system call of number -1
        }
        // 3,000 tasks, at overlapping places: mov rbx, 3000
        l.code("48c7c3b80b0000");
        // mov rdi, TASK; lea rsi, [rbx + TASK]; mov gs:[current_task], rsi
        l.code("48bf").quad(FakeLinux.TASK).code("488db3").word(FakeLinux.TASK);
        l.code("6548893425").word(FakeLinux.CURRENT).callSwitchTo();
        l.code("48ffcb" + "75dc"); // dec rbx; jnz to the mov rdi
        l.code("48bd").quad(0x8000_0000_0000_0000L).code("48bc").quad(0xffff_ffff_ffff_fff1L);
        return l.code("0f0b");
    }

    @Test
    void aProfileHasBoundsAndItsSums() {
        assertTimeoutPreemptively(BOUND, () -> {
            for (Machine.EngineFactory engine : engines()) {
                FakeLinux l = hostile();
                try (Machine m = l.load(folder, engine)) {
                    Outcome[] outcome = new Outcome[1];
                    Profile p = Profile.of(m, l.known(folder), Long.MAX_VALUE, 100, outcome);
                    assertEquals(Outcome.Reason.TRIPLE_FAULT, outcome[0].reason());
                    assertEquals(m.cpu().instructions(), p.retired());
                    assertEquals(
                            p.retired(),
                            p.functions().stream()
                                    .mapToLong(Profile.Function::instructions)
                                    .sum());
                    assertTrue(p.tasks().stream().anyMatch(t -> t.comm().equals("?".repeat(16))), "a name of 16 bytes");
                    String json = JSON.std.asString(ProfileDocument.of(p, new LinkedHashMap<>()));
                    assertTrue(json.length() < 1_000_000, "length " + json.length());
                    assertTrue(json.chars().allMatch(c -> c >= ' ' && c < 127), "printable");
                }
            }
        });
    }

    @Test
    void aLogHasLinesThatCanBePrinted() {
        assertTimeoutPreemptively(BOUND, () -> {
            String reference = null;
            for (Machine.EngineFactory engine : engines()) {
                FakeLinux l = hostile();
                try (Machine m = l.load(folder, engine)) {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    EventLog log = new EventLog(
                            m,
                            new Names(m, l.known(folder)),
                            EnumSet.of(LogKind.EXCEPTION, LogKind.INT, LogKind.SYSCALL, LogKind.TASK),
                            LogFilter.parse(List.of()),
                            false,
                            out,
                            0);
                    // the kernel is there before its first task is looked for
                    m.run(30);
                    log.start();
                    log.look();
                    m.run(Long.MAX_VALUE);
                    log.stop();
                    String text = out.toString(StandardCharsets.ISO_8859_1);
                    assertTrue(text.contains("task"), text);
                    assertTrue(text.chars().allMatch(c -> c == '\n' || c >= ' ' && c < 127), text);
                    assertTrue(text.lines().allMatch(x -> x.length() < 400), text);
                    if (reference == null) reference = text;
                    assertEquals(reference, text);
                }
            }
        });
    }

    @Test
    void aCrashReportIsWholeWhateverTheStacksAre() {
        assertTimeoutPreemptively(BOUND, () -> {
            String reference = null;
            for (Machine.EngineFactory engine : engines()) {
                FakeLinux l = hostile();
                try (Machine m = l.load(folder, engine)) {
                    FaultChain chain = new FaultChain();
                    m.cpu().observers.add(chain);
                    Outcome o = m.run(Long.MAX_VALUE);
                    String report = CrashReport.of(
                            new CrashReport.Run(
                                    m,
                                    l.known(folder),
                                    SourceFile.NONE,
                                    chain,
                                    new ConsoleAlarm(m.cpu(), chain),
                                    "ringside run k"),
                            o);
                    assertTrue(report.startsWith("Triple fault: "), report);
                    assertTrue(report.contains("it began with #UD"), report);
                    assertTrue(report.lines().count() < 300, report);
                    assertTrue(report.chars().allMatch(c -> c == '\n' || c >= ' ' && c < 127), report);
                    if (reference == null) reference = report;
                    assertEquals(reference, report);
                }
            }
        });
    }

    @Test
    void listsOfTasksEnd() {
        long[] wild = {FakeLinux.OTHER, 0xdead_beef_0000_0000L, 1, -1, FakeLinux.OTHER + 1};
        assertTimeoutPreemptively(BOUND, () -> {
            for (long next : wild) {
                for (long threads : wild) {
                    FakeLinux l = new FakeLinux().code("f4");
                    // the list leads away from its head and turns in a circle there
                    l.put(FakeLinux.TASK + FakeLinux.TASKS, next);
                    l.put(FakeLinux.OTHER + FakeLinux.TASKS, FakeLinux.OTHER);
                    l.put(FakeLinux.OTHER + FakeLinux.SIGNAL, FakeLinux.OTHER + 0x100);
                    l.put(FakeLinux.OTHER + 0x110, threads);
                    try (Machine m = l.load(folder, Machine::interpreter)) {
                        m.run(1000);
                        KnownKernel known = l.known(folder);
                        GuestView view = new GuestView(m.cpu());
                        KernelModel model = known.modelNow(view);
                        Tasks tasks = Tasks.of(view, model);
                        assertTrue(tasks.all().size() <= 1 << 20);
                    }
                }
            }
        });
    }
}
