package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import ringside.machine.Breakpoints;
import ringside.machine.Machine;
import ringside.machine.Outcome;

class BreakpointsTest {
    private static final List<Machine.EngineFactory> ENGINES =
            List.of(Machine::interpreter, Guests.translated(1), Guests.translated(4));
    /** 1000h: mov r15d, 50; 1006h: inc rax; 1009h: add rcx, rax; 100ch: dec r15; 100fh: jnz 1006h; 1011h: jmp 1011h. */
    private static final byte[] LOOP =
            HexFormat.of().parseHex("41bf32000000" + "48ffc0" + "4801c1" + "49ffcf" + "75f5" + "ebfe");

    @Test
    void stopsBeforeTheInstructionEachTimeAndChangesNothing() {
        for (Machine.EngineFactory engine : ENGINES) {
            Machine m = Guests.start(LOOP, engine);
            m.run(40); // code that has been decoded, and translated, before
            Breakpoints b = new Breakpoints(m);
            b.set(la -> la == 0x1009);
            int hits = 0;
            while (true) {
                Outcome o = b.run(400);
                if (!b.hit()) {
                    assertEquals(Outcome.Reason.INSTRUCTION_LIMIT, o.reason());
                    break;
                }
                hits++;
                assertEquals(0x1009, m.cpu().rip);
                assertEquals(
                        m.cpu().gpr[0],
                        (m.cpu().instructions() + 2) / 4,
                        "rax is incremented before the breakpoint, not behind it");
            }
            // 40 instructions are the first, nine rounds and three more: the tenth round's add is executed
            assertEquals(40, hits);
            Machine free = Guests.start(LOOP, engine);
            free.run(400);
            assertEquals(Guests.state(free), Guests.state(m));
        }
    }

    @Test
    void stepsThroughNeighbouringBreakpoints() {
        for (Machine.EngineFactory engine : ENGINES) {
            Machine m = Guests.start(LOOP, engine);
            Breakpoints b = new Breakpoints(m);
            b.set(la -> la >= 0x1006 && la < 0x100f);
            long[] expected = {0x1006, 0x1009, 0x100c, 0x1006, 0x1009};
            for (long at : expected) {
                b.run(1000);
                assertTrue(b.hit());
                assertEquals(at, m.cpu().rip);
            }
            b.step();
            assertEquals(0x100c, m.cpu().rip);
        }
    }

    @Test
    void clearedBreakpointsStopNoMore() {
        for (Machine.EngineFactory engine : ENGINES) {
            Machine m = Guests.start(LOOP, engine);
            Breakpoints b = new Breakpoints(m);
            b.set(la -> la == 0x1009);
            b.run(1000);
            assertTrue(b.hit());
            b.clear();
            b.run(1000);
            assertFalse(b.hit());
            assertEquals(1000, m.cpu().instructions());
        }
    }
}
