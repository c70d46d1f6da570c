package ringside.workbench.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Reset;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;

/** A guest that waits at a prompt executes next to nothing: its recording says all the same how far it came. */
class RestingGuestTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void aRecordingThatIsCutOffReachesToWhereTheGuestRests(String engine) throws Exception {
        MachineConfig config = new MachineConfig(2 << 20, CpuModel.parse("v2"), Set.of(), false);
        Path file = folder.resolve("recorded");
        try (Machine m = new Machine(config, SnapshotFileTest.engine(engine))) {
            // 1000h, 16-bit: mov al, 0ffh; out 21h, al; sti; hlt: no line of the interrupt controller gets through
            m.memory().write(0x1000, HexFormat.of().parseHex("b0ffe621fbf4"));
            Reset.powerOn(m.cpu());
            m.cpu().seg[Cpu.CS].base = 0;
            m.cpu().rip = 0x1000;
            m.cpu().updateMode();
            m.board().setInteractive(true);
            try (Recorder r = new Recorder(file, m, Map.of())) {
                CompletableFuture<Outcome> run = CompletableFuture.supplyAsync(() -> ran(r));
                long reached = 0;
                for (int i = 0; i < 600 && reached != 4; i++) {
                    Thread.sleep(100);
                    reached = reached(file);
                }
                m.requestStop();
                assertEquals(Outcome.Reason.STOPPED, run.join().reason());
                assertEquals(4, reached);
            }
        }
    }

    private static Outcome ran(Recorder r) {
        try {
            return r.run(Long.MAX_VALUE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return instructions that are in the file by now, as after a kill */
    private long reached(Path file) throws IOException {
        Path copy = folder.resolve("copy");
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        try (Recording recording = Recording.open(copy)) {
            return recording.reaches();
        }
    }
}
