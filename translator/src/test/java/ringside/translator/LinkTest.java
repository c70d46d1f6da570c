package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.machine.Breakpoints;
import ringside.machine.Machine;

/**
 * What may happen to the target of a link between regions, or of a predicted return, after it was made. Each program
 * calls a function in another page 200 times ({@code l: call f; ...; dec r15; jnz l; jmp $}) and changes something now
 * and then; what it must compute is said beside it.
 */
class LinkTest {
    /** Instructions behind which every program is at its end. */
    private static final long END = 5000;

    private static final String F = "2000:4883c101c3"; // add rcx, 1; ret
    private static final String G = "3000:4883c150c3"; // add rcx, 50h; ret
    /** l: call f; mov eax, r15d; and eax, 15; jnz m; (something); m: dec r15; jnz l. */
    private static final String EACH_16 = "1000:41bfc8000000e8f50f00004489f883e00f";
    /** l: call f; add rcx, 1; dec r15; jnz l. */
    private static final String CALLER = "1000:41bfc8000000e8f50f00004883c10149ffcf75f2ebfe";

    /**
     * Runs a program on both engines, to every multiple of some counts and to its end.
     * @return the translator's machine that ran to the end at once
     */
    private static Machine run(Consumer<Machine> prepare, String... code) {
        Machine last = null;
        for (int after : new int[] {1, 3}) {
            for (long step : new long[] {13, 64, END}) {
                Machine a = PagedGuest.start(Machine::interpreter, code);
                Machine b = PagedGuest.start(Guests.translated(after), code);
                prepare.accept(a);
                prepare.accept(b);
                for (long limit = step; limit <= END; limit += step) {
                    a.run(limit);
                    b.run(limit);
                    assertEquals(limit, b.cpu().instructions());
                    assertEquals(PagedGuest.state(a), PagedGuest.state(b), "after " + after + " limit " + limit);
                }
                a.close();
                if (last != null) last.close();
                last = b;
            }
        }
        TranslatorStatistics s = ((Translator) last.engine()).statistics();
        assertTrue(s.links > 100, "links followed: " + s.links);
        return last;
    }

    private static Machine run(String... code) {
        return run(m -> {}, code);
    }

    private static long rcx(Machine m) {
        return m.cpu().gpr[Cpu.RCX];
    }

    private static long data(Machine m, int word) {
        return m.memory().read(PagedGuest.DATA + 8 * word, 8);
    }

    @Test
    void callsJumpsAndReturnsBetweenPagesAreLinkedAndCountExactly() {
        // 300 times: call f; inc rax; call g. f: add rcx, 3; jmp h. g: add rdx, 5; ret. h: add rsi, 7; ret
        Machine m = run(
                "1000:41bf2c010000e8f50f000048ffc0e8ed1f000049ffcf75eeebfe",
                "2000:4883c103e9f7100000",
                "3000:4883c205c3",
                "3100:4883c607c3");
        assertEquals(900, rcx(m));
        assertEquals(2100, m.cpu().gpr[Cpu.RSI]);
        TranslatorStatistics s = ((Translator) m.engine()).statistics();
        assertTrue(s.returns > 500, "returns predicted: " + s.returns);
    }

    @Test
    void overwrittenTargetRunsAsItIsNow() {
        // add byte [2003h], 2: f adds 1, from the 9th call on 3, then 5, ...
        Machine m = run(EACH_16 + "7508800425032000000249ffcf75e6ebfe", F);
        long expected = 0;
        for (int r15 = 200, add = 1; r15 > 0; r15--) {
            expected += add;
            if (r15 % 16 == 0) add += 2;
        }
        assertEquals(expected, rcx(m));
    }

    @Test
    void remappedTargetRunsTheOtherPage() {
        // xor word [23011h], 10h (the page table entry of 2000h: 2000h or 3000h); invlpg [2000h]
        Machine m = run(EACH_16 + "75116683342511300200100f013c250020000049ffcf75ddebfe", F, G);
        assertEquals(swapped(16), rcx(m));
    }

    /** @return what F and G add if they are swapped behind the call with r15 a multiple of {@code period} */
    private static long swapped(int period) {
        long sum = 0;
        boolean g = false;
        for (int r15 = 200; r15 > 0; r15--) {
            sum += g ? 0x50 : 1;
            if (r15 % period == 0) g = !g;
        }
        return sum;
    }

    @Test
    void anotherAddressSpaceRunsItsOwnPage() {
        // each 8: xor r14d, 8000h; mov cr3, r14 (20000h or 28000h)
        Machine m = run(
                "1000:41bfc800000041be00000200e8ef0f00004489f883e007750b4181f600800000410f22de49ffcf75e3ebfe", F, G);
        assertEquals(swapped(8), rcx(m));
    }

    @Test
    void addressSpacesWithTheirOwnNumbersKeepTheirCode() {
        // as before with PCIDs 1 and 2 and bit 63 of CR3 set, which keeps translations: xor r14, 8003h; mov cr3, r14
        String code =
                "1000:41bfc800000049be0100020000000080e8eb0f00004489f883e007750b4981f603800000410f22de49ffcf75e3ebfe";
        Machine m = run(g -> g.cpu().cr4 |= Cpu.CR4_PCIDE, code, F, G);
        assertTrue(m.cpu().mem.spaceSwitches > 10, "translations are kept");
        assertEquals(swapped(8), rcx(m));
    }

    @Test
    void gateA20ChangesWhatTheTargetIs() {
        // in al, 92h; xor al, 2; out 92h, al. Page 2000h is mapped to 102000h, which is 2000h while the gate is closed
        Machine m = run(
                g -> {
                    PagedGuest.map(g, PagedGuest.TABLES, 0x2000, 0x102000);
                    g.memory().write(0x102000, new byte[] {0x48, (byte) 0x83, (byte) 0xc1, 0x50, (byte) 0xc3});
                    g.cpu().mem.flushAll();
                },
                EACH_16 + "7506e4923402e69249ffcf75e8ebfe",
                F);
        long direct = rcx(m);
        assertTrue(
                direct == swapped(16) || direct == 200 * 0x51 - swapped(16), "open or closed at the start: " + direct);
    }

    @Test
    void returnAddressChangedOnTheStackIsFollowed() {
        // f: each 8th time add qword [rsp], 4, which skips the caller's add
        Machine m = run(CALLER, "2000:4489f883e00775054883042404c3");
        assertEquals(200 - 25, rcx(m));
    }

    @Test
    void longJumpOverFramesLeavesNoWrongPrediction() {
        // mov rbp, rsp; call f; add rcx, 1. f: call g; add rdx, 1; ret. g: each 8th time mov rsp, rbp; mov eax, 1012h
        // (behind the add); jmp rax
        Machine m = run(
                "1000:41bfc80000004889e5e8f20f00004883c10149ffcf75efebfe",
                "2000:e8fb0f00004883c201c3",
                "3000:4489f883e007750a4889ecb812100000ffe0c3");
        assertEquals(200 - 25, rcx(m));
        assertEquals(200 - 25, m.cpu().gpr[Cpu.RDX]);
    }

    @Test
    void returnToAPageThatIsNoLongerExecutableFaultsThere() {
        // f, with r15 = 50: bts qword [23008h], 63; invlpg [1000h]. #PF: keeps error code, RIP and CR2, takes the bit
        // away
        Machine m = run(
                CALLER,
                "2000:4183ff327512480fba2c25083002003f0f013c2500100000c3",
                "4000:8f03488b3424488973080f20d648897310480fba3425083002003f48ffc748cf");
        assertEquals(1, m.cpu().gpr[Cpu.RDI]);
        assertEquals(0x11, data(m, 0), "present, instruction fetch");
        assertEquals(0x100b, data(m, 1));
        assertEquals(0x100b, data(m, 2));
        assertEquals(200, rcx(m));
    }

    @Test
    void targetOfAnotherModeIsNotTheOneThatWasLinked() {
        // caller: call f; fnop. f, with r15 = 50: sets CR0.TS, so that fnop raises #NM, which does clts
        Machine m = run(
                "1000:41bfc8000000e8f50f0000d9d04883c10149ffcf75f0ebfe",
                "2000:4183ff3275090f20c083c8080f22c0c3",
                "4100:488b34244889730848ffc70f0648cf");
        assertEquals(1, m.cpu().gpr[Cpu.RDI]);
        assertEquals(0x100b, data(m, 1));
    }

    @Test
    void singleStepStopsBehindEachInstructionAtAndAfterTheTarget() {
        // f, with r15 = 50: popfq with TF, then ret. #DB: keeps RIP, the third time clears TF
        Machine m = run(
                CALLER,
                "2000:4183ff32750a9c48810c24000100009dc3",
                "4200:488b3424488934fb48ffc783ff0375094881642410fffeffff48cf");
        assertEquals(3, m.cpu().gpr[Cpu.RDI]);
        assertEquals(0x100b, data(m, 0));
        assertEquals(0x100f, data(m, 1));
        assertEquals(0x1012, data(m, 2));
    }

    @Test
    void breakpointRegisterAtTheTargetIsSeen() {
        // f, with r15 = 50: dr0 = 100bh, dr7 = 1; ret. #DB: keeps RIP, clears DR7
        Machine m = run(
                CALLER,
                "2000:4183ff327510b80b1000000f23c0b8010000000f23f8c3",
                "4200:488b342448893348ffc731c00f23f848cf");
        assertEquals(1, m.cpu().gpr[Cpu.RDI]);
        assertEquals(0x100b, data(m, 0));
    }

    @Test
    void breakpointOfADebuggerBehindALinkStops() {
        for (int start = 300; start < 310; start++) { // some of them inside of f, whose return is predicted
            Machine m = PagedGuest.start(Guests.translated(1), CALLER, F);
            m.run(start);
            Breakpoints b = new Breakpoints(m);
            for (int round = 0; round < 5; round++) {
                b.set(la -> la == 0x2000);
                for (int i = 0; i < 3; i++) {
                    long before = m.cpu().instructions();
                    b.run(5000);
                    assertTrue(b.hit());
                    assertEquals(0x2000, m.cpu().rip);
                    assertTrue(m.cpu().instructions() - before <= 7, "the next call stops");
                }
                b.clear();
                b.run(m.cpu().instructions() + 100);
                assertFalse(b.hit());
            }
        }
    }
}
