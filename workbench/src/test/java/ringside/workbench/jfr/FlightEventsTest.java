package ringside.workbench.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
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

class FlightEventsTest {
    private static final Path DEMO = Path.of("../testdata/demo/demo.elf");

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
            try (FlightEvents events = new FlightEvents(m, "demo.elf")) {
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

    private static List<RecordedEvent> named(List<RecordedEvent> all, String name) {
        return all.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
    }
}
