package ringside.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import ringside.lab.Stop.Reason;

/** The laboratory: what each mode starts with, every way to end, and what is reported. */
class LabTest {
    private final Lab lab = Lab.interpreted();

    @AfterEach
    void close() {
        lab.close();
    }

    private static byte[] hex(String s) {
        return HexFormat.of().parseHex(s.replace(" ", ""));
    }

    private static Experiment code(Mode m, String hex) {
        return new Experiment(m).code(hex(hex));
    }

    @Test
    void endsBehindTheCodeByDefault() {
        Result r = lab.run(code(Mode.LONG, "48 01 d8 90").register("rax", 5).register("rbx", -3)); // add rax,rbx; nop
        assertEquals(new Stop(Reason.UNTIL, -1, -1, 0x401004), r.stop());
        assertEquals(2, r.register("rax"));
        assertEquals(2, r.instructions());
        assertEquals(0x401004, r.register("rip"));
        assertEquals(0x13, r.register("rflags")); // CF, AF: 5 + FFFFFFFFFFFFFFFDh
        assertEquals(List.of(), r.memory());
    }

    @Test
    void reportsChangedMemoryAsRuns() {
        // mov [rdi], eax; push rax
        Result r = lab.run(code(Mode.LONG, "89 07 50")
                .map(0x10000, 0x2000, "rw")
                .write(0x10ffe, hex("aa 22 cc dd"))
                .register("rdi", 0x10ffe)
                .register("rax", 0x44332211L)
                .register("rsp", 0x12000));
        assertEquals(Reason.UNTIL, r.stop().reason());
        assertEquals(2, r.memory().size() - 1);
        assertEquals(0x10ffe, r.memory().get(0).address());
        assertArrayEquals(hex("11"), r.memory().get(0).bytes());
        assertEquals(0x11000, r.memory().get(1).address());
        assertArrayEquals(hex("33 44"), r.memory().get(1).bytes());
        assertEquals(0x11ff8, r.memory().get(2).address());
        assertArrayEquals(hex("11 22 33 44"), r.memory().get(2).bytes());
        assertArrayEquals(hex("11 22 33 44"), lab.read(0x10ffe, 4));
    }

    @Test
    void everyExperimentStartsAfresh() {
        Experiment e = code(Mode.LONG, "ff 05 fa 0f 00 00 d9 e8 0f 28 c1 fd")
                .map(0x402000, 4096, "rw")
                .write(0x402000, hex("07")); // inc dword [402000h]; fld1; ..
        Result first = lab.run(e);
        lab.run(code(Mode.REAL, "c6 06 00 05 77 f4"));
        lab.run(code(Mode.PROTECTED, "0f 22 d8"));
        assertEquals(first.registers(), lab.run(e).registers());
        assertArrayEquals(hex("08"), lab.run(e).memory().get(0).bytes());
        assertEquals(1, lab.run(e).memory().size());
    }

    @Test
    void endsAtHltInSupervisorMode() {
        Result r = lab.run(code(Mode.LONG, "f4 90"));
        assertEquals(new Stop(Reason.HLT, -1, -1, 0x401001), r.stop());
        assertEquals(1, r.instructions());
    }

    @Test
    void hltOfAUserProgramIsAFaultUnlessItIsTheEndAskedFor() {
        assertEquals(
                new Stop(Reason.EXCEPTION, 13, 0, 0x401000),
                lab.run(code(Mode.LONG, "f4").cpl(3)).stop());
        assertEquals(
                Reason.HLT,
                lab.run(code(Mode.LONG, "f4").cpl(3).untilHlt()).stop().reason());
    }

    @Test
    void endsAfterACountOrAtTheLimit() {
        assertEquals(
                new Stop(Reason.COUNT, -1, -1, 0x401000),
                lab.run(code(Mode.LONG, "eb fe").untilCount(1000)).stop());
        Result r = lab.run(code(Mode.LONG, "eb fe").limit(77));
        assertEquals(Reason.LIMIT, r.stop().reason());
        assertEquals(77, r.instructions());
    }

    @Test
    void endsAtAnAddressInTheMiddleOfABlockAndAgainInALoop() {
        Experiment e = code(Mode.LONG, "ff c0 ff c1 ff c2 eb f8").until(0x401004); // inc eax; inc ecx; inc edx; jmp
        Result r = lab.run(e);
        assertEquals(2, r.instructions());
        assertEquals(1, r.register("rcx"));
        assertEquals(0, r.register("rdx"));
        assertEquals(0, lab.run(e.register("rip", 0x401004)).instructions());
    }

    @Test
    void exceptionsAreNotDelivered() {
        Result r = lab.run(code(Mode.LONG, "90 8b 07").cpl(3).register("rdi", 0x12345678));
        assertEquals(new Stop(Reason.EXCEPTION, 14, 4, 0x401001), r.stop());
        assertEquals(0x12345678, r.register("cr2"));
        assertEquals(1, r.instructions());
        assertEquals(0x401001, r.register("rip"));
        assertEquals(
                new Stop(Reason.EXCEPTION, 6, -1, 0x401000),
                lab.run(code(Mode.LONG, "0f 0b")).stop());
        assertEquals(
                new Stop(Reason.EXCEPTION, 0, -1, 0x401000),
                lab.run(code(Mode.LONG, "f7 f1")).stop());
        assertEquals(
                new Stop(Reason.EXCEPTION, 1, -1, 0x401001),
                lab.run(code(Mode.LONG, "90 90").register("rflags", 0x102)).stop());
    }

    @Test
    void rightsOfPagesCount() {
        Experiment write = code(Mode.LONG, "89 07").map(0x10000, 1, "r").register("rdi", 0x10000);
        assertEquals(new Stop(Reason.EXCEPTION, 14, 3, 0x401000), lab.run(write).stop());
        assertEquals(
                new Stop(Reason.EXCEPTION, 14, 0x15, 0x10000),
                lab.run(code(Mode.LONG, "ff e7").cpl(3).map(0x10000, 1, "rw").register("rdi", 0x10000))
                        .stop());
        assertEquals(
                new Stop(Reason.EXCEPTION, 14, 0, 0x401000),
                lab.run(code(Mode.LONG, "8b 07").map(0x10000, 1, "").register("rdi", 0x10000))
                        .stop());
    }

    @Test
    void softwareInterruptsAndSystemCallsEndTheExperiment() {
        assertEquals(
                new Stop(Reason.INTERRUPT, 0x80, -1, 0x401002),
                lab.run(code(Mode.LONG, "cd 80").cpl(3)).stop());
        assertEquals(
                new Stop(Reason.INTERRUPT, 3, -1, 0x401001),
                lab.run(code(Mode.LONG, "cc").cpl(3)).stop());
        assertEquals(
                new Stop(Reason.SYSCALL, -1, -1, 0x401000),
                lab.run(code(Mode.LONG, "0f 05").cpl(3)).stop());
        assertEquals(
                new Stop(Reason.SYSENTER, -1, -1, 0x401000),
                lab.run(code(Mode.COMPAT, "0f 34").cpl(3)).stop());
    }

    @Test
    void theModesDifferAsOnTheProcessor() {
        assertEquals(0x1122, lab.run(code(Mode.PROTECTED, "66 b8 22 11")).register("eax"));
        assertEquals(0xffff_ffffL, lab.run(code(Mode.COMPAT, "48").cpl(3)).register("eax")); // dec eax, not REX
        assertEquals(0xffff, lab.run(code(Mode.REAL, "48")).register("eax")); // dec ax
        assertEquals(1, lab.run(code(Mode.PROTECTED, "0f 20 c0").cpl(0)).register("eax") & 1);
        assertEquals(0, lab.run(code(Mode.REAL, "0f 20 c0")).register("eax") & 1);
        assertEquals(
                new Stop(Reason.EXCEPTION, 13, 0, 0x401000),
                lab.run(code(Mode.PROTECTED, "0f 20 c0").cpl(3)).stop());
    }

    @Test
    void realModeDeliversThroughTheTableAtZeroWhenAsked() {
        // int 20h; hlt  -> handler at 0:600h: mov ax,1234h; iret
        Result r = lab.run(code(Mode.REAL, "cd 20 f4")
                .deliver(true)
                .untilHlt()
                .write(0x80, hex("00 06 00 00"))
                .write(0x600, hex("b8 34 12 cf")));
        assertEquals(Reason.HLT, r.stop().reason());
        assertEquals(0x1234, r.register("eax"));
        assertEquals(4, r.instructions());
    }

    @Test
    void exceptionsWithoutATableShutTheProcessorDown() {
        assertEquals(
                Reason.SHUTDOWN,
                lab.run(code(Mode.LONG, "0f 0b").deliver(true)).stop().reason());
    }

    @Test
    void realModeCodeAboveTheFirstSegmentGetsASegmentOfItsOwn() {
        Result r = lab.run(code(Mode.REAL, "8c c8").at(0x12345));
        assertEquals(0x1234, r.register("eax"));
        assertEquals(7, r.register("eip"));
        assertEquals(Reason.UNTIL, r.stop().reason());
    }

    @Test
    void registersOfEveryKindCanBeSetAndRead() {
        BigInteger pi = new BigInteger("4000c90fdaa22168c235", 16);
        BigInteger x = new BigInteger("00112233445566778899aabbccddeeff", 16);
        Result r = lab.run(code(Mode.LONG, "90")
                .register("st0", pi)
                .register("xmm9", x)
                .register("mxcsr", 0x7f80)
                .register("fcw", 0x27f)
                .register("r11b", 0x7f)
                .register("ah", 0x12)
                .register("fs_base", 0x1000)
                .register("fsw", 0x3800));
        assertEquals(pi, r.registers().get("st0"));
        assertEquals(x, r.registers().get("xmm9"));
        assertEquals(0x7f80, r.register("mxcsr"));
        assertEquals(0x27f, r.register("fcw"));
        assertEquals(0x3800, r.register("fsw"));
        assertEquals(0x7f, r.register("r11"));
        assertEquals(0x1200, r.register("rax"));
        assertEquals(0x1000, r.register("fs_base"));
    }

    @Test
    void selfModifyingCodeRunsAsWritten() {
        // mov byte [rip+1], 90h ; (overwrites the f4 behind it)
        Result r = lab.run(code(Mode.LONG, "c6 05 00 00 00 00 90 f4 90"));
        assertEquals(Reason.UNTIL, r.stop().reason());
        assertEquals(3, r.instructions());
    }

    @Test
    void theTraceSeesEveryInstruction() {
        StringBuilder seen = new StringBuilder();
        Result r = lab.run(
                code(Mode.LONG, "ff c0 90 0f 0b"),
                (cpu, i) -> seen.append(i.mnemonic).append(' '));
        assertEquals("INC NOP UD2 ", seen.toString());
        assertEquals(2, r.instructions());
        assertEquals(6, r.stop().vector());
    }

    @Test
    void vexInstructionsExistInProtectedModeOnly() {
        assertEquals(
                Reason.UNTIL,
                lab.run(code(Mode.PROTECTED, "c4 e2 78 f2 c3")).stop().reason()); // andn eax, eax, ebx
        assertEquals(
                new Stop(Reason.EXCEPTION, 6, -1, 0x7c00),
                lab.run(code(Mode.REAL, "c4 e2 78 f2 c3")).stop());
    }

    /** Bytes far from each other need no map, and a later map takes the place of an earlier one. */
    @Test
    void memoryIsSparseAndLaterMapsReplace() {
        Result r = lab.run(code(Mode.LONG, "8b 06 01 07")
                .register("rsi", 0x7000_0000_0000L)
                .register("rdi", 0x12_3456_7ffeL)
                .write(0x7000_0000_0000L, hex("05 00 00 00"))
                .write(0x12_3456_7ffeL, hex("fe ff 00 00")));
        assertEquals(Reason.UNTIL, r.stop().reason());
        assertEquals(1, r.memory().size());
        assertEquals(0x12_3456_7ffeL, r.memory().getFirst().address());
        assertEquals(0x10003, int32(lab.read(0x12_3456_7ffeL, 4)));
        // written, but then only readable
        Experiment e = code(Mode.LONG, "89 07").register("rdi", 0x6000).map(0x5000, 0x3000, "rw");
        assertEquals(Reason.UNTIL, lab.run(e).stop().reason());
        assertEquals(
                new Stop(Reason.EXCEPTION, 14, 3, 0x401000),
                lab.run(e.map(0x6000, 1, "r")).stop());
    }

    private static int int32(byte[] b) {
        return java.nio.ByteBuffer.wrap(b)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .getInt();
    }

    /** fld1 with TOP 0 writes register 7, which is st0 then. */
    @Test
    void x87RegistersHaveTheirOwnNumbersToo() {
        Result r = lab.run(code(Mode.LONG, "d9 e8").show("fpr7", "fpr0"));
        assertEquals(r.registers().get("st0"), r.registers().get("fpr7"));
        assertEquals("3fff8000000000000000", r.registers().get("fpr7").toString(16));
        assertEquals(0, r.registers().get("fpr0").signum());
        r = lab.run(code(Mode.LONG, "90").register("fsw", 3 << 11).register("fpr4", 77));
        assertEquals(77, r.register("st1"));
    }

    /** Lanes count from the lowest: paddd adds each by itself. */
    @Test
    void lanesOfVectorsAreRegisters() {
        Result r = lab.run(code(Mode.LONG, "66 0f fe c1")
                .register("xmm0", new java.math.BigInteger("00000004000000030000000200000001", 16))
                .register("xmm1.d1", 0xffff_ffffL)
                .register("xmm1.w6", 5)
                .show("xmm0.d0", "xmm0.d1", "xmm0.q1", "xmm0.b12"));
        assertEquals(1, r.register("xmm0.d0"));
        assertEquals(1, r.register("xmm0.d1"));
        assertEquals(0x9_0000_0003L, r.register("xmm0.q1"));
        assertEquals(9, r.register("xmm0.b12"));
    }

    /** Names of 64-bit mode mean the same registers elsewhere, and answers have the mode's own. */
    @Test
    void othersThan64BitModeAnswerByTheirOwnNames() {
        for (Mode m : new Mode[] {Mode.COMPAT, Mode.PROTECTED, Mode.REAL}) {
            Result r = lab.run(code(m, "90").register("rax", 5).register("rflags", 1));
            assertEquals(5, r.register("eax"));
            assertEquals(3, r.register("eflags"));
            assertTrue(r.registers().keySet().stream().noneMatch(n -> n.matches("r[a-ds].*|r\\d.*")), m.toString());
        }
    }

    @Test
    void mistakesAreNamed() {
        assertTrue(message(code(Mode.LONG, "90").register("rix", 1)).contains("unknown register 'rix'"));
        assertTrue(message(code(Mode.LONG, "90").register("al", 256)).contains("does not fit into 8 bits"));
        assertTrue(message(code(Mode.REAL, "90").write(0x20_0000, hex("00"))).contains("0x200000 is not mapped"));
        assertTrue(message(code(Mode.COMPAT, "90").register("r8d", 1)).contains("none outside 64-bit mode"));
        assertTrue(message(code(Mode.REAL, "90").register("xmm8.d1", 1)).contains("none outside 64-bit mode"));
        assertTrue(message(code(Mode.LONG, "90").register("xmm0.q2", 1)).contains("unknown register 'xmm0.q2'"));
        assertTrue(message(code(Mode.LONG, "90").map(0x7fff_ffff_f000L, 0x2000, "r"))
                .contains("not canonical"));
        assertTrue(
                message(code(Mode.COMPAT, "90").map(0xffff_f000L, 0x2000, "r")).contains("outside the address space"));
        assertTrue(
                message(code(Mode.LONG, "90").map(0, 1L << 40, "r")).contains("more memory than the laboratory has"));
        assertTrue(
                message(code(Mode.LONG, "90").register("cr4", 1L << 40 | 0x620)).contains("does not accept"));
        assertTrue(message(code(Mode.LONG, "90").register("cr0", 0)).contains("follow from the mode"));
        assertTrue(message(code(Mode.LONG, "90").register("rip", 1L << 50)).contains("not canonical"));
        assertEquals(Reason.UNTIL, lab.run(code(Mode.LONG, "90")).stop().reason());
    }

    private String message(Experiment e) {
        return assertThrows(LabException.class, () -> lab.run(e)).getMessage();
    }
}
