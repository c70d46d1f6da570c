package ringside.workbench.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.boot.BootOptions;
import ringside.boot.Loader;
import ringside.cpu.CpuModel;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.snapshot.StateHash;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/** A state in a file is the state, all of it, or is refused. */
class SnapshotFileTest {
    private static final Path DEMO = Path.of("../testdata/demo/demo.elf");
    private static final long RAM = 16 << 20;

    @TempDir
    Path folder;

    static Machine.EngineFactory engine(String name) {
        return name.equals("interpreter")
                ? Machine::interpreter
                : Translator.factory(TranslatorOptions.standard().withTranslateAfter(20));
    }

    static Machine demo(String engine) throws Exception {
        Machine m = new Machine(new MachineConfig(RAM, CpuModel.standard(), java.util.Set.of(), false), engine(engine));
        Loader.load(m, DEMO, BootOptions.NONE.withAppend("skip=9"));
        return m;
    }

    private static Machine small() {
        return new Machine(
                new MachineConfig(2 << 20, CpuModel.parse("v2"), java.util.Set.of(), false), Machine::interpreter);
    }

    @ParameterizedTest
    @CsvSource({"interpreter,interpreter", "translator,translator", "interpreter,translator", "translator,interpreter"})
    void aGuestGoesOnFromAFileAsIfItHadNeverStopped(String before, String after) throws Exception {
        String end;
        long instructions;
        try (Machine whole = demo(before)) {
            whole.run(Long.MAX_VALUE);
            end = StateHash.of(whole);
            instructions = whole.cpu().instructions();
        }
        Path file = folder.resolve("half");
        try (Machine half = demo(before)) {
            half.run(instructions / 2);
            SnapshotFile.save(file, half, Map.of(), null).close();
        }
        try (SnapshotFile s = SnapshotFile.open(file);
                Machine m = s.machine(engine(after))) {
            assertEquals(instructions / 2, m.cpu().instructions());
            assertEquals(Outcome.Reason.POWER_OFF, m.run(Long.MAX_VALUE).reason());
            assertEquals(instructions, m.cpu().instructions());
            assertEquals(end, StateHash.of(m));
        }
    }

    @ParameterizedTest
    @CsvSource({"interpreter,translator", "translator,interpreter"})
    void savingAtHundredsOfRandomPointsChangesNothing(String never, String restored) throws Exception {
        try (Machine a = demo(never);
                Machine b = demo(restored)) {
            a.run(Long.MAX_VALUE);
            long length = a.cpu().instructions();
            try (Machine again = demo(never)) {
                ContinuityCheck.Result r = ContinuityCheck.run(again, b, length / 300, Long.MAX_VALUE, 17);
                assertEquals(List.of(), r.differences(), "from instruction " + r.at());
                assertTrue(r.points() > 200, r.points() + " points");
                assertEquals(StateHash.of(a), StateHash.of(again));
            }
        }
    }

    @Test
    void whatTheGuestWasLoadedWithIsKept() throws Exception {
        try (Machine a = small()) {
            a.board().fwCfg().set(0x15, new byte[] {7, 8});
            a.board().fwCfg().set(0x7000, new byte[5000]);
            SnapshotFile.save(folder.resolve("s"), a, Map.of("kernel", "k"), null)
                    .close();
        }
        try (SnapshotFile s = SnapshotFile.open(folder.resolve("s"));
                Machine m = s.machine(Machine::interpreter)) {
            m.ports().out(0x510, 2, 0x15);
            assertEquals(7, m.ports().in(0x511, 1));
            assertEquals(8, m.ports().in(0x511, 1));
            assertEquals("k", s.about().labels().get("kernel"));
            assertEquals(CpuModel.parse("v2").text(), s.about().config().model().text());
        }
    }

    @Test
    void everyChangedByteIsNoticed() throws Exception {
        Path file = folder.resolve("s");
        try (Machine a = small()) {
            SnapshotFile.save(file, a, Map.of(), null).close();
        }
        byte[] good = Files.readAllBytes(file);
        Path bad = folder.resolve("bad");
        Machine any = small();
        for (int i = 0; i < good.length; i++) {
            byte[] b = good.clone();
            b[i] ^= (byte) (1 << i % 8);
            Files.write(bad, b);
            int at = i;
            assertThrows(
                    DamagedException.class,
                    () -> {
                        try (SnapshotFile s = SnapshotFile.open(bad)) {
                            s.image().restore(any);
                        }
                    },
                    () -> "byte " + at + " of " + good.length);
        }
        any.close();
    }

    private static void use(Path file) throws IOException {
        try (SnapshotFile s = SnapshotFile.open(file)) {
            Machine m = s.machine(Machine::interpreter);
            try {
                m.memory().arriveAll();
            } catch (java.io.UncheckedIOException e) {
                throw e.getCause();
            } finally {
                m.close();
            }
        }
    }

    @Test
    void aFileThatIsCutOffAnywhereIsRefused() throws Exception {
        Path file = folder.resolve("s");
        try (Machine a = small()) {
            SnapshotFile.save(file, a, Map.of(), null).close();
        }
        byte[] good = Files.readAllBytes(file);
        for (int n = 0; n < good.length; n += 1 + n / 40) {
            Files.write(folder.resolve("cut"), Arrays.copyOf(good, n));
            assertThrows(DamagedException.class, () -> use(folder.resolve("cut")), "after " + n + " bytes");
        }
        Files.write(folder.resolve("long"), Arrays.copyOf(good, good.length + 16));
        assertThrows(DamagedException.class, () -> use(folder.resolve("long")));
    }

    @Test
    void aNewerVersionIsNamed() throws Exception {
        byte[] header = Records.header();
        java.nio.ByteBuffer.wrap(header).putInt(8, 2).putInt(12, 0);
        java.nio.ByteBuffer.wrap(header).putInt(12, Records.crc(header, 0, 12));
        Files.write(folder.resolve("new"), header);
        String said = assertThrows(DamagedException.class, () -> use(folder.resolve("new")))
                .getMessage();
        assertTrue(said.endsWith("has version 2, and this Ringside reads version 1"), said);
    }

    @Test
    void aChildHoldsOnlyWhatChanged() throws Exception {
        Path first = folder.resolve("first");
        Path second = folder.resolve("second");
        String hash;
        try (Machine m = demo("interpreter")) {
            m.run(100_000);
            byte[] noise = new byte[1 << 20];
            new java.util.Random(1).nextBytes(noise);
            m.memory().write(8 << 20, noise);
            try (SnapshotFile parent = SnapshotFile.save(first, m, Map.of(), null)) {
                m.memory().write(9 << 20, new byte[] {1, 2, 3});
                m.run(100_100);
                hash = StateHash.of(m);
                SnapshotFile.save(second, m, Map.of(), parent).close();
            }
        }
        assertTrue(Files.size(first) > 1 << 20);
        assertTrue(Files.size(second) < 64 << 10, Files.size(second) + " bytes");
        try (SnapshotFile s = SnapshotFile.open(second);
                Machine m = s.machine(Machine::interpreter)) {
            assertEquals(hash, StateHash.of(m));
        }
        Files.move(first, folder.resolve("moved"));
        String said = assertThrows(DamagedException.class, () -> use(second)).getMessage();
        assertTrue(said.contains("needs the snapshot first beside it"), said);
        try (Machine m = demo("interpreter")) {
            SnapshotFile.save(first, m, Map.of(), null).close();
        }
        assertThrows(DamagedException.class, () -> use(second), "another parent");
    }

    @Test
    void equalPagesAreStoredOnce() throws Exception {
        byte[] noise = new byte[4096];
        new java.util.Random(2).nextBytes(noise);
        try (Machine m = small()) {
            for (int p = 0; p < 200; p++) m.memory().write((1 << 20) + p * 4096L, noise);
            SnapshotFile.save(folder.resolve("s"), m, Map.of(), null).close();
        }
        assertTrue(Files.size(folder.resolve("s")) < 64 << 10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no snapshot at all", "RingSide"})
    void otherFilesAreRefused(String content) throws Exception {
        Files.writeString(folder.resolve("x"), content);
        assertThrows(DamagedException.class, () -> use(folder.resolve("x")));
    }

    /** A file does not say how many processors there are, so that the others would be lost. */
    @Test
    void aMachineWithSeveralProcessorsIsRefused() throws Exception {
        try (Machine m = Machine.builder().memory(2 << 20).processors(2).build()) {
            for (Executable save : List.<Executable>of(
                    () -> SnapshotFile.save(folder.resolve("saved"), m, Map.of(), null),
                    () -> new Recorder(folder.resolve("recorded"), m, Map.of()))) {
                assertEquals(
                        "a machine with 2 processors cannot be saved or recorded, only one with a single processor",
                        assertThrows(IllegalArgumentException.class, save).getMessage());
            }
        }
        try (var files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
    }

    /** Checksums that are right do not make sizes right. */
    @Test
    void hostileSizesAllocateNothing() throws Exception {
        byte[] about;
        try (Machine m = small()) {
            about = new About(About.Kind.SNAPSHOT, m.config(), Map.of()).bytes();
        }
        byte[] pages =
                java.nio.ByteBuffer.allocate(64).putInt(Integer.MAX_VALUE).array();
        byte[] image = java.nio.ByteBuffer.allocate(64)
                .putLong(0)
                .putInt(512)
                .putInt(40)
                .putInt(Integer.MAX_VALUE)
                .array();
        byte[] wrong = java.nio.ByteBuffer.allocate(64)
                .putLong(0)
                .putInt(Integer.MAX_VALUE)
                .putInt(40)
                .array();
        byte[] memory = about.clone();
        java.nio.ByteBuffer.wrap(memory).putLong(1, 1L << 50);
        for (byte[][] records : new byte[][][] {
            {about, pages, null},
            {about, null, image},
            {about, null, wrong},
            {memory, null, null},
            {new byte[] {0}, null, null}
        }) {
            try (var out = Files.newOutputStream(folder.resolve("h"))) {
                out.write(Records.header());
                out.write(Records.record(SnapshotFile.ABOUT, records[0]).array());
                if (records[1] != null)
                    out.write(Records.record(SnapshotFile.CHUNK, records[1]).array());
                if (records[2] != null)
                    out.write(Records.record(SnapshotFile.IMAGE, records[2]).array());
            }
            assertThrows(DamagedException.class, () -> use(folder.resolve("h")));
        }
    }

    @Test
    void nothingIsLeftOfASaveThatFails() throws Exception {
        try (Machine m = small()) {
            Path readOnly = Files.createDirectory(folder.resolve("taken"));
            Files.writeString(readOnly.resolve("x"), "");
            assertThrows(
                    IOException.class,
                    () -> SnapshotFile.save(readOnly, m, Map.of(), null),
                    "a folder that is not empty is in its place");
            try (var names = Files.list(folder)) {
                assertEquals(
                        List.of("taken"),
                        names.map(p -> p.getFileName().toString()).toList());
            }
        }
    }

    @Test
    void leftoversOfKilledWritersAreCleanedAndThoseOfLivingOnesNot() throws Exception {
        Files.writeString(folder.resolve(".ringside-1.part"), "left");
        boolean[] alive = new boolean[1];
        WholeFile.write(folder.resolve("whole"), c -> {
            assertEquals(List.of(".ringside-1.part"), WholeFile.clean(folder));
            alive[0] = true;
        });
        assertTrue(alive[0]);
        assertFalse(Files.exists(folder.resolve(".ringside-1.part")));
        assertTrue(Files.exists(folder.resolve("whole")));
    }
}
