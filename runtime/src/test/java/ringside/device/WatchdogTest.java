package ringside.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import ringside.boot.BootException;
import ringside.boot.BootOptions.CodeMode;
import ringside.boot.RawStart;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.snapshot.Snapshot;

/** The device of docs/add-a-device.md, added to a machine from outside. */
class WatchdogTest {
    private static final long START = 0x7c00;
    private static final long MILLISECOND = 1_000_000;

    /** In real mode: mov dx, 600h; mov al, 3; out dx, al; then round and round. */
    private static Machine started() throws BootException {
        Machine m = Machine.builder().memory(1 << 20).device(new Watchdog()).build();
        m.memory().write(START, HexFormat.of().parseHex("ba0006b003eeebfe"));
        RawStart.enter(m, CodeMode.REAL, START);
        return m;
    }

    @Test
    void resetsTheMachineWhenItIsNotFed() throws BootException {
        try (Machine m = started()) {
            Outcome o = m.run(Long.MAX_VALUE);
            assertEquals(Outcome.Reason.RESET, o.reason());
            assertTrue(m.now() >= 3 * MILLISECOND && m.now() < 4 * MILLISECOND, m.now() + " ns");
        }
    }

    @Test
    void itsTimeIsPartOfASnapshot() throws BootException {
        try (Machine m = started();
                Snapshot s = new Snapshot()) {
            m.run(MILLISECOND);
            s.take(m);
            m.run(Long.MAX_VALUE);
            long end = m.cpu().instructions();
            s.restore(m);
            assertEquals(Outcome.Reason.RESET, m.run(Long.MAX_VALUE).reason());
            assertEquals(end, m.cpu().instructions());
        }
    }
}
