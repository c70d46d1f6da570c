package ringside.workbench.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import ringside.cpu.CpuModel;
import ringside.lab.Experiment;
import ringside.lab.Mode;
import ringside.lab.PcLab;
import ringside.lab.Stop;
import ringside.machine.Machine;
import ringside.memory.HostMemory;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.exec.CaseSpec;

/**
 * Guests that mean harm, with fixed seeds: they end, can be stopped at any time, keep the engines equal, and touch no
 * host memory but their own RAM.
 */
class HostileGuestTest {
    private static final CpuModel MODEL = CpuModel.standard();
    /** Ends that some of the endless programs come to by themselves. */
    private static final Set<Stop.Reason> ENDED = Set.of(Stop.Reason.SHUTDOWN, Stop.Reason.HLT, Stop.Reason.RESET);

    private static Machine.EngineFactory translator() {
        return Translator.factory(TranslatorOptions.after(2).withBackground(false));
    }

    static Stream<Machine.EngineFactory> engines() {
        return Stream.of(Machine::interpreter, translator());
    }

    private static Map<String, Object> hostile(long seed) {
        Map<String, Object> c = new LinkedHashMap<>();
        new SystemCases(new SplittableRandom(seed)).hostile(c);
        return c;
    }

    @Test
    void randomTablesCodeAndDevicesDoTheSameOnBothEngines() throws IOException {
        try (Fuzzer f = new Fuzzer(MODEL, translator(), null)) {
            for (long seed = 1; seed <= 60; seed++) {
                Map<String, Object> c = hostile(seed);
                assertEquals(List.of(), f.differences(c), () -> c.toString());
            }
        }
    }

    // ---- guard pages ----

    /**
     * @return pages of [from, from+bytes) that this process has ever touched: the "present" bits of the kernel's page
     *     map
     */
    private static int touched(long from, long bytes) throws IOException {
        try (RandomAccessFile map = new RandomAccessFile("/proc/self/pagemap", "r")) {
            int n = 0;
            for (long page = from >>> 12; page < from + bytes >>> 12; page++) {
                map.seek(page * 8);
                if (Long.reverseBytes(map.readLong()) < 0) n++;
            }
            return n;
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void noHostMemoryAroundGuestRamIsEverTouched(Machine.EngineFactory engine) throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/self/pagemap")), "needs Linux");
        // larger than what malloc may have left in its heap by the tests before, so that it is a fresh mapping
        try (PcLab lab = new PcLab(engine, MODEL, 256 << 20)) {
            long ram = lab.machine().memory().ramPage(0);
            long end = ram + lab.machine().memory().size();
            long guard = HostMemory.GUARD - 0x2000;
            for (long seed = 1; seed <= 12; seed++)
                lab.stopOf(CaseSpec.of(hostile(seed)).experiment());
            assertEquals(0, touched(ram - guard, guard) + touched(end, guard), "guard pages touched by guests");
            HostMemory.get8(ram - 1);
            HostMemory.get8(end + 0x5000);
            assertEquals(2, touched(ram - guard, guard) + touched(end, guard), "the test sees a touch");
        }
    }

    // ---- always to be stopped ----

    /**
     * A program for 64-bit mode on a PC whose handlers (all vectors) are at {@code handler}, on IST 1 if {@code ist}.
     */
    static Experiment program(Emit code, long handler, boolean ist, int access) {
        java.nio.ByteBuffer idt = java.nio.ByteBuffer.allocate(4096).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int v = 0; v < 256; v++) {
            idt.putLong(handler & 0xffff | 8L << 16 | (ist ? 1L << 32 : 0) | (long) access << 40 | handler >> 16 << 48)
                    .putLong(0);
        }
        java.nio.ByteBuffer tss = java.nio.ByteBuffer.allocate(0x68).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        tss.putLong(36, 0x70000);
        java.nio.ByteBuffer gdt = java.nio.ByteBuffer.allocate(0x30).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        gdt.putLong(8, 0x00af_9b00_0000_ffffL)
                .putLong(16, 0x00cf_9300_0000_ffffL)
                .putLong(24, 0x67 | 0x12000L << 16 | 0x89L << 40);
        java.nio.ByteBuffer pointers = java.nio.ByteBuffer.allocate(32).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        pointers.putShort(0, (short) 0x2f)
                .putLong(2, 0x10000)
                .putShort(16, (short) 0xfff)
                .putLong(18, 0x11000);
        Emit start = new Emit(0x40000)
                .move(4, 0x61000)
                .bytes(0x0f, 0x01, 0x14, 0x25)
                .i32(0x12800)
                .bytes(0x0f, 0x01, 0x1c, 0x25)
                .i32(0x12810);
        start.move(0, 24).bytes(0x0f, 0x00, 0xd8).raw(code.done());
        return new Experiment(Mode.LONG)
                .pc(true)
                .at(0x40000)
                .code(start.done())
                .write(0x11000, idt.array())
                .write(0x10000, gdt.array())
                .write(0x12000, tss.array())
                .write(0x12800, pointers.array())
                .untilHlt();
    }

    private static Emit code() {
        return new Emit(0);
    }

    private static byte[] hex(String s) {
        return java.util.HexFormat.of().parseHex(s.replace(" ", ""));
    }

    private static Experiment program(String code) {
        return program(code().raw(hex(code)), 0x50000, false, 0x8e);
    }

    private static void task(java.nio.ByteBuffer b, int at, int eip) {
        b.putInt(at + 0x20, eip).putInt(at + 0x24, 2).putInt(at + 0x38, 0x60000);
        for (int s = 0x48; s <= 0x5c; s += 4) b.putInt(at + s, s == 0x4c ? 8 : 16);
    }

    /**
     * 32-bit code with two tasks, 18h (running) and 20h, which starts at 50000h; all interrupts go to the second by
     * task gates.
     */
    private static Experiment tasks(String first, String second) {
        java.nio.ByteBuffer b = java.nio.ByteBuffer.allocate(0x3000).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        b.putLong(8, 0x00cf_9b00_0000_ffffL)
                .putLong(16, 0x00cf_9300_0000_ffffL)
                .putLong(24, 0x67 | 0x12000L << 16 | 0x89L << 40)
                .putLong(32, 0x67 | 0x12100L << 16 | 0x89L << 40);
        for (int v = 0; v < 256; v++) b.putLong(0x1000 + 8 * v, 0x20L << 16 | 0x85L << 40);
        task(b, 0x2000, 0x40000);
        task(b, 0x2100, 0x50000);
        b.putShort(0x2800, (short) 0x27)
                .putInt(0x2802, 0x10000)
                .putShort(0x2810, (short) 0x7ff)
                .putInt(0x2812, 0x11000);
        // lgdt; lidt; mov ax, 18h; ltr ax
        return new Experiment(Mode.PROTECTED)
                .pc(true)
                .at(0x40000)
                .code(hex("0f011500280100 0f011d10280100 66b81800 0f00d8" + first))
                .write(0x10000, b.array())
                .write(0x50000, hex(second))
                .untilHlt();
    }

    static Stream<org.junit.jupiter.params.provider.Arguments> endless() {
        Map<String, Experiment> all = new LinkedHashMap<>();
        all.put(
                "a handler that faults at once on its own stack",
                program(code().bytes(0x0f, 0x0b), 0x50000, true, 0x8e).write(0x50000, new byte[] {0x0f, 0x0b}));
        all.put(
                "an interrupt storm",
                program(
                                code().store32(0xfee0_00f0L, 0x1ff)
                                        .store32(0xfee0_0320L, 0x20040)
                                        .store32(0xfee0_03e0L, 11)
                                        .store32(0xfee0_0380L, 1)
                                        .bytes(0xfb, 0xeb, 0xfe),
                                0x50000,
                                true,
                                0x8f)
                        .write(
                                0x50000,
                                new Emit(0)
                                        .store32(0xfee0_00b0L, 0)
                                        .bytes(0x48, 0xcf)
                                        .done()));
        all.put("a jump to itself", program(code().bytes(0xeb, 0xfe), 0x50000, false, 0x8e));
        all.put(
                "REP with a huge count",
                program(
                        code().move(6, 0x100000).move(7, 0x100000).move(1, -1).bytes(0xf3, 0xa4),
                        0x50000,
                        false,
                        0x8e));
        all.put(
                "REP of a port",
                program(code().move(2, 0x80).move(7, 0x100000).move(1, -1).bytes(0xf3, 0x6c), 0x50000, false, 0x8e));
        all.put(
                "REP STOS of 2^40 bytes",
                program(code().move(7, 0x100000).move(1, 1L << 40).bytes(0xf3, 0xaa), 0x50000, false, 0x8e));
        all.put(
                "a storm on a device register",
                program(code().move(3, 0xfee0_00b0L).bytes(0x31, 0xc0, 0x89, 0x03, 0xeb, 0xfc), 0x50000, false, 0x8e));
        all.put(
                "a port that is polled",
                program(code().move(2, 0x3fd).bytes(0xec, 0xa8, 1, 0x74, 0xfb), 0x50000, false, 0x8e));
        all.put(
                "a fault without an IDT",
                program(code().bytes(0x0f, 0x01, 0x1c, 0x25).i32(0x12820).bytes(0x0f, 0x0b), 0x50000, false, 0x8e));
        all.put(
                "code that changes itself",
                program(
                        code().bytes(0x48, 0xff, 0xc0, 0x88, 0x05).i32(1).bytes(0xb1, 0, 0xeb, 0xf3),
                        0x50000,
                        false,
                        0x8e));
        all.put(
                "page tables that point to themselves",
                program(
                        code().move(0, 0x20003)
                                .storeRax(0x20000)
                                .bytes(0x48, 0x89, 0x04, 0x25)
                                .i32(0x20ff8)
                                .move(0, 0x20000)
                                .bytes(0x0f, 0x22, 0xd8, 0xeb, 0xfe),
                        0x50000,
                        true,
                        0x8e));
        all.put(
                "HLT with a masked timer of one nanosecond",
                program(
                        code().out(0x43, 1, 0x34)
                                .out(0x40, 1, 2)
                                .out(0x40, 1, 0)
                                .bytes(0xfb, 0xf4, 0xeb, 0xfd),
                        0x50000,
                        true,
                        0x8e));
        all.put(
                "a handler that comes back to the fault",
                program("48b800907856341200008800").write(0x50000, hex("4883c408 48cf")));
        all.put(
                "a page fault without a stack, then #DF",
                program("48b80000000000000080 4889042524200100 48b800907856341200008800")
                        .write(0x11000 + 14 * 16 + 4, new byte[] {1}));
        all.put("far returns to themselves", program("6a08 488d05f7ffffff 50 48cb"));
        all.put("IRETQ to itself", program("4889e1 6a10 51 6a02 6a08 488d05efffffff 50 48cf"));
        all.put("SMIs to itself", program("bb0003e0fe c70300420400 ebf8"));
        all.put("INIT and SIPI to itself", program("bb0003e0fe c70310460400 c70300450400 ebf2"));
        all.put("MONITOR and MWAIT", program("488d05f9ffffff 31c9 31d2 0f01c8 31c0 0f01c9 ebeb"));
        all.put("PAUSE", program("f390 ebfc"));
        all.put("CLI and HLT", program("fa f4 ebfd"));
        all.put(
                "HLT that NMIs to itself end",
                program("bb0003e0fe c70300440400 f4 ebf7").write(0x50000, hex("48cf")));
        all.put("single steps for ever", program("9c 810c2400010000 9d ebfe").write(0x50000, hex("48cf")));
        all.put("two tasks that jump to each other", tasks("ea000000002000 ebf7", "ea000000001800 ebf7"));
        all.put("a task that faults in its own task gate", tasks("0f0b", "0f0b"));
        // mov al, 0fh; out 70h; mov al, 0ah; out 71h; mov al, 0feh; out 64h; jmp $; [467h] = 4000:0
        all.put(
                "resets that come back to the code that makes them",
                new Experiment(Mode.REAL)
                        .pc(true)
                        .at(0x40000)
                        .code(hex("b00fe670 b00ae671 b0fee664 ebfe"))
                        .write(0x467, hex("00000040"))
                        .untilHlt());
        return all.entrySet().stream()
                .flatMap(e -> Stream.of("interpreter", "translator")
                        .map(n -> org.junit.jupiter.params.provider.Arguments.of(e.getKey(), n, e.getValue())));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("endless")
    void anEndlessGuestEndsAtItsLimit(String what, String engine, Experiment e) {
        try (PcLab lab =
                new PcLab(engine.equals("interpreter") ? Machine::interpreter : translator(), MODEL, 2 << 20)) {
            e.limit(1_000);
            Stop s = lab.stopOf(e);
            assertTrue(s.reason() == Stop.Reason.LIMIT || ENDED.contains(s.reason()), s.toString());
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("endless")
    void anEndlessGuestCanBeStopped(String what, String engine, Experiment e) throws InterruptedException {
        try (PcLab lab =
                new PcLab(engine.equals("interpreter") ? Machine::interpreter : translator(), MODEL, 2 << 20)) {
            e.limit(Long.MAX_VALUE / 4);
            Thread stopper = new Thread(() -> {
                try {
                    Thread.sleep(100);
                } catch (InterruptedException x) {
                    Thread.currentThread().interrupt();
                }
                lab.stop();
            });
            stopper.start();
            long start = System.nanoTime();
            Stop s = lab.stopOf(e);
            stopper.join();
            assertTrue(s.reason() == Stop.Reason.STOPPED || ENDED.contains(s.reason()), s.toString());
            assertTrue(System.nanoTime() - start < 60_000_000_000L, what);
        }
    }

    // ---- memory ----

    @Test
    void codeThatChangesItselfForeverHoldsNoOldCode() {
        try (PcLab lab = new PcLab(Translator.factory(TranslatorOptions.after(1)), MODEL, 2 << 20)) {
            Experiment e = program(
                    code().bytes(0x48, 0xff, 0xc0, 0x88, 0x05).i32(1).bytes(0xb1, 0, 0xeb, 0xf3), 0x50000, false, 0x8e);
            lab.stopOf(e.limit(2_000));
            long before = used();
            lab.stopOf(e.limit(12_000));
            long grown = used() - before;
            assertTrue(grown < 8 << 20, "the heap has grown by " + grown + " bytes");
        }
    }

    private static long used() {
        System.gc();
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
