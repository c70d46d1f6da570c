package ringside.device.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;
import ringside.cpu.CpuModel;
import ringside.device.DrivenBoard;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;

/** QEMU's devices for tests and debugging. */
class DebugDevicesTest extends DrivenBoard {
    @Test
    void debugConsoleHandsOnItsBytes() {
        try (Machine plain = Machine.interpreted(new MachineConfig(1 << 20, CpuModel.standard(), Set.of(), false))) {
            StringBuilder text = new StringBuilder();
            plain.board().debugConsole().setSink(b -> text.append((char) b));
            for (char c : "ok".toCharArray()) plain.ports().out(0xe9, 1, c);
            assertEquals("ok", text.toString());
            assertEquals(0xe9, plain.ports().in(0xe9, 1));
        }
    }

    @Test
    void testDeviceLatchKeepsBytesAndWords() {
        m.ports().out(0xe0, 4, 0x11223344);
        m.ports().out(0xe1, 1, 0xaa);
        assertEquals(0x1122aa44, m.ports().in(0xe0, 4));
        m.memory().write(0xff00_0010L, 4, 0xdeadbeefL);
        assertEquals(0xbeef, m.memory().read(0xff00_0010L, 2));
    }

    @Test
    void debugExitEndsWithItsValue() {
        m.ports().out(0xf4, 4, 0x10);
        assertEquals(new Outcome(Outcome.Reason.DEBUG_EXIT, 0x10), m.run(1));
    }
}
