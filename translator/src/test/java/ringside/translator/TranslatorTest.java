package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import ringside.machine.Machine;

class TranslatorTest {
    private static void same(byte[] code, Machine.EngineFactory engine, long limit, String what) {
        Machine a = Guests.start(code, Machine::interpreter);
        Machine b = Guests.start(code, engine);
        a.run(limit);
        b.run(limit);
        assertEquals(Guests.state(a), Guests.state(b), what);
        a.close();
        b.close();
    }

    @Test
    void randomProgramsEndInTheSameState() {
        for (long seed = 0; seed < 150; seed++) {
            byte[] code = RandomProgram.make(seed, 30, 20);
            same(code, Guests.translated(1), 600, "seed " + seed + " after 1");
            same(code, Guests.translated(4), 700, "seed " + seed + " after 4");
        }
    }

    @Test
    void budgetEndsAtEveryInstructionOfALoop() {
        byte[] code = RandomProgram.make(42, 12, 5);
        for (long limit = 1; limit < 90; limit++) {
            same(code, Guests.translated(1), limit, "limit " + limit);
            same(code, Guests.translated(2), limit, "limit " + limit);
        }
    }

    @Test
    void loopRunsInsideOneRegion() {
        // mov r15d, 200; l: inc rax; dec r15; jnz l; jmp $
        byte[] code = bytes(0x41, 0xbf, 200, 0, 0, 0, 0x48, 0xff, 0xc0, 0x41, 0xff, 0xcf, 0x75, 0xf8, 0xeb, 0xfe);
        Machine m = Guests.start(code, Guests.translated(2));
        m.run(601);
        assertEquals(200, m.cpu().gpr[0]);
        TranslatorStatistics s = ((Translator) m.engine()).statistics();
        assertTrue(s.retiredInRegions() > 500, "retired in regions: " + s.retiredInRegions());
        assertTrue(s.regionEntries < 10, "entries: " + s.regionEntries);
    }

    @Test
    void storeIntoOwnRegionTakesEffectAtTheNextInstruction() {
        // mov r15d, 50; l: inc byte [rip+1] (the immediate of the add); add al, 0; dec r15; jnz l; jmp $
        byte[] code = bytes(
                0x41, 0xbf, 50, 0, 0, 0, 0xfe, 0x05, 1, 0, 0, 0, 0x04, 0, 0x41, 0xff, 0xcf, 0x75, 0xf3, 0xeb, 0xfe);
        same(code, Guests.translated(1), 300, "after 1");
        same(code, Guests.translated(3), 300, "after 3");
    }

    @Test
    void droppingTheCodeCacheChangesNothing() {
        byte[] code = RandomProgram.make(7, 40, 30);
        Machine.EngineFactory tiny =
                Translator.factory(TranslatorOptions.after(1).withCacheRegions(2));
        same(code, tiny, 1500, "two regions");
        Machine m = Guests.start(code, tiny);
        m.run(1500);
        assertTrue(((Translator) m.engine()).statistics().evictions() > 0);
    }

    @Test
    void longBlocksStayBelowTheMethodLimit() {
        byte[] code = RandomProgram.make(11, 300, 6);
        Machine.EngineFactory small = Translator.factory(new TranslatorOptions(2, false, 0, 2000, 1500, 100));
        same(code, small, 1600, "cut regions");
    }

    private static byte[] bytes(int... v) {
        byte[] b = new byte[v.length];
        for (int i = 0; i < v.length; i++) b[i] = (byte) v[i];
        return b;
    }
}
