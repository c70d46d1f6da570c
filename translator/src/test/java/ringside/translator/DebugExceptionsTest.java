package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.machine.Machine;

/**
 * What causes a #DB, where, and with which DR6, on both engines and over code that has been translated before. Expected
 * values: Intel SDM vol. 3, 6.8.3, 6.9, 18.2 and 18.3. DR0 watches 4 bytes at 8010h for reads and writes, DR1 the 2
 * bytes at 8000h that MOV SS reads, DR2 4 bytes at 8020h for writes, DR3 port 80h.
 */
class DebugExceptionsTest {
    private static final List<Machine.EngineFactory> ENGINES = List.of(Machine::interpreter, Guests.translated(1));
    private static final int GDT = 0x8800, IDT = 0x9000, DB = 0xa000, OTHER = 0xa100, LOG = 0xb000;
    private static final long DR7 = 0xfL << 16 | 0x7L << 20 | 0xdL << 24 | 0x2L << 28;
    private static final int TF = 0x100;

    /** Appends the RIP of its frame and DR6 to the log at R12; the other handlers RIP and -1. */
    private static final String LOG_DB = "488b0424498904240f21f049894424084983c41048cf",
            LOG_OTHER = "488b04244989042449c7442408ffffffff4983c41048cf";

    private static Machine guest(String code, Machine.EngineFactory engine) {
        Machine m = Guests.start(HexFormat.of().parseHex(code + "ebfe"), engine);
        Cpu c = m.cpu();
        long[] gdt = {0, 0x00af_9b00_0000_ffffL, 0x00cf_9300_0000_ffffL};
        for (int i = 0; i < gdt.length; i++) m.memory().write(GDT + 8 * i, 8, gdt[i]);
        c.gdtBase = GDT;
        c.gdtLimit = 0x17;
        c.idtBase = IDT;
        c.idtLimit = 0xfff;
        for (int v = 0; v < 0x41; v++)
            m.memory().write(IDT + 16 * v, 8, (v == 1 ? DB : OTHER) | 8L << 16 | 0x8e00L << 32);
        m.memory().write(DB, HexFormat.of().parseHex(LOG_DB));
        m.memory().write(OTHER, HexFormat.of().parseHex(LOG_OTHER));
        m.memory().write(Guests.DATA, 2, 0x10);
        c.seg[Cpu.CS].selector = 8;
        c.seg[Cpu.SS].selector = 0x10;
        c.cr4 |= 8;
        restart(c);
        return m;
    }

    private static void restart(Cpu c) {
        c.rip = Guests.CODE;
        c.gpr[Cpu.RSP] = Guests.STACK;
        c.gpr[12] = LOG;
        c.gpr[Cpu.RCX] = 4;
        c.gpr[Cpu.RSI] = 0x8040;
        c.gpr[Cpu.RDI] = 0x801e;
    }

    /** @param enable the low bits of DR7 @return the events as RIP:DR6, or RIP for another vector than #DB */
    private static List<String> events(String code, int flags, int enable, long dr6, Machine.EngineFactory engine) {
        Machine m = guest(code, engine);
        Cpu c = m.cpu();
        m.run(40); // once without, so that it is decoded and translated
        c.halted = false;
        c.setRflags(2 | flags);
        restart(c);
        long[] dr = {0x8010, 0x8000, 0x8020, 0x80, 0, 0, dr6, DR7 | enable};
        System.arraycopy(dr, 0, c.dr, 0, 8);
        c.updateMode();
        m.run(c.instructions() + 40);
        List<String> log = new ArrayList<>();
        for (long at = LOG; at < c.gpr[12]; at += 16) {
            long value = m.memory().read(at + 8, 8);
            log.add(Long.toHexString(m.memory().read(at, 8)) + (value == -1 ? "" : ":" + Long.toHexString(value)));
        }
        return log;
    }

    @ParameterizedTest
    @CsvSource({
        "a read hits a breakpoint of both kinds, 8b4310, 0, 1, '1003:ffff0ff1'",
        "a read leaves one of writes alone, 8b4320, 0, 10, ''",
        "a write, 894320, 0, 10, '1003:ffff0ff4'",
        "one byte of it, 804b2200, 0, 10, '1004:ffff0ff4'",
        "a neighbouring byte, 804b2400, 0, 10, ''",
        "read-modify-write, 4883432001, 0, 10, '1005:ffff0ff4'",
        "over the end of a page's neighbour, 48894319, 0, 10, '1004:ffff0ff4'",
        "one behind the other, 488b430c 488b13, 0, 5, '1004:ffff0ff1,1007:ffff0ff2'",
        "not enabled, 8b4310, 0, 0, ''",
        "a repeated string instruction, f3a4, 0, 10, '1000:ffff0ff4,1002:ffff0ff4'",
        "a port, e680, 0, 40, '1002:ffff0ff8'",
        "MOV SS holds it over the next instruction, 8e1390, 0, 4, '1003:ffff0ff2'",
        "both of them, 8e138b4310, 0, 5, '1005:ffff0ff3'",
        "INT1 takes it along, 8e13f190, 0, 4, '1003:ffff0ff2'",
        "INT1 alone leaves DR6, f190, 0, 4, '1001:ffff0ff0'",
        "INT n is entered first, 8e13cd4090, 0, 4, 'a100:ffff0ff2,1004'",
        "INT3 too, 8e13cc90, 0, 4, 'a100:ffff0ff2,1003'",
        "general detect takes it along, 8e130f21c0, 0, 2004, '1002:ffff2ff2'",
        "a fault drops it, 8e130f0b, 0, 4, '1002'"
    })
    void everyCauseOfADebugException(String what, String code, String flags, String enable, String expected) {
        List<String> want = expected.isEmpty() ? List.of() : List.of(expected.split(","));
        for (Machine.EngineFactory engine : ENGINES) {
            List<String> got = events(
                    code.replace(" ", ""),
                    Integer.parseInt(flags, 16),
                    Integer.parseInt(enable, 16),
                    0xffff0ff0L,
                    engine);
            assertEquals(
                    want, what.startsWith("a fault") || what.startsWith("general") ? got.subList(0, 1) : got, what);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "90, 0, '1001:ffff4ff0'",
        "8b4310, 1, '1003:ffff4ff1'",
        "8e1390, 0, '1003:ffff4ff0'",
        "8e13f1, 0, '1003:ffff4ff0'",
        "8e13cd40, 0, 'a100:ffff4ff0,1004'",
        "cd4090, 0, '1002,1003:ffff4ff0'",
        "8e130f21c0, 2000, '1002:ffff6ff0,1005:ffff6ff0'",
        "fbf4, 0, '1001:ffff4ff0,1002:ffff4ff0'",
        "f3a4, 0, '1000:ffff4ff0,1000:ffff4ff0,1000:ffff4ff0,1002:ffff4ff0'"
    })
    void singleStepsComeWithTheOtherCauses(String code, String enable, String expected) {
        List<String> want = List.of(expected.split(","));
        for (Machine.EngineFactory engine : ENGINES) {
            List<String> got = events(code, TF, Integer.parseInt(enable, 16), 0xffff0ff0L, engine);
            assertEquals(want, got.subList(0, Math.min(want.size(), got.size())), code);
        }
    }

    @Test
    void theBreakpointsOfAnEarlierExceptionLeaveDr6AndTheRestStays() {
        for (Machine.EngineFactory engine : ENGINES) {
            assertEquals(
                    "1003:ffff4ff4",
                    events("894320", TF, 0x10, 0xffff0ff2L, engine).get(0));
            assertEquals(List.of("1003:ffff4ff4"), events("894320", 0, 0x10, 0xffff4ff1L, engine));
        }
    }

    /** As many instructions as without, on the fast paths: nothing but the watched page leaves a block. */
    @Test
    void codeThatTouchesNoWatchedPageRunsInBlocks() {
        // 1000h: mov [rbx+20h], eax; inc eax; jmp 1000h
        Machine m = guest("894320ffc0ebf9", Guests.translated(1));
        Cpu c = m.cpu();
        c.dr[0] = 0x7000;
        c.dr[7] = 0xf0401L;
        c.updateMode();
        assertTrue(!c.stepping());
        m.run(1000);
        assertTrue(c.mem.fills < 20, "accesses are served by the TLB");
        c.dr[0] = 0x8024;
        c.updateMode();
        assertEquals(LOG, c.gpr[12]);
        m.run(2000);
        assertEquals(LOG, c.gpr[12], "another word of the page");
        c.dr[0] = 0x8020;
        c.updateMode();
        m.run(2010);
        assertEquals(Guests.CODE + 3, m.memory().read(LOG, 8));
    }

    /** 1000h: call 2000h; inc eax; jmp 1000h. 2000h: inc ecx; rep movsb; ret. */
    private static Machine caller(Machine.EngineFactory engine) {
        Machine m = guest("e8fb0f0000ffc0ebf7", engine);
        m.memory().write(0x2000, HexFormat.of().parseHex("ffc1f3a4c3"));
        m.run(2000);
        restart(m.cpu());
        return m;
    }

    @ParameterizedTest
    @CsvSource({
        "2002, '2002:ffff0ff1,2002:ffff0ff1'",
        "2004, '2004:ffff0ff1,2004:ffff0ff1'",
        "2001, ''",
        "1007, '1007:ffff0ff1,1007:ffff0ff1'"
    })
    void anExecutionBreakpointStopsInCodeThatWasTranslated(String at, String expected) {
        for (Machine.EngineFactory engine : ENGINES) {
            Machine m = caller(engine);
            Cpu c = m.cpu();
            c.dr[0] = Integer.parseInt(at, 16);
            c.dr[6] = 0xffff0ff0L;
            c.dr[7] = 0x401L;
            c.updateMode();
            m.run(c.instructions() + 60);
            List<String> log = new ArrayList<>();
            for (long a = LOG; a < c.gpr[12] && log.size() < 2; a += 16)
                log.add(Long.toHexString(m.memory().read(a, 8)) + ":"
                        + Long.toHexString(m.memory().read(a + 8, 8)));
            assertEquals(expected.isEmpty() ? List.of() : List.of(expected.split(",")), log);
            c.dr[7] = 0x400L;
            c.updateMode();
            m.run(c.instructions() + 10); // out of the handler
            long logged = c.gpr[12];
            m.run(c.instructions() + 200);
            assertEquals(logged, c.gpr[12], "the page is as any other again");
        }
    }

    @Test
    void anExecutionBreakpointLeavesOtherPagesToTranslatedCode() {
        Machine m = guest("ffc0ebfc", Guests.translated(1));
        Cpu c = m.cpu();
        c.dr[0] = 0x3000;
        c.dr[7] = 0x401L;
        c.updateMode();
        m.run(10_000);
        long translated = ((Translator) m.engine()).statistics().retiredInRegions();
        assertTrue(translated > 9_900, translated + " of 10,000");
    }

    /** RF holds execution breakpoints back and asks for no single iterations: after a fault the rest runs as before. */
    @Test
    void aRepeatedInstructionThatResumesRunsAsFastAsOneThatStarts() {
        for (Machine.EngineFactory engine : ENGINES) {
            long[] retired = new long[2];
            for (int resumed = 0; resumed < 2; resumed++) {
                // rep stosb; jmp to itself
                Machine m = guest("f3aaebfe", engine);
                Cpu c = m.cpu();
                c.gpr[Cpu.RDI] = 0x9000;
                c.gpr[Cpu.RCX] = 1000;
                if (resumed != 0) c.systemFlags |= Flags.RF;
                while (c.gpr[Cpu.RCX] != 0) m.run(c.instructions() + 1);
                retired[resumed] = c.instructions();
                assertEquals(0, c.systemFlags & Flags.RF);
            }
            assertEquals(retired[0], retired[1]);
        }
    }
}
