package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs and recordings in processes of their own that the real gdb looks at; left out where gdb is not installed. */
class WatchedRunTest {
    private static final Path KERNEL =
            Path.of("..", "testdata", "entrykernel", "entry-table.elf").toAbsolutePath();
    private static final int BOUND = 120;

    @TempDir
    Path folder;

    private static void gdbIsThere() {
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(d -> Files.isExecutable(Path.of(d, "gdb"))),
                "gdb is not installed");
    }

    /** @return what gdb says when it watches {@code ringside ARGUMENTS --gdb …} */
    private String gdb(List<String> arguments, String... commands) throws Exception {
        gdbIsThere();
        Path socket = folder.resolve("gdb");
        Files.deleteIfExists(socket);
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--gdb", "unix:" + socket));
        try (Child c = Child.ringside(folder, all.toArray(String[]::new))) {
            c.await("the guest waits", () -> c.err().contains("waits for gdb"));
            Path script = Files.writeString(
                    folder.resolve("script"),
                    "set pagination off\nset confirm off\ntarget remote " + socket + "\n" + String.join("\n", commands)
                            + "\nkill\n");
            Path out = folder.resolve("out");
            Process p = new ProcessBuilder("gdb", "-nx", "-batch", KERNEL.toString(), "-x", script.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            if (!p.waitFor(BOUND, TimeUnit.SECONDS)) p.destroyForcibly();
            return Files.readString(out, StandardCharsets.ISO_8859_1);
        }
    }

    /** @return a recording of the whole run */
    private Path recorded() throws Exception {
        Path recording = folder.resolve("kernel.rec");
        try (Child c =
                Child.ringside(folder, "run", KERNEL.toString(), "-q", "-m", "16M", "--record", recording.toString())) {
            assertEquals(0, c.end(), c.err());
        }
        return recording;
    }

    private static List<String> positions(String said) {
        return Pattern.compile("([\\d,]+) instructions,")
                .matcher(said)
                .results()
                .map(r -> r.group(1))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void aRecordingStopsGdbWhereTheRunDid(String engine) throws Exception {
        Path recording = recorded();
        String[] look = {"continue", "monitor position"};
        List<String> watched =
                new ArrayList<>(List.of("break make_task", "continue", "delete", "watch *(long*)&live_tasks"));
        for (int i = 0; i < 4; i++) watched.addAll(List.of(look));
        List<String> run = List.of("run", KERNEL.toString(), "-q", "-m", "16M", "--wait", "--engine", engine);
        List<String> replay = List.of("replay", recording.toString(), "--engine", engine);
        String live = gdb(run, watched.toArray(String[]::new));
        List<String> expected = positions(live);
        assertEquals(4, expected.size(), live);
        String recorded = gdb(replay, watched.toArray(String[]::new));
        assertEquals(expected, positions(recorded), recorded);
        assertFalse(recorded.contains("not compatible"), recorded);
        // without the target's help gdb steps and compares
        watched.addFirst("set can-use-hw-watchpoints 0");
        String stepped = gdb(replay, watched.toArray(String[]::new));
        assertTrue(stepped.contains("\nWatchpoint "), stepped);
        assertEquals(expected, positions(stepped), stepped);
    }

    /** The recording begins at instruction 0 alone, so that all of the past lies before what gdb was shown. */
    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void gdbGoesBackToBeforeTheMomentThatReplayWentTo(String engine) throws Exception {
        Path recording = recorded();
        List<String> forwards = new ArrayList<>(List.of("watch *(long*)&live_tasks"));
        for (int i = 0; i < 5; i++) forwards.addAll(List.of("continue", "monitor position"));
        List<String> run = List.of("run", KERNEL.toString(), "-q", "-m", "16M", "--wait", "--engine", engine);
        List<String> written = positions(gdb(run, forwards.toArray(String[]::new)));
        assertEquals(5, written.size());
        List<String> backwards = new ArrayList<>(List.of("watch *(long*)&live_tasks"));
        for (int i = 0; i < 5; i++) backwards.addAll(List.of("reverse-continue", "monitor position"));
        backwards.addAll(List.of("reverse-continue", "monitor position"));
        String said = gdb(
                List.of("replay", recording.toString(), "--to", "3170", "--engine", engine),
                backwards.toArray(String[]::new));
        // a write is undone: one instruction before where it stopped on the way forwards
        List<String> expected = new ArrayList<>();
        for (String p : written.reversed()) expected.add(String.format("%,d", Long.parseLong(p.replace(",", "")) - 1));
        expected.add("0");
        assertEquals(expected, positions(said), said);
    }

    @Test
    void aLogIsTheSameWithAndWithoutGdb() throws Exception {
        Path alone = folder.resolve("alone.log");
        Path watched = folder.resolve("watched.log");
        List<String> run = List.of("run", KERNEL.toString(), "-q", "-m", "16M", "--log", "exception,int");
        List<String> plain = new ArrayList<>(run);
        plain.addAll(List.of("--log-file", alone.toString()));
        try (Child c = Child.ringside(folder, plain.toArray(String[]::new))) {
            assertEquals(0, c.end(), c.err());
        }
        List<String> steered = new ArrayList<>(run);
        steered.addAll(List.of("--wait", "--log-file", watched.toString()));
        String said = gdb(
                steered,
                "break do_fixed_trap",
                "continue",
                "continue",
                "stepi",
                "reverse-stepi",
                "reverse-continue",
                "continue",
                "delete",
                "continue");
        assertTrue(said.contains("Breakpoint 1"), said);
        List<String> whole = Files.readAllLines(alone);
        assertTrue(whole.size() > 100, whole.size() + " lines");
        // what lies between the two breakpoints was run again in the open, and is logged again
        List<String> lines = new ArrayList<>(Files.readAllLines(watched));
        assertTrue(lines.size() >= whole.size(), lines.size() + " / " + whole.size());
        assertEquals(whole, lines.stream().distinct().toList());
        assertTrue(lines.size() < whole.size() + 20, "a search of the past is not logged: " + lines.size());
    }

    @Test
    void figuresOfARunFromASnapshotAreThoseOfThisRun() throws Exception {
        Path saved = folder.resolve("saved");
        try (Child c = Child.ringside(
                folder, "snapshot", "save", KERNEL.toString(), "-m", "16M", "--at", "50k", "-o", saved.toString())) {
            assertEquals(0, c.end(), c.err());
        }
        try (Child c = Child.ringside(folder, "run", "--from", saved.toString(), "-q", "--stats")) {
            assertEquals(0, c.end(), c.err());
            String[] n = new String[2];
            for (String line : c.err().lines().toList()) {
                if (line.startsWith("guest instructions  ")) n[0] = line.replaceAll("\\D", "");
                if (line.startsWith("of these in this run")) n[1] = line.replaceAll("\\D", "");
            }
            assertEquals(50_000, Long.parseLong(n[0]) - Long.parseLong(n[1]), c.err());
        }
    }
}
