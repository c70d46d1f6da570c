package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Indirect branch tracking (SDM vol. 1, 17.3): where ENDBR must stand, what happens where it does not. */
class IndirectBranchTrackingTest {
    private static final long EN = 4,
            LEGACY = 8,
            NO_TRACK = 16,
            SUPPRESS_DIS = 32,
            SUPPRESS = 1 << 10,
            TRACKER = 1 << 11;
    private static final String ENDBR = "f30f1efa", ENDBR_32 = "f30f1efb";
    /** lea rax, [rip+2]; jmp rax */
    private static final String JUMP = "488d0502000000 ffe0";

    private SystemGuest guest;
    private Cpu cpu;

    @BeforeEach
    void enable() {
        guest = SystemGuest.longMode(CpuModel.parse("max,+ibt"));
        cpu = guest.cpu;
        cpu.cr4 |= Cpu.CR4_CET;
    }

    /** Level 0 or 3, with its control register; faults of level 3 go to handlers that are not tracked. */
    private void level(int cpl, long control) {
        if (cpl == 3) cpu.msrs.uCet = control;
        else cpu.msrs.sCet = control;
        guest.enter(cpl);
    }

    private void handler(int vector, String... code) {
        long at = SystemGuest.HANDLERS + vector;
        for (byte b : java.util.HexFormat.of().parseHex(String.join("", code))) guest.put(at++, 1, b & 0xff);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void anIndirectJumpToEndbrGoesOn(int cpl) {
        level(cpl, EN);
        guest.code(JUMP + ENDBR + "90");
        guest.run(2);
        assertEquals(EN | TRACKER, cpl == 3 ? cpu.msrs.uCet : cpu.msrs.sCet);
        guest.run(2);
        assertEquals(EN, cpl == 3 ? cpu.msrs.uCet : cpu.msrs.sCet);
        assertEquals(0x1000e, cpu.rip);
    }

    @ParameterizedTest
    @CsvSource({"nop, 90", "ENDBR32, f30f1efb", "ud2, 0f0b"})
    void anythingElseThereIsAControlProtectionFaultBeforeItExecutes(String name, String code) {
        level(3, EN);
        guest.code(JUMP + code);
        assertEquals(Vector.CP, guest.run(3));
        assertEquals(3, guest.frame(2)[0], "ENDBRANCH");
        assertEquals(0x10009, guest.frame(2)[1]);
        assertEquals(EN | TRACKER, cpu.msrs.uCet, "still waiting, so that a restart faults again");
    }

    @Test
    void callsThroughMemoryAreTrackedAndDirectBranchesAndReturnsAreNot() {
        level(3, EN);
        guest.code("e800000000 58 6a00 4883c00a 50 c3 90"); // call next; pop; push 0; add rax, 10; push rax; ret
        guest.run(6);
        assertEquals(EN, cpu.msrs.uCet);
        guest.code("ff1500000000 00000000"); // call [rip]: the pointer holds no code address that matters
        guest.put(SystemGuest.CODE + 6, 8, SystemGuest.CODE + 0x100);
        guest.put(SystemGuest.CODE + 0x100, 1, 0x90);
        assertEquals(Vector.CP, guest.run(2));
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "20, 1"})
    void theNoTrackPrefixCountsOnlyWhereItIsEnabled(long control, int retired) {
        level(3, control);
        guest.code("488d0503000000 3effe0 90 f4");
        int vector = guest.run(3);
        assertEquals(retired == 1 ? -1 : Vector.CP, vector);
    }

    @Test
    void anInterruptMakesItsHandlerBeginWithEndbrAndLeavesTheUsersStateAlone() {
        cpu.msrs.sCet = EN;
        handler(0x80, ENDBR, "f4");
        level(3, EN);
        guest.code("cd80");
        guest.run(1);
        assertEquals(EN | TRACKER, cpu.msrs.sCet);
        assertEquals(EN, cpu.msrs.uCet);
        guest.run(1);
        assertEquals(EN, cpu.msrs.sCet);
        assertEquals(SystemGuest.HANDLERS + 0x84, cpu.rip);
    }

    @Test
    void aHandlerWithoutEndbrFaultsToo() {
        cpu.msrs.sCet = EN;
        handler(Vector.CP, ENDBR, "f4");
        level(3, 0);
        guest.code("cd80");
        guest.run(2);
        assertEquals(SystemGuest.HANDLERS + Vector.CP + 4, cpu.rip);
        assertEquals(3, guest.frame(2)[0]);
        assertEquals(SystemGuest.HANDLERS + 0x80, guest.frame(2)[1]);
    }

    @Test
    void syscallWaitsInTheKernel() {
        cpu.msrs.sCet = EN;
        cpu.efer |= Cpu.EFER_SCE;
        cpu.msrs.star = (long) SystemGuest.CODE0 << 32;
        cpu.msrs.lstar = SystemGuest.CODE + 0x100;
        level(3, EN);
        guest.code("0f05");
        guest.run(1);
        assertEquals(EN | TRACKER, cpu.msrs.sCet);
    }

    @Test
    void aBreakpointMayStandInPlaceOfEndbr() {
        level(3, EN);
        guest.code(JUMP + "cc");
        assertEquals(3, guest.run(4));
        assertEquals(EN | TRACKER, cpu.msrs.uCet);
    }

    @ParameterizedTest
    @CsvSource({"true, false, 1024", "true, true, 0", "false, false, 0"})
    void aPageInTheLegacyBitmapMayLackEndbr(boolean listed, boolean noSuppression, long state) {
        int bitmap = 0x30000;
        for (int page : new int[] {bitmap}) guest.put(SystemGuest.PT + 8 * (page >> 12), 8, page | 7);
        guest.put(bitmap + (SystemGuest.CODE >> 15), 1, listed ? 1 << (SystemGuest.CODE >> 12 & 7) : 0);
        long control = EN | LEGACY | (noSuppression ? SUPPRESS_DIS : 0) | bitmap;
        level(3, control);
        guest.code(JUMP + "90 90");
        int vector = guest.run(3);
        assertEquals(listed ? -1 : Vector.CP, vector);
        if (listed) assertEquals(control | state, cpu.msrs.uCet);
    }

    @Test
    void suppressedTrackingEndsAtTheNextEndbr() {
        level(3, EN | SUPPRESS);
        guest.code(JUMP + "90" + ENDBR + "90");
        guest.run(3);
        assertEquals(EN | SUPPRESS, cpu.msrs.uCet);
        guest.run(1);
        assertEquals(EN, cpu.msrs.uCet);
    }

    @ParameterizedTest
    @CsvSource({"4, false", "3, true", "64, true", "3072, true", "0x800000000000, true", "0x7ffffffff03c, false"})
    void theControlRegistersTakeOnlyWhatExists(String value, boolean faults) {
        level(0, 0);
        long v = Long.decode(value);
        cpu.gpr[Cpu.RCX] = 0x6a2;
        cpu.gpr[Cpu.RAX] = v & 0xffff_ffffL;
        cpu.gpr[Cpu.RDX] = v >>> 32;
        guest.code("0f30 90");
        int vector = guest.run(2);
        assertEquals(faults ? Vector.GP : -1, vector);
    }

    @Test
    void withoutTheFeatureNothingOfItExists() {
        guest = SystemGuest.longMode(CpuModel.parse("max"));
        cpu = guest.cpu;
        guest.enter(0);
        cpu.gpr[Cpu.RCX] = 0x6a0;
        guest.code("0f32");
        assertEquals(Vector.GP, guest.run(2));
        guest.code(ENDBR + ENDBR_32 + "90");
        cpu.halted = false;
        guest.run(3);
        assertEquals(SystemGuest.CODE + 9, cpu.rip);
    }
}
