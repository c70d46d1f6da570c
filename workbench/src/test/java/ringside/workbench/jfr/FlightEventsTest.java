package ringside.workbench.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.boot.BootOptions;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.snapshot.StateHash;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.run.Guest;
import ringside.workbench.run.KnownKernel;

class FlightEventsTest {
    private static final Path DEMO = Path.of("../testdata/demo/demo.elf");

    private static final Supplier<KnownKernel> DEMO_SYMBOLS = () -> {
        try {
            return KnownKernel.read(DEMO, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    };

    @TempDir
    Path folder;

    private static Machine demo() throws Exception {
        return new Guest(DEMO, BootOptions.NONE.withAppend("skip=9"), MachineConfig.standard())
                .load(Translator.factory(TranslatorOptions.after(20).withBackground(false)));
    }

    @Test
    void aRecordingHoldsTranslationsEntriesAndTheRunAndTheGuestDoesNotNotice() throws Exception {
        Path file = folder.resolve("demo.jfr");
        try (Machine plain = demo();
                Machine m = demo();
                Recording r = new Recording()) {
            plain.run(Long.MAX_VALUE);
            r.start();
            try (FlightEvents events = new FlightEvents(m, "demo.elf", DEMO_SYMBOLS)) {
                m.run(Long.MAX_VALUE);
            }
            r.stop();
            r.dump(file);
            assertEquals(StateHash.of(plain), StateHash.of(m));
            List<RecordedEvent> all = RecordingFile.readAllEvents(file);
            List<RecordedEvent> entries = named(all, "ringside.GuestEntry");
            // the processor's own count of deliveries
            long faults = entries.stream()
                    .filter(e -> e.getString("vector").equals("#PF"))
                    .count();
            assertTrue(m.cpu().deliveries[14] > 100, "the demo faults often");
            assertEquals(m.cpu().deliveries[14], faults);
            assertTrue(entries.stream().anyMatch(e -> e.getString("kind").equals("syscall")), "system calls");
            assertTrue(named(all, "ringside.Translation").stream().anyMatch(e -> e.getInt("instructions") > 0));
            RecordedEvent run = named(all, "ringside.Run").getFirst();
            assertEquals(m.cpu().instructions(), run.getLong("to"));
            assertEquals("demo.elf", run.getString("kernel"));
        }
    }

    /** As another profiler of the JVM would: by the names of the classes that are loaded while the guest runs. */
    @Test
    void translatedCodeIsNamedByTheGuestsFunctionOrByItsAddress() throws Exception {
        Path map = folder.resolve("System.map");
        // readelf says that the demo's code is 1430h bytes at 100000h
        Files.writeString(map, "100000 T _text\n100200 T ring.side\n101430 T _etext\n");
        KnownKernel known = KnownKernel.read(DEMO, map);
        for (boolean recorded : new boolean[] {true, false}) {
            Path file = folder.resolve("names.jfr");
            try (Recording r = new Recording();
                    Machine m = demo()) {
                r.enable("jdk.ClassLoad").withoutThreshold();
                if (recorded) r.start();
                try (FlightEvents events = new FlightEvents(m, "demo.elf", () -> known)) {
                    if (!recorded) r.start();
                    m.run(Long.MAX_VALUE);
                }
                r.stop();
                r.dump(file);
            }
            List<String> names = named(RecordingFile.readAllEvents(file), "jdk.ClassLoad").stream()
                    .map(e -> e.getClass("loadedClass").getName())
                    .filter(n -> n.startsWith("ringside.translator.cache.Guest"))
                    .map(n -> n.replaceFirst(".*Guest_?", "").replaceFirst("[./+]0x.*", ""))
                    .toList();
            String some = names.stream().distinct().limit(50).toList().toString();
            assertTrue(names.size() > 10, some);
            assertEquals(recorded, names.stream().anyMatch(n -> n.matches("ring_side_0x[0-9a-f]+")), some);
            assertTrue(names.stream().allMatch(n -> n.matches("((_text|ring_side)_0x)?[0-9a-f]+")), some);
        }
    }

    private static List<RecordedEvent> named(List<RecordedEvent> all, String name) {
        return all.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
    }
}
