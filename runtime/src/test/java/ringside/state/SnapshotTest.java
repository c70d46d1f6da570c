package ringside.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.bus.EventQueue;
import ringside.cpu.CpuModel;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.snapshot.Snapshot;

/** Whole states held against each other: nothing that differs is overlooked, wherever it lies. */
class SnapshotTest {
    private static final int RAM = 2 << 20;

    private static Machine machine() {
        return new Machine(new MachineConfig(RAM, CpuModel.standard(), Set.of(), false), Machine::interpreter);
    }

    @Test
    void newMachinesAreTheSame() {
        assertTrue(Snapshot.same(machine(), machine()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x20000, 0x20007, 0x8fff3, 0x100000, RAM - 1})
    void oneByteOfRamThatDiffersIsFound(int address) {
        Machine a = machine();
        Machine b = machine();
        b.memory().write(address, new byte[] {(byte) 0xa5}, 0, 1);
        assertFalse(Snapshot.same(a, b));
        String byteOfWord = "a5" + "00".repeat(address & 7);
        assertEquals(
                List.of(String.format(
                        "ram[%xh]: %016x / %s", address & -8, 0, "0".repeat(16 - byteOfWord.length()) + byteOfWord)),
                Snapshot.differences(a, b, 10));
    }

    @Test
    void aRegisterThatDiffersIsNamed() {
        Machine a = machine();
        Machine b = machine();
        b.cpu().gpr[3] = 5;
        assertFalse(Snapshot.same(a, b));
        assertTrue(
                Snapshot.differences(a, b, 10).get(0).endsWith("[3]: 0000000000000000 / 0000000000000005"),
                Snapshot.differences(a, b, 10).toString());
    }

    @Test
    void aStateIsPutBack() {
        Machine a = machine();
        a.memory().write(0x5000, new byte[] {1, 2, 3}, 0, 3);
        a.cpu().gpr[1] = 77;
        try (Snapshot s = new Snapshot()) {
            s.take(a);
            Machine b = machine();
            s.restore(b);
            assertTrue(Snapshot.same(a, b));
            assertEquals(77, b.cpu().gpr[1]);
        }
    }

    @Test
    void theTurnOfEventsOfEqualTimeIsRestored() {
        Machine m = machine();
        try (Snapshot s = new Snapshot()) {
            s.take(m);
            EventQueue.Event e = new EventQueue.Event(() -> {});
            m.events().schedule(e, 1_000);
            m.events().cancel(e);
            assertFalse(Snapshot.same(m, machine()), "an event has taken a turn");
            s.restore(m);
            assertTrue(Snapshot.same(m, machine()));
        }
    }
}
