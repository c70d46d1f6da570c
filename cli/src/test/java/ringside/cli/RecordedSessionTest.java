package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import ringside.workbench.snapshot.Recording;
import ringside.workbench.snapshot.SnapshotFile;

/**
 * Sessions in processes of their own: what was typed into one is replayed bit for bit in another; one that is killed at
 * any moment, or whose disk is full, loses nothing that was complete. The property {@code ringside.kills} says how
 * often writers are killed (200 for the whole proof).
 */
class RecordedSessionTest {
    private static final int KILLS = Integer.getInteger("ringside.kills", 6);
    /** What the guest did longer before the kill than this must be in the file. */
    private static final long PROMISED_NANOS = 1_000_000_000L;

    /** Long mode: polls COM1, sends each byte back, halts for good at 'q'. */
    static final byte[] ECHO = {
        0x66,
        (byte) 0xba,
        (byte) 0xfd,
        0x03,
        (byte) 0xec,
        (byte) 0xa8,
        0x01,
        0x74,
        (byte) 0xf7,
        0x66,
        (byte) 0xba,
        (byte) 0xf8,
        0x03,
        (byte) 0xec,
        0x3c,
        'q',
        0x74,
        0x03,
        (byte) 0xee,
        (byte) 0xeb,
        (byte) 0xeb,
        (byte) 0xfa,
        (byte) 0xf4
    };

    @TempDir
    Path folder;

    private Path echo, recording;

    @BeforeEach
    void guest() throws IOException {
        echo = Files.write(folder.resolve("echo"), ECHO);
        recording = folder.resolve("session.rec");
    }

    private Child record(String... more) throws IOException {
        List<String> a = new ArrayList<>(
                List.of("run", echo.toString(), "--raw", "0x10000:long", "-m", "4M", "--record", recording.toString()));
        a.addAll(List.of(more));
        return Child.ringside(folder, a.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void whatWasTypedIsReplayedBitForBitInAnotherJvm(String engine) throws Exception {
        String text = "ls -l\rsleep 100\r\3echo A\r\4";
        String out;
        try (Child c = record("--engine", engine)) {
            for (int i = 0; i < text.length(); i++) {
                c.type(text.substring(i, i + 1));
                Thread.sleep(i % 5 * 7);
            }
            c.await("the echo", () -> c.out().length() >= text.length());
            c.type("q");
            c.end();
            out = c.out();
        }
        assertEquals(text, out);
        String[] said = new String[2];
        for (String other : List.of("interpreter", "translator")) {
            try (Child r = Child.ringside(folder, "replay", recording.toString(), "--engine", other)) {
                assertEquals(0, r.end(), r.err());
                assertEquals(out, r.out());
                said[other.equals(engine) ? 0 : 1] = r.err();
            }
        }
        assertEquals(said[0], said[1], "count, time and state hash");
        assertTrue(said[0].contains("state hash"), said[0]);
    }

    @Test
    void aKilledRecorderLosesNothingThatItHadWritten() throws Exception {
        SplittableRandom random = new SplittableRandom(17);
        for (int k = 0; k < KILLS; k++) {
            Files.deleteIfExists(recording);
            String out;
            TreeMap<Long, Integer> echoed = new TreeMap<>();
            int promised;
            try (Child c = record("-q")) {
                c.type("hello");
                c.await("the echo", () -> c.out().startsWith("hello"));
                echoed.put(System.nanoTime(), c.out().length());
                Thread.sleep(PROMISED_NANOS / 1_000_000);
                for (int i = random.nextInt(40); i > 0; i--) {
                    c.type("x");
                    Thread.sleep(random.nextInt(30));
                    echoed.put(System.nanoTime(), c.out().length());
                }
                promised = echoed.floorEntry(System.nanoTime() - PROMISED_NANOS).getValue();
                c.signal("KILL");
                c.end();
                out = c.out();
            }
            StringBuilder typed = new StringBuilder();
            try (Recording r = Recording.open(recording)) {
                assertEquals(null, r.end());
                r.input().forEach(p -> typed.append((char) p.value()));
                assertTrue(typed.toString().startsWith(out), "kill " + k + ": " + typed + " / " + out);
            }
            try (Child r = Child.ringside(folder, "replay", recording.toString())) {
                assertEquals(0, r.end(), r.err());
                assertTrue(r.err().contains("what recorded it did not end by itself"), r.err());
                // what the guest did last may be lost, and so what it said
                assertTrue(typed.toString().startsWith(r.out()), typed + " / " + r.out());
                assertTrue(r.out().startsWith(out.substring(0, promised)), "kill " + k + ": " + out + " / " + r.out());
            }
        }
    }

    @Test
    void aKilledSaverLeavesWholeSnapshotsAndIsCleanedUpAfter() throws Exception {
        SplittableRandom random = new SplittableRandom(18);
        Path states = Files.createDirectory(folder.resolve("states"));
        int left = 0;
        for (int k = 0; k < KILLS; k++) {
            try (Child c = Child.ringside(
                    folder,
                    "run",
                    echo.toString(),
                    "--raw",
                    "0x10000:long",
                    "-m",
                    "4M",
                    "-q",
                    "--save-at",
                    "0x10000#*",
                    "--save-to",
                    states.toString())) {
                c.await("a snapshot", () -> c.err().contains("saved "));
                Thread.sleep(random.nextInt(300));
                c.signal("KILL");
                c.end();
                for (String line :
                        c.err().lines().filter(l -> l.contains(": saved ")).toList()) {
                    Path saved = Path.of(line.replaceFirst(".*: saved ", "").replaceFirst(": instruction .*", ""));
                    assertTrue(Files.exists(saved), "kill " + k + ": " + line);
                }
            }
            try (DirectoryStream<Path> all = Files.newDirectoryStream(states)) {
                for (Path p : all) {
                    if (p.getFileName().toString().endsWith(".part")) left++;
                    else SnapshotFile.open(p).close();
                }
            }
            try (Child list = Child.ringside(folder, "snapshot", "list", states.toString())) {
                assertEquals(0, list.end(), list.err());
                assertFalse(list.out().contains("damaged"), list.out());
            }
            try (DirectoryStream<Path> all = Files.newDirectoryStream(states)) {
                for (Path p : all) {
                    assertFalse(p.getFileName().toString().endsWith(".part"), p + " was not removed");
                    Files.delete(p);
                }
            }
        }
        System.out.println("writers killed: " + KILLS + ", unfinished files found: " + left);
    }

    /** A file that may not grow stands for a disk that is full. */
    @Test
    void aFullDiskEndsTheRunWithItsReasonAndKeepsWhatWasWritten() throws Exception {
        try (Child c = Child.limited(
                folder,
                40,
                "run",
                echo.toString(),
                "--raw",
                "0x10000:long",
                "-m",
                "4M",
                "-q",
                "--record",
                recording.toString())) {
            c.type("a".repeat(2000));
            assertEquals(ExitStatus.UNUSABLE, c.end(), c.err());
            assertTrue(
                    c.err().contains("session.rec") && c.err().contains("the recording ends at instruction"), c.err());
            assertFalse(c.err().contains("internal error"), c.err());
        }
        try (Recording r = Recording.open(recording)) {
            assertTrue(r.cutOff() || r.end() == null);
        }
        try (Child c = Child.limited(
                folder,
                1,
                "snapshot",
                "save",
                echo.toString(),
                "--raw",
                "0x10000:long",
                "-m",
                "4M",
                "--at",
                "1k",
                "-o",
                folder.resolve("full.snapshot").toString())) {
            assertEquals(ExitStatus.UNUSABLE, c.end(), c.err());
            assertFalse(c.err().contains("internal error"), c.err());
        }
        assertFalse(Files.exists(folder.resolve("full.snapshot")));
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, ".ringside-*")) {
            assertFalse(parts.iterator().hasNext(), "something is left over");
        }
    }

    @Test
    void aFolderThatTakesNoFilesIsNamed() throws Exception {
        for (String[] a : new String[][] {
            {"run", echo.toString(), "--raw", "0x10000", "--save-at", "1k", "--save-to", "/proc/self"},
            {"run", echo.toString(), "--raw", "0x10000", "--record", "/proc/self/r"},
            {"snapshot", "save", echo.toString(), "--raw", "0x10000", "--at", "1k", "-o", "/proc/self/s"},
            {"run", echo.toString(), "--raw", "0x10000", "--save-at", "1k", "--save-to", "/nowhere"},
        }) {
            try (Child c = Child.ringside(folder, a)) {
                assertEquals(ExitStatus.UNUSABLE, c.end(), c + String.join(" ", a));
                assertTrue(c.err().contains("/proc/self") || c.err().contains("/nowhere"), c.err());
                assertFalse(c.err().contains("internal error") || c.err().contains("\tat "), c.err());
            }
        }
    }

    @Test
    void fourteenKindsOfDamageAreRefused() throws Exception {
        try (Child c = record("-q")) {
            c.type("hello q");
            c.end();
        }
        Path snapshot = folder.resolve("good.snapshot");
        try (Child c = Child.ringside(
                folder, "snapshot", "save", recording.toString(), "--at", "500", "-o", snapshot.toString())) {
            assertEquals(0, c.end(), c.err());
        }
        for (Path good : List.of(snapshot, recording)) {
            byte[] b = Files.readAllBytes(good);
            int n = b.length;
            List<byte[]> damaged = new ArrayList<>();
            damaged.add(java.util.Arrays.copyOf(b, 7));
            damaged.add(java.util.Arrays.copyOf(b, 15));
            damaged.add(java.util.Arrays.copyOf(b, 16));
            damaged.add(java.util.Arrays.copyOf(b, 40));
            for (int at : new int[] {0, 9, 13, 17, 21, 25, 29, 40, n / 2, n - 3}) damaged.add(flipped(b, at));
            if (good == snapshot) {
                damaged.add(java.util.Arrays.copyOf(b, n / 2));
                damaged.add(java.util.Arrays.copyOf(b, n - 1));
            }
            damaged.add(java.util.Arrays.copyOf(b, n + 20));
            int first = 32 + java.nio.ByteBuffer.wrap(b).getInt(20);
            byte[] without = new byte[n - (first - 16)];
            System.arraycopy(b, 0, without, 0, 16);
            System.arraycopy(b, first, without, 16, n - first);
            damaged.add(without);
            assertTrue(damaged.size() >= 14);
            for (int k = 0; k < damaged.size(); k++) {
                Path bad = Files.write(folder.resolve("bad"), damaged.get(k));
                String why = good.getFileName() + ", damage " + k;
                refused(why, good == snapshot ? "run" : "replay", bad.toString());
            }
        }
    }

    private static void refused(String why, String... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stderr = System.err;
        System.setErr(new PrintStream(err, true));
        int status;
        try {
            CommandLine cl = Main.commandLine();
            cl.setErr(new PrintWriter(err, true));
            status = cl.execute(arguments);
        } finally {
            System.setErr(stderr);
        }
        assertEquals(ExitStatus.UNUSABLE, status, why + ": " + err);
        assertTrue(err.toString().contains("bad"), why + ": " + err);
        assertFalse(err.toString().contains("internal error"), why + ": " + err);
    }

    private static byte[] flipped(byte[] b, int at) {
        byte[] c = b.clone();
        c[at] ^= 0x10;
        return c;
    }
}
