package ringside.shadow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Iterator;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.shadow.ShadowEntry.Kind;
import ringside.snapshot.Snapshot;

/**
 * What a guest can make the shadow stack hold, told the events of guests that call, switch stacks and enter handlers
 * for ever.
 */
class ShadowBoundsTest {
    /**
     * A chain weighs 2^20 longs at the most, all sleeping ones 2^21, and 64 more are let in before they are weighed; as
     * much again for what is unused, hints and objects.
     */
    private static final long MOST = 128 << 20;

    private final Machine machine = machine();
    private final Cpu cpu = machine.cpu();
    private final ShadowStack shadow = cpu.shadow;
    private long sp = 1L << 46;

    private static Machine machine() {
        return Machine.interpreted(new MachineConfig(1 << 20, CpuModel.standard(), Set.of(), false));
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private void calls(int count) {
        for (int i = 0; i < count; i++) shadow.call(sp -= 8, i);
    }

    private void returns(int count) {
        for (int i = 0; i < count; i++, sp += 8) shadow.ret(sp, 0);
    }

    /** To a stack far away that has never been in use. */
    private void toNewStack() {
        long old = sp;
        sp += 1L << 24;
        shadow.moved(old, sp);
    }

    private static long used() {
        System.gc();
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void holdsAtMost(long bytes, Runnable events) {
        long before = used();
        events.run();
        long grown = used() - before;
        assertTrue(grown <= bytes, "the heap has grown by " + grown + " bytes");
    }

    private int length() {
        cpu.gpr[Cpu.RSP] = sp;
        int n = 0;
        for (Iterator<ShadowEntry> i = shadow.chain().iterator(); i.hasNext(); i.next()) n++;
        return n;
    }

    @Test
    void callsThatNeverReturn() {
        holdsAtMost(4 << 20, () -> calls(3_000_000));
        assertTrue(length() >= Stretch.MOST / 4, "the inner calls are kept");
    }

    @Test
    void everMoreStacksWithDeepChains() {
        holdsAtMost(MOST, () -> {
            for (int i = 0; i < 3000; i++) {
                calls(4000);
                toNewStack();
            }
        });
    }

    @Test
    void stacksThatWereDeepOnce() {
        holdsAtMost(16 << 20, () -> {
            for (int i = 0; i < 500; i++) {
                calls(30_000);
                returns(29_990);
                toNewStack();
            }
        });
    }

    @Test
    void everMoreStacksWithinHandlers() {
        holdsAtMost(MOST, () -> {
            for (int i = 0; i < 600_000; i++) {
                calls(3);
                if (i % 990 == 0) toNewStack();
                shadow.entered(Kind.EXCEPTION, 14, sp - 40, i, sp, false, true);
                sp -= 40;
            }
        });
    }

    @Test
    void handlersWithinHandlersEachWithDeepCalls() {
        holdsAtMost(MOST, () -> {
            for (int i = 0; i < 1990; i++) {
                calls(10_000);
                shadow.entered(Kind.EXCEPTION, 14, sp - 40, i, sp, false, true);
                sp -= 40;
            }
        });
        assertTrue(length() > 0, "what is near is kept");
    }

    @Test
    void oldStacksThatGrowWhileTheOnesThatHangOnThemSleep() {
        holdsAtMost(MOST, () -> {
            for (int i = 0; i < 2000; i++) {
                calls(2);
                long outer = sp;
                cpu.gpr[Cpu.RBX] = outer;
                toNewStack();
                cpu.gpr[Cpu.RBX] = 0;
                calls(2);
                long inner = sp;
                // back, leaving the inner one asleep
                shadow.moved(inner, 8);
                sp = 8;
                sp = outer;
                shadow.moved(8, outer);
                calls(20_000);
                shadow.entered(Kind.SYSCALL, -1, 0, i, sp, true, false);
                sp = inner + (1L << 24);
            }
        });
    }

    @Test
    void returnsThatWereNeverCalledAndUserStacksOfEverNewAddressSpaces() {
        holdsAtMost(4 << 20, () -> {
            cpu.cr0 |= Cpu.CR0_PG;
            for (int i = 0; i < 300_000; i++) {
                shadow.ret(sp + 8L * (i % 1000), i);
                shadow.entered(Kind.SYSCALL, -1, 0, i, 0x1000 + i, true, false);
                cpu.cr3 = (long) i << 13;
                shadow.returned(sp, 0x7000_0000L + i, true);
            }
            cpu.cr0 &= ~Cpu.CR0_PG;
        });
    }

    @Test
    void aDeepChainFromASnapshotTakesPredictions() {
        calls(1000);
        cpu.gpr[Cpu.RSP] = sp;
        try (Snapshot s = new Snapshot();
                Machine other = machine()) {
            s.take(machine);
            s.restore(other);
            other.cpu().shadow.expect("there");
            other.cpu().shadow.ret(sp, 0);
            assertEquals("there", other.cpu().shadow.returned());
        }
    }
}
