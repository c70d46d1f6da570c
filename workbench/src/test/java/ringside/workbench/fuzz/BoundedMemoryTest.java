package ringside.workbench.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import ringside.cpu.CpuModel;
import ringside.lab.Experiment;
import ringside.lab.PcLab;
import ringside.machine.Machine;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/** Guests that go on for ever and use something up each time round: what they make the machine hold has a bound. */
class BoundedMemoryTest {
    private static final long MIB = 1 << 20;
    private static final int P = 0x80000, Q = 0x81000, S = 0x82000, M = 0x83000;

    private static Experiment program(String hex) {
        return HostileGuestTest.program(
                        new Emit(0).raw(HexFormat.of().parseHex(hex.replace(" ", ""))), 0x50000, false, 0x8e)
                // the handler: mov dword [rbx+0b0h], 0; iretq
                .write(0x50000, HexFormat.of().parseHex("c783b00000000000000048cf"));
    }

    private static PcLab lab(String engine) {
        Machine.EngineFactory translator =
                Translator.factory(TranslatorOptions.after(2).withBackground(false));
        return new PcLab(
                engine.equals("interpreter") ? Machine::interpreter : translator, CpuModel.standard(), 2 * MIB);
    }

    private static long used() {
        System.gc();
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long classes() {
        return ManagementFactory.getClassLoadingMXBean().getLoadedClassCount();
    }

    static Stream<Arguments> endless() {
        Map<String, String> all = new LinkedHashMap<>();
        // CR4.PCIDE; l: inc r12d; CR3 = tables | r12d & fffh; jmp l
        all.put("all PCIDs in turn", "0f20e0 480fbae811 0f22e0 0f20db 41ffc4 4489e0 25ff0f0000 4809d8 0f22d8 ebed");
        // PML4[1..255] = PML4[0]; l: call (f | (++r12d & 7fh) << 39); jmp l; f: ret
        all.put(
                "one page of code at 128 addresses",
                "0f20db 488b03 b9ff000000 488904cb e2fa 0f22db 41ffc4 4489e2 83e27f 48c1e227 488d0507000000 4801d0"
                        + " ffd0 ebe5 c3");
        // l: APIC initial count = ++r12d; PIT channel 0 mode 2, reload r12; RTC register B = periodic interrupts; jmp l
        all.put(
                "timers that are set again and again",
                "bb8003e0fe 41ffc4 448923 b034e643 4489e0 e640e640 b00be670 b042e671 ebe5");
        // l: r12d ^= 10000h; IA32_APIC_BASE = fee00900h ^ r12d; jmp l
        all.put("an APIC that moves", "b91b000000 4181f400000100 b80009e0fe 4431e0 31d2 0f30 ebeb");
        // APIC on; l: ICR = ++r12d & ffh to self; ICR = NMI to self; sti; nop; cli; jmp l
        all.put(
                "interprocessor interrupts to itself",
                "bb0000e0fe c783f0000000ff010000 41ffc4 4489e0 25ff000000 0d00400400 898300030000 c7830003000000440400"
                        + " fb90fa ebdb");
        // l: fw_cfg select ++r12w, read; out 60h; command d2h to 64h; COM1: loop, send; out e9h; out cf8h; jmp l
        all.put(
                "devices that are written to",
                "ba10050000 41ffc4 4489e0 66ef ffc2 ec ba60000000 ee ba64000000 b0d2 ee bafc030000 b010 ee baf8030000"
                        + " ee bae9000000 ee baf80c0000 4489e0 ef ebc3");
        // l: mov ecx, 6; w: inc r12d; loop w; copy l..l+40h to l+40h, from 48000h on to 44000h; jump there
        all.put(
                "code that moves through memory",
                "b906000000 41ffc4 e2fb 488d35efffffff 488d7e40 4881ff00800400 7205 bf00400400 4889f8 b940000000 fc"
                        + " f3a4 ffe0");
        // l: mov rsp, 100000h; mov ecx, 0fffeh; c: call d; d: loop c; jmp l
        all.put("calls that never return", "48c7c400001000 b9feff0000 e800000000 e2f9 ebed");
        // l: mov rsp, 100000h; mov ecx, 8000h; push f; ret; f: loop; jmp l
        all.put("returns that were never called", "48c7c400001000 488d050300000050c3cc ebef");
        return all.entrySet().stream()
                .flatMap(e ->
                        Stream.of("interpreter", "translator").map(n -> Arguments.of(e.getKey(), n, e.getValue())));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("endless")
    void goingOnHoldsNoMore(String what, String engine, String code) {
        try (PcLab lab = lab(engine)) {
            lab.stopOf(program(code).limit(60_000));
            long heap = used();
            long classes = classes();
            lab.stopOf(program(code).limit(300_000));
            assertTrue(lab.machine().cpu().instructions() >= 300_000, "it runs for ever");
            long grown = used() - heap;
            assertTrue(grown < 8 * MIB, "the heap has grown by " + grown + " bytes");
            assertTrue(classes() - classes < 500, "classes: " + (classes() - classes));
        }
    }

    /**
     * Two pages overwrite each other by turns: each region leads to a later one, the first is led to by code that
     * stays.
     */
    @Test
    void regionsThatAreVoidDoNotHoldEachOther() {
        try (PcLab lab = new PcLab(Translator.factory(TranslatorOptions.after(1)), CpuModel.standard(), 2 * MIB)) {
            // M: call P; jmp M. P: mov eax, imm; cmp r14d, 3; jb r; mov edi, Q+1; call S; jmp Q; r: inc r14d; ret. Q:
            // mov eax, imm; mov edi, P+1; call S; jmp P
            // S: eax = ++r15d & 7; if eax is 1 (from P) or 4 (from Q): inc dword [rdi]; ret
            Experiment e = HostileGuestTest.program(new Emit(0).move(0, M).bytes(0xff, 0xe0), 0x50000, false, 0x8e)
                    .write(
                            M,
                            new Emit(M)
                                    .bytes(0xe8)
                                    .i32(P - M - 5)
                                    .bytes(0xeb, 0xf9)
                                    .done())
                    .write(
                            P,
                            new Emit(P)
                                    .bytes(0xb8)
                                    .i32(0)
                                    .bytes(0x41, 0x83, 0xfe, 3, 0x72, 15, 0xbf)
                                    .i32(Q + 1)
                                    .bytes(0xe8)
                                    .i32(S - P - 21)
                                    .bytes(0xe9)
                                    .i32(Q - P - 26)
                                    .bytes(0x41, 0xff, 0xc6, 0xc3)
                                    .done())
                    .write(
                            Q,
                            new Emit(Q)
                                    .bytes(0xb8)
                                    .i32(0)
                                    .bytes(0xbf)
                                    .i32(P + 1)
                                    .bytes(0xe8)
                                    .i32(S - Q - 15)
                                    .bytes(0xe9)
                                    .i32(P - Q - 20)
                                    .done())
                    .write(
                            S,
                            new Emit(S)
                                    .bytes(
                                            0x41, 0xff, 0xc7, 0x44, 0x89, 0xf8, 0x83, 0xe0, 7, 0xff, 0xc8, 0x74, 5,
                                            0x83, 0xe8, 3, 0x75, 2, 0xff, 0x07, 0xc3)
                                    .done());
            lab.stopOf(e.limit(1_000));
            used();
            long before = classes();
            lab.stopOf(e.limit(30_000));
            used();
            assertTrue(classes() - before < 100, "classes that are held: " + (classes() - before));
        }
    }

    @Test
    void codeThatIsEnteredAtEachOfItsBytesIsDecodedWithinABound() {
        try (PcLab lab = lab("interpreter")) {
            // 1 MiB of NOPs with a RET every 64 bytes, called at each address
            Experiment e = program(
                    "bf00001000 b090 b900001000 f3aa bf40001000 c607c3 83c740 81ff00002000 72f2 bb00001000 ffd3 ffc3"
                            + " 81fbffff1f00 72f4 ebed");
            lab.stopOf(e.limit(5_000_000));
            assertTrue(
                    lab.machine().blocks().built > 100_000,
                    "blocks: " + lab.machine().blocks().built);
            long heap = used();
            assertTrue(
                    lab.machine().blocks().instructions()
                            <= Runtime.getRuntime().maxMemory() / 1024 + 64,
                    "instructions held: " + lab.machine().blocks().instructions());
            assertTrue(heap < Runtime.getRuntime().maxMemory() / 2, "heap: " + heap);
        }
    }
}
