package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Architectural shadow stacks: what calls, returns, entries and the instructions do with them (SDM vol. 1, chapter 17).
 */
class CetTest {
    /** Linear and physical addresses of the two shadow stacks' upper ends; each lies in a page of its own. */
    private static final int SHADOW0 = 0x31000, SHADOW3 = 0x33000, SHADOW_IST = 0x35000, TABLE = 0x36000;

    private static final int PRESENT = 1, DIRTY = 0x40;
    private static final int SHADOW_BIT = 64;
    private static final String CALL_NEXT = "e801000000 f4";

    private SystemGuest guest;
    private Cpu cpu;

    @BeforeEach
    void enable() {
        guest = SystemGuest.longMode(CpuModel.parse("max,+shstk"));
        cpu = guest.cpu;
        for (int page : new int[] {SHADOW0 - 0x1000, SHADOW0, SHADOW_IST - 0x1000}) page(page, PRESENT | DIRTY);
        for (int page : new int[] {SHADOW3 - 0x1000, SHADOW3}) page(page, PRESENT | DIRTY | SystemGuest.USER);
        cpu.cr4 |= Cpu.CR4_CET;
        cpu.msrs.uCet = cpu.msrs.sCet = 3;
    }

    private void page(int la, int flags) {
        guest.put(SystemGuest.PT + 8 * (la >> 12), 8, la | flags);
    }

    private void level(int cpl) {
        guest.enter(cpl);
        cpu.ssp = cpl == 3 ? SHADOW3 : SHADOW0;
    }

    /** Runs and expects an exception with its error code, at the top of the frame. */
    private void expectFault(int vector, int error, int steps) {
        assertEquals(vector, guest.run(steps));
        assertEquals(error, guest.frame(1)[0]);
    }

    /** Gives a vector an interrupt stack with a shadow stack of its own, for faults of the shadow stack in use. */
    private void onInterruptStack(int vector) {
        guest.gate(vector, 0xee, 1);
        cpu.msrs.interruptSspTable = TABLE;
        guest.put(TABLE + 8, 8, SHADOW_IST - 8);
        guest.put(SHADOW_IST - 8, 8, SHADOW_IST - 8);
    }

    @Test
    void callsPushToBothStacksAndReturnsCompare() {
        level(0);
        guest.code(CALL_NEXT + "90 c3");
        guest.run(1);
        assertEquals(SHADOW0 - 8, cpu.ssp);
        assertEquals(0x10005, guest.get(SHADOW0 - 8, 8));
        guest.run(2);
        assertEquals(SHADOW0, cpu.ssp);
        assertEquals(0x10005, cpu.rip);
    }

    @Test
    void aCallToTheNextInstructionPushesOnlyToTheStack() {
        level(0);
        guest.code("e800000000 58 f4");
        guest.run(2);
        assertEquals(SHADOW0, cpu.ssp);
        assertEquals(0x10005, cpu.gpr[Cpu.RAX]);
    }

    @Test
    void aReturnAddressThatWasChangedRaisesControlProtection() {
        level(0);
        guest.code(CALL_NEXT + "48890424 c3"); // mov [rsp], rax; ret
        assertEquals(Vector.CP, guest.run(3));
        long[] frame = guest.frame(2);
        assertEquals(1, frame[0], "NEAR-RET");
        assertEquals(0x1000a, frame[1]);
    }

    @Test
    void anInterruptAtTheSameLevelPushesCsRipAndPointerAndIretComparesThem() {
        guest.put(SystemGuest.HANDLERS + 0x80, 2, 0xcf48);
        level(0);
        guest.code("cd80 90 f4");
        guest.run(1);
        assertEquals(SHADOW0 - 24, cpu.ssp);
        assertEquals(SHADOW0, guest.get(SHADOW0 - 24, 8));
        assertEquals(0x10002, guest.get(SHADOW0 - 16, 8));
        assertEquals(SystemGuest.CODE0, guest.get(SHADOW0 - 8, 8));
        guest.run(1);
        assertEquals(0x10002, cpu.rip);
        assertEquals(SHADOW0, cpu.ssp);
    }

    @Test
    void anIretToAnAddressTheShadowStackDoesNotHaveRaisesControlProtection() {
        guest.put(SystemGuest.HANDLERS + 0x80, 8, 0xcf48_2404_ff48L); // inc qword [rsp]; iretq
        level(0);
        guest.code("cd80 90 f4");
        expectFault(Vector.CP, 2, 4);
    }

    @Test
    void anEntryFromUserModeTakesTheTokenOfLevelZeroAndTheReturnFreesIt() {
        guest.put(SystemGuest.HANDLERS + 0x80, 2, 0xcf48);
        guest.put(SHADOW0 - 8, 8, SHADOW0 - 8);
        cpu.msrs.plSsp[0] = SHADOW0 - 8;
        level(3);
        guest.code("cd80 90 f4");
        guest.run(1);
        assertEquals(SHADOW3, cpu.msrs.plSsp[3]);
        assertEquals(SHADOW0 - 8, cpu.ssp);
        assertEquals(SHADOW0 - 8 | 1, guest.get(SHADOW0 - 8, 8));
        guest.run(1);
        assertEquals(3, cpu.cpl);
        assertEquals(SHADOW3, cpu.ssp);
        assertEquals(SHADOW0 - 8, guest.get(SHADOW0 - 8, 8));
    }

    @Test
    void aBusyTokenMakesTheEntryFault() {
        onInterruptStack(Vector.GP);
        guest.put(SHADOW0 - 8, 8, SHADOW0 - 8 | 1);
        cpu.msrs.plSsp[0] = SHADOW0 - 8;
        level(3);
        guest.code("cd80 90 f4");
        expectFault(Vector.GP, 0, 2);
        assertEquals(SHADOW_IST - 8, cpu.ssp);
    }

    @Test
    void anInterruptStackHasAShadowStackOfItsOwn() {
        onInterruptStack(0x80);
        guest.put(SystemGuest.HANDLERS + 0x80, 2, 0xcf48);
        level(0);
        guest.code("cd80 90 f4");
        guest.run(1);
        assertEquals(SHADOW_IST - 32, cpu.ssp);
        assertEquals(SHADOW_IST - 8 | 1, guest.get(SHADOW_IST - 8, 8));
        guest.run(1);
        assertEquals(SHADOW0, cpu.ssp);
        assertEquals(SHADOW_IST - 8, guest.get(SHADOW_IST - 8, 8), "the token is free again");
    }

    @Test
    void shadowStackPagesAreNotWrittenByStores() {
        level(0);
        guest.code("c7042500000300 01000000"); // mov dword [30000h], 1
        cpu.rip = SystemGuest.CODE;
        expectFault(Vector.PF, 3, 1);
    }

    @Test
    void otherPagesAreNotWrittenByCallsAndTheErrorCodeSaysSo() {
        onInterruptStack(Vector.PF);
        level(0);
        cpu.ssp = 0x40000;
        guest.code(CALL_NEXT + "90");
        expectFault(Vector.PF, 1 | 2 | SHADOW_BIT, 1);
        assertEquals(0x3fff8, cpu.cr2);
        assertEquals(SystemGuest.STACK, guest.frame(5)[4], "nothing was pushed");
    }

    @Test
    void aUserShadowStackIsNoSupervisorShadowStack() {
        onInterruptStack(Vector.PF);
        level(0);
        cpu.ssp = SHADOW3;
        guest.code(CALL_NEXT + "90");
        expectFault(Vector.PF, 1 | 2 | SHADOW_BIT, 1);
    }

    /** A missing page: what each access says (SDM vol. 3, 4.7), and that it succeeds once the page is there. */
    @ParameterizedTest(name = "{0} at level {1}")
    @CsvSource({
        "call, 3, e801000000, 46",
        "ret, 3, c3, 44",
        "incsspq rcx, 3, f3480faee9, 44",
        "saveprevssp, 3, f30f01ea, 44",
        "'rstorssp [32ff8h]', 3, f30f012c25f82f0300, 46",
        "'wrssq [32ff8h] rax', 3, 480f38f60425f82f0300, 46",
        "'wrussq [32ff8h] rax', 0, 66480f38f50425f82f0300, 46",
        "call, 0, e801000000, 42",
        "ret, 0, c3, 40",
        "incsspq rcx, 0, f3480faee9, 40",
        "'rstorssp [30ff8h]', 0, f30f012c25f80f0300, 42",
        "'wrssq [30ff8h] rax', 0, 480f38f60425f80f0300, 42",
        "setssbsy, 0, f30f01e8, 42",
        "'clrssbsy [30ff8h]', 0, f30fae3425f80f0300, 42",
    })
    void aMissingShadowStackPageIsAPageFaultThatSaysWhatWasDone(String name, int cpl, String hex, String error) {
        boolean user = error.equals("46") || error.equals("44");
        int top = user ? SHADOW3 : SHADOW0;
        long token = top - 8;
        boolean supervisorToken = name.startsWith("setssbsy");
        guest.put(token, 8, name.startsWith("rstorssp") ? top | 1 : name.startsWith("saveprevssp") ? top | 3 : token);
        if (name.startsWith("clrssbsy")) guest.put(token, 8, token | 1);
        if (name.equals("ret")) guest.put(token, 8, SystemGuest.CODE + 0x100);
        guest.put(SystemGuest.STACK, 8, SystemGuest.CODE + 0x100);
        cpu.msrs.plSsp[0] = supervisorToken ? token : 0;
        onInterruptStack(Vector.PF);
        int missing = top - 0x1000;
        page(missing, 0);
        level(cpl);
        cpu.ssp = name.equals("call") ? top : token;
        cpu.gpr[Cpu.RCX] = 1;
        guest.code(hex);
        expectFault(Vector.PF, Integer.parseInt(error, 16), 1);
        assertEquals(token, cpu.cr2);

        page(missing, PRESENT | DIRTY | (user ? SystemGuest.USER : 0));
        cpu.halted = false;
        cpu.gpr[Cpu.RSP] = SystemGuest.STACK;
        level(cpl);
        cpu.ssp = name.equals("call") ? top : token;
        cpu.rip = SystemGuest.CODE;
        assertEquals(-1, guest.run(1), "done again");
        assertEquals(
                name.equals("ret")
                        ? SystemGuest.CODE + 0x100
                        : SystemGuest.CODE + hex.length() / 2 + (name.equals("call") ? 1 : 0),
                cpu.rip);
    }

    @Test
    void rdsspAndIncsspReadAndRaiseThePointer() {
        level(3);
        cpu.ssp = SHADOW3 - 0x100;
        guest.code("f3480f1ec8 b902000000 f3480faee9 f30f1eca"); // rdsspq rax; mov ecx, 2; incsspq rcx; rdsspd edx
        guest.run(4);
        assertEquals(SHADOW3 - 0x100, cpu.gpr[Cpu.RAX]);
        assertEquals(SHADOW3 - 0xf0, cpu.gpr[Cpu.RDX]);
    }

    @Test
    void withoutShadowStacksRdsspDoesNothingAndIncsspIsUndefined() {
        cpu.msrs.sCet = 0;
        level(0);
        cpu.gpr[Cpu.RAX] = 5;
        guest.code("f3480f1ec8 f3480faee8");
        assertEquals(Vector.UD, guest.run(2));
        assertEquals(5, cpu.gpr[Cpu.RAX]);
    }

    @Test
    void rstorsspAndSaveprevsspSwitchShadowStacks() {
        level(3);
        guest.put(SHADOW3 - 0x808, 8, SHADOW3 - 0x800 | 1);
        guest.code("f30f012c25" + "f8270300" + "f30f01ea"); // rstorssp [327f8h]; saveprevssp
        guest.run(1);
        assertEquals(SHADOW3 - 0x808, cpu.ssp);
        assertEquals(SHADOW3 | 3, guest.get(SHADOW3 - 0x808, 8));
        guest.run(1);
        assertEquals(SHADOW3 - 0x800, cpu.ssp);
        assertEquals(SHADOW3 | 1, guest.get(SHADOW3 - 8, 8), "a restore token on the old one");
    }

    @Test
    void rstorsspRefusesWhatIsNoToken() {
        guest.put(SHADOW0 - 8, 8, SHADOW0 - 8);
        cpu.msrs.plSsp[0] = SHADOW0 - 8;
        level(3);
        guest.code("f30f012c25f8270300");
        expectFault(Vector.CP, 4, 1);
    }

    @Test
    void wrssWritesOnlyShadowStacksAndWrussThoseOfTheUser() {
        level(0);
        guest.code("b807000000 480f38f6042500080300" + "66480f38f5042500280300"
                + "480f38f6042500280300"); // mov eax, 7; wrssq [30800h], rax; wrussq [32800h], rax; wrssq [32800h], rax
        expectFault(Vector.PF, 1 | 2 | SHADOW_BIT, 4);
        assertEquals(7, guest.get(0x30800, 8));
        assertEquals(7, guest.get(0x32800, 8));
    }

    @Test
    void setssbsyAndClrssbsyMarkTheToken() {
        level(0);
        guest.put(SHADOW0 - 8, 8, SHADOW0 - 8);
        cpu.msrs.plSsp[0] = SHADOW0 - 8;
        guest.code("f30f01e8" + "f30fae3425f80f0300"); // setssbsy; clrssbsy [30ff8h]
        guest.run(1);
        assertEquals(SHADOW0 - 8, cpu.ssp);
        assertEquals(SHADOW0 - 8 | 1, guest.get(SHADOW0 - 8, 8));
        guest.run(1);
        assertEquals(0, cpu.ssp);
        assertEquals(SHADOW0 - 8, guest.get(SHADOW0 - 8, 8));
        assertEquals(0, cpu.rflags() & Flags.CF);
    }

    @Test
    void setssbsyRefusesABusyToken() {
        level(0);
        guest.put(SHADOW0 - 8, 8, SHADOW0 - 8 | 1);
        cpu.msrs.plSsp[0] = SHADOW0 - 8;
        guest.code("f30f01e8");
        expectFault(Vector.CP, 5, 1);
    }

    @Test
    void endbranchIsNoOperation() {
        level(3);
        guest.code("f30f1efa f30f1efb");
        guest.run(2);
        assertEquals(SystemGuest.CODE + 8, cpu.rip);
    }

    @Test
    void theProcessorSaysWhatItHasAndGivesNothingWithoutTheOption() {
        assertEquals(1 << 7, Cpuid.leaf(cpu, 7, 0)[2] & 1 << 7);
        assertEquals(16, Cpuid.leaf(cpu, 0xd, 11)[0]);
        assertEquals(24, Cpuid.leaf(cpu, 0xd, 12)[0]);
        SystemGuest plain = SystemGuest.longMode();
        assertEquals(0, Cpuid.leaf(plain.cpu, 7, 0)[2] & 1 << 7);
        plain.code("b9a0060000 0f32"); // mov ecx, 6a0h; rdmsr
        assertEquals(Vector.GP, plain.run(2));
    }

    @Test
    void theGuestsOwnChainCanBeRead() {
        level(3);
        assertEquals(0, cpu.ssp & 7);
        guest.code(CALL_NEXT + "e801000000 f4 90");
        guest.run(2);
        List<Long> words = new ArrayList<>();
        for (GuestShadowStack.Word w : GuestShadowStack.current(cpu)) words.add(w.value());
        assertEquals(List.of(0x1000bL, 0x10005L), words.subList(0, 2));
        cpu.msrs.uCet = 0;
        assertNull(GuestShadowStack.ofUser(cpu));
    }
}
