package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import ringside.shadow.ShadowEntry;
import ringside.snapshot.Snapshot;

/** What the shadow stack says at an instruction, for every way a stack can be left, changed and returned to. */
class ShadowStackTest {
    private static final int STACK = SystemGuest.STACK, CODE = SystemGuest.CODE;
    /** call 10006h; hlt. */
    private static final String CALL_NEXT = "e801000000 f4";

    private final SystemGuest guest = SystemGuest.longMode();
    private final Cpu cpu = guest.cpu;

    private static List<String> describe(Iterable<ShadowEntry> chain) {
        List<String> out = new ArrayList<>();
        for (ShadowEntry e : chain) {
            out.add(
                    switch (e.kind()) {
                        case CALL -> String.format("%x at %x", e.address(), e.slot());
                        default ->
                            String.format(
                                    "%s %x from %x sp %x%s",
                                    e.kind(), e.vector(), e.address(), e.sp(), e.user() ? " user" : "");
                    });
        }
        return out;
    }

    private void expect(String... chain) {
        assertEquals(List.of(chain), describe(cpu.shadow.chain()));
    }

    @Test
    void callsNestAndReturnsPop() {
        guest.code(CALL_NEXT + "53 e801000000 f4 90 c3"); // 10006: push rbx; call 1000d; hlt; 1000d: nop; ret
        guest.run(3);
        expect("1000c at 1ffe8", "10005 at 1fff8");
        guest.run(2);
        expect("10005 at 1fff8");
    }

    @Test
    void anExceptionOnItsOwnStackHangsOnTheInterruptedCalls() {
        guest.gate(Vector.UD, 0x8e, 1);
        guest.code(CALL_NEXT + "4883ec18 0f0b"); // sub rsp, 18h; ud2
        assertEquals(Vector.UD, guest.run(3));
        expect("EXCEPTION 6 from 1000a sp 1ffe0", "10005 at 1fff8");
    }

    @Test
    void aSecondEntryOnTheSameInterruptStackHidesNothing() {
        guest.gate(Vector.UD, 0x8e, 1);
        guest.put(
                SystemGuest.HANDLERS + Vector.UD,
                2,
                0x06cd); // the handler is int 6: it is entered again at the same stack address
        guest.code(CALL_NEXT + "0f0b");
        guest.run(3);
        expect(
                "SOFTWARE_INTERRUPT 6 from a008 sp 21fd8",
                "SOFTWARE_INTERRUPT 6 from a008 sp 21fd8",
                "EXCEPTION 6 from 10006 sp 1fff8",
                "10005 at 1fff8");
    }

    @Test
    void aStackThatKeepsTheOldPointerContinuesTheChain() {
        // 10006: mov rax, 23000h; mov [rax-8], rsp; lea rsp, [rax-8]; call 1001d; pop rsp; nop; hlt; 1001d: nop; ret
        guest.code(CALL_NEXT + "48c7c000300200 488960f8 488d60f8 e803000000 5c 90 f4 90 c3");
        guest.run(5);
        expect("1001a at 22ff0", "10005 at 1fff8");
        guest.run(2);
        expect("10005 at 1fff8");
        guest.run(1);
        expect("10005 at 1fff8");
        assertEquals(0x1fff8, cpu.gpr[Cpu.RSP]);
    }

    /**
     * 10006: mov [11000h], rsp; mov rsp, [11008h]; ret; nop; 10018: call 1001e; hlt; 1001e: mov [11008h], rsp; mov rsp,
     * [11000h]; nop; ret.
     */
    private void twoTasks() {
        guest.code(CALL_NEXT
                + "4889242500100100 488b242508100100 c3 90 e801000000 f4 4889242508100100 488b242500100100 90 c3");
        guest.put(0x11008, 8, 0x30000);
        guest.put(0x30000, 8, 0x10018);
    }

    @Test
    void aNewTaskThatStartsWithAReturnHasNoCallers() {
        twoTasks();
        guest.run(4);
        expect();
        guest.run(1);
        expect("1001d at 30000");
    }

    @Test
    void aTaskThatIsSwitchedBackToHasItsCallersAndTheOtherKeepsItsOwn() {
        twoTasks();
        guest.run(7);
        assertEquals(0x1fff8, cpu.gpr[Cpu.RSP]);
        expect("10005 at 1fff8");
        assertEquals(List.of("1001d at 30000"), describe(cpu.shadow.chain(0x30000)));
        assertFalse(cpu.shadow.chain(0x30008).iterator().hasNext());
        guest.run(2);
        expect();
    }

    @Test
    void aReturnAddressThatIsOverwrittenIsStillTheOneThatWasPushed() {
        // lea rax, [10018h]; call 1000d; hlt; 1000d: call 10013; hlt; 10013: mov [rsp], rax; ret; 10018: nop; ret
        guest.code("488d0511000000 e801000000 f4 e801000000 f4 48890424 c3 90 c3");
        guest.run(4);
        expect("10012 at 1fff0", "1000c at 1fff8");
        guest.run(1);
        expect("1000c at 1fff8");
    }

    @Test
    void callsThatAreDroppedFromTheStackLeaveNothing() {
        // 10006: call 1000c; int3; 1000c: call 10012; int3; 10012: add rsp, 16; sub rsp, 32; call 10020; hlt; 10020:
        // nop
        guest.code(CALL_NEXT + "e801000000 cc e801000000 cc 4883c410 4883ec20 e801000000 f4 90");
        guest.run(6);
        expect("1001f at 1ffd0", "10005 at 1fff8");
    }

    @Test
    void aLongJumpDropsWhatItPasses() {
        // mov rbx, rsp; call 10009; hlt; 10009: call 1000f; hlt; 1000f: call 10015; hlt; 10015: mov rsp, rbx; call
        // 1001e; hlt; 1001e: nop
        guest.code("4889e3 e801000000 f4 e801000000 f4 e801000000 f4 4889dc e801000000 f4 90");
        guest.run(6);
        expect("1001d at 1fff8");
    }

    @Test
    void aReturnAddressThatIsPushedAgainIsReturnedToOnce() {
        guest.code(CALL_NEXT
                + "56 488b742408 48897c2408 56 c3"); // push rsi; mov rsi, [rsp+8]; mov [rsp+8], rdi; push rsi; ret
        guest.put(CODE + 5, 1, 0x90);
        guest.run(5);
        expect("10005 at 1fff8");
        guest.run(2);
        expect();
    }

    private void handler(int vector, int at, String hex) {
        guest.machine.memory().write(at, HexFormat.of().parseHex(hex.replace(" ", "")));
        guest.put(
                SystemGuest.IDT + vector * 16,
                8,
                at & 0xffff | (long) SystemGuest.CODE0 << 16 | 0xeeL << 40 | (long) (at >> 16) << 48);
    }

    @Test
    void registersCopiedToAnotherStackKeepTheirEntry() {
        // lea rdi, [23fd8h]; mov rsi, rsp; mov ecx, 5; cld; rep movsq; lea rsp, [23fd8h]; call 12023h; iretq; 12023:
        // nop; ret
        handler(0x80, 0x12000, "488d3c25d83f0200 4889e6 b905000000 fc f348a5 488d2425d83f0200 e802000000 48cf 90 c3");
        guest.enter(3);
        guest.code(CALL_NEXT + "cd80 90 c3");
        guest.run(9);
        expect("12021 at 23fd0", "SOFTWARE_INTERRUPT 80 from 10008 sp 1fff8 user", "10005 at 1fff8");
        guest.run(3);
        assertEquals(3, cpu.cpl);
        expect("10005 at 1fff8");
        guest.run(2);
        expect();
    }

    @Test
    void anIretOnTheWayUsedAsAJumpPopsNoEntry() {
        // the handler serialises with an IRET to itself: mov eax, ss; push rax; lea rcx, [rsp+8]; push rcx; pushfq; mov
        // eax, cs; push rax; lea rcx, [rip+3]; push rcx; iretq; nop
        handler(0x80, 0x12000, "8cd0 50 488d4c2408 51 9c 8cc8 50 488d0d03000000 51 48cf 90 48cf");
        guest.code(CALL_NEXT + "cd80 90 c3");
        guest.run(12);
        assertEquals(0x12017, cpu.rip, "behind the inner IRET");
        expect("SOFTWARE_INTERRUPT 80 from 10008 sp 1fff8", "10005 at 1fff8");
        guest.run(2);
        expect("10005 at 1fff8");
    }

    @Test
    void systemCallsAreEntriesWithoutAFrame() {
        cpu.msrs.star = (long) SystemGuest.CODE0 << 32 | 0x10L << 48;
        cpu.msrs.lstar = 0x12000;
        // mov rdx, rsp; mov rsp, 24000h; call 12010h; mov rsp, rdx; sysretq; 12010: nop; ret
        guest.machine
                .memory()
                .write(
                        0x12000,
                        HexFormat.of()
                                .parseHex("4889e2" + "48c7c400400200" + "e806000000" + "4889d4" + "480f07" + "90"
                                        + "c3"));
        guest.enter(3);
        guest.code(CALL_NEXT + "0f05 90 c3");
        guest.run(5);
        List<String> inside = describe(cpu.shadow.chain());
        assertEquals(List.of("1200f at 23ff8", "SYSCALL ffffffff from 10008 sp 1fff8 user", "10005 at 1fff8"), inside);
    }

    @Test
    void callsOf32And16BitCodeHaveTheirOwnWidths() {
        SystemGuest g = SystemGuest.protectedMode();
        g.code("e801000000 f4 66e80100 f4 90"); // call 10006; hlt; 10006: call 1000b with 16-bit operands (goes to 0bh)
        g.machine.memory().write(0x0b, new byte[] {(byte) 0x90});
        g.run(3);
        assertEquals(List.of("a at 1fffa", "10005 at 1fffc"), describe(g.cpu.shadow.chain()));
    }

    @Test
    void aSnapshotBringsTheChainBack() {
        twoTasks();
        guest.run(7);
        try (Snapshot s = new Snapshot()) {
            s.take(guest.machine);
            guest.run(2);
            expect();
            s.restore(guest.machine);
            expect("10005 at 1fff8");
            assertEquals(List.of("1001d at 30000"), describe(cpu.shadow.chain(0x30000)));
        }
    }
}
