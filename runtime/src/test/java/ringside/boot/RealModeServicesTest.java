package ringside.boot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.boot.BootOptions.RawCode;
import ringside.cpu.Cpu;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.memory.MemoryMap;

/**
 * What firmware leaves for programs in real mode: services, the A20 gate, and the way back through the reset vector.
 */
class RealModeServicesTest {
    private final Machine m = Images.machine(8);
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    private Outcome run(String code) throws BootException {
        m.board().serial(0).setSink(console::write);
        Loader.load(
                m, new BootImage("code", HexFormat.of().parseHex(code)), BootOptions.NONE.withRaw(RawCode.BOOT_SECTOR));
        return m.run(m.cpu().instructions() + 10_000_000);
    }

    private long gpr(int r) {
        return m.cpu().gpr[r] & 0xffff;
    }

    @Test
    void printsReadsKeysAndTellsTheMemorySize() throws BootException {
        m.board().serial(0).offer((byte) 'k');
        // int 10h AH=0Eh 'H', 'i'; int 12h into BX; int 16h AH=0 into CX; int 16h AH=1, setz dl
        run("31c08ed0bc0070b8480ecd10b069cd10b412f9cd1289c3b400cd1689c1b401cd160f94c2f4");
        assertEquals("Hi", console.toString());
        assertEquals(639, gpr(Cpu.RBX));
        assertEquals('k', gpr(Cpu.RCX) & 0xff);
        assertEquals(1, gpr(Cpu.RDX) & 0xff, "no second key");
    }

    /** @return code that calls a service for each word of registers AX, BX, CX, DX, then HLT */
    private static String calls(int service, int[]... registers) {
        StringBuilder s = new StringBuilder("31c08ed08ed88ec0bc0070");
        for (int[] r : registers) {
            for (int k = 0; k < 4; k++)
                s.append(String.format("%02x%02x%02x", 0xb8 + new int[] {0, 3, 1, 2}[k], r[k] & 0xff, r[k] >> 8));
            s.append(String.format("cd%02x", service));
        }
        return s + "f4";
    }

    private static int[] print(int character) {
        return new int[] {0x0e00 | character, 7, 0, 0};
    }

    private static int[] at(int row, int column) {
        return new int[] {0x0200, 0, 0, row << 8 | column};
    }

    @Test
    void aCharacterWrittenWithItsColourFirstIsPrintedOnce() throws BootException {
        int[][] all = new int[12][];
        for (int k = 0; k < 6; k++) {
            all[2 * k] = new int[] {0x0900 | "once\r\n".charAt(k), 7, 1, 0};
            all[2 * k + 1] = print("once\r\n".charAt(k));
        }
        run(calls(0x10, all));
        assertEquals("once\r\n", console.toString());
    }

    @Test
    void plainTextComesOutAsItIs() throws BootException {
        String text = "aa\r\n\r\nb\rc\n" + "x".repeat(90) + "\r\n\7.";
        run(calls(0x10, text.chars().mapToObj(RealModeServicesTest::print).toArray(int[][]::new)));
        assertEquals(text, console.toString());
    }

    @Test
    void theTerminalsCursorFollowsThatOfTheScreen() throws BootException {
        run(calls(
                0x10,
                print('a'),
                at(2, 0),
                print('b'),
                at(2, 5),
                print('c'),
                at(2, 4),
                print('d'),
                at(0, 70),
                print('e'),
                at(24, 79),
                print('f'),
                print('g')));
        assertEquals("a\r\n\nb\033[4Cc\b\bd\033[2A\033[65Ce\033[24B\033[8Cfg", console.toString());
        assertEquals(0x1801, m.memory().read(0x450, 2), "the last line scrolled");
    }

    @Test
    void aWindowIsClearedAndTheScreenByASequence() throws BootException {
        run(calls(
                0x10,
                print('a'),
                new int[] {0x0600, 0x0700, 0x0101, 0x0203},
                new int[] {0x0601, 0x0700, 0, 0x184f},
                new int[] {0x0003, 0, 0, 0},
                print('b')));
        assertEquals("a\033[1B   \033[1B\b\b\b   \r" + "\n".repeat(23) + "\033[H\033[2Jb", console.toString());
    }

    @Test
    void modeCursorAndFontAreToldAndNoShiftKeyIsDown() throws BootException {
        run(calls(0x10, at(3, 9), new int[] {0x0300, 0, 0, 0}));
        assertEquals(0x0309, gpr(Cpu.RDX));
        assertEquals(0x0607, gpr(Cpu.RCX));
        run(calls(0x10, new int[] {0x0f00, 0x0700, 0, 0}));
        assertEquals(0x5003, gpr(Cpu.RAX));
        assertEquals(0, gpr(Cpu.RBX));
        run(calls(0x10, new int[] {0x1130, 0x0600, 0, 0}));
        assertEquals(16, gpr(Cpu.RCX));
        assertEquals(24, gpr(Cpu.RDX) & 0xff);
        run(calls(0x16, new int[] {0x1200, 0, 0, 0}));
        assertEquals(0, gpr(Cpu.RAX));
        run(calls(0x16, new int[] {0x0200, 0, 0, 0}));
        assertEquals(0, gpr(Cpu.RAX) & 0xff);
    }

    /**
     * Codes of the keyboard: scan code and character, of keys, control keys and those that terminals send as sequences.
     */
    @Test
    void keysHaveTheirScanCodes() throws BootException {
        int[][] keys = {{'a', 0x1e61}, {'Z', 0x2c5a}, {'1', 0x0231}, {'\n', 0x1c0d}, {'\r', 0x1c0d}, {0x7f, 0x0e08}};
        for (int[] k : keys) {
            m.board().serial(0).offer((byte) k[0]);
            run(calls(0x16, new int[] {0x1000, 0, 0, 0}));
            assertEquals(k[1], gpr(Cpu.RAX));
        }
        for (byte b : "\033[B".getBytes()) m.board().serial(0).offer(b);
        run(calls(0x16, new int[] {0, 0, 0, 0}));
        assertEquals(0x5000, gpr(Cpu.RAX), "down");
        // put in and taken out again
        run(calls(0x16, new int[] {0x0500, 0, 0x3920, 0}, new int[] {0, 0, 0, 0}));
        assertEquals(0x3920, gpr(Cpu.RAX));
    }

    @Test
    void reportsTheMemoryMapEntryByEntry() throws BootException {
        run("31c08ed0bc00708ec06631dbbf005066b820e8000066ba50414d5366b914000000cd15720983c714456685db75e1f4");
        int at = 0x5000;
        var entries = MemoryMap.of(m.memory()).entries();
        for (MemoryMap.Entry e : entries) {
            assertEquals(e.start(), m.memory().read(at, 8));
            assertEquals(e.length(), m.memory().read(at + 8, 8));
            assertEquals(e.type(), m.memory().read(at + 16, 4));
            at += 20;
        }
        assertEquals(entries.size(), gpr(Cpu.RBP));
    }

    @Test
    void movesBlocksAboveOneMegabyte() throws BootException {
        m.memory().write(0x6010, 8, 0x0000_9310_0000_ffffL); // source 100000h
        m.memory().write(0x6018, 8, 0x0000_9320_0000_ffffL); // destination 200000h
        m.memory().write(0x10_0000, 8, 0x1122_3344_5566_7788L);
        run("31c08ed0bc00708ec0be0060b90400b487cd150f92c3f4");
        assertEquals(0, gpr(Cpu.RBX) & 0xff);
        assertEquals(0x1122_3344_5566_7788L, m.memory().read(0x20_0000, 8));
        assertEquals(0, m.cpu().cr0 & 1);
    }

    @Test
    void aClosedA20GateWrapsAtOneMegabyte() throws BootException {
        run(
                "31c08ed0bc00708ed8b8ffff8ec0c606000501b80024cd1526c6061005028a1e0005b80224cd1588c1b80124cd1526c6061005038a3e0005f4");
        assertEquals(2, gpr(Cpu.RBX) & 0xff, "FFFF:0510 is 0:0500 while it is closed");
        assertEquals(0, gpr(Cpu.RCX) & 0xff, "the service says it is closed");
        assertEquals(2, gpr(Cpu.RBX) >> 8, "and is another byte when it is open");
        assertEquals(3, m.memory().read(0x10_0500, 1));
    }

    @Test
    void aResetWithAShutdownCodeComesBackThroughTheVectorAt467h() throws BootException {
        m.memory().write(0x467, 4, 0x0060_0000);
        m.memory().write(0x600, HexFormat.of().parseHex("b83412f4")); // mov ax, 1234h; hlt
        assertEquals(
                Outcome.Reason.HALTED_FOREVER, run("b00fe670b00ae671b0fee664f4").reason());
        assertEquals(0x1234, gpr(Cpu.RAX));
        assertEquals(0, m.board().rtc().ram(0x0f));
    }

    @Test
    void aResetWithoutOneEndsTheRun() throws BootException {
        assertEquals(Outcome.Reason.RESET, run("b0fee664f4").reason());
    }

    @Test
    void initOfTheBootProcessorStartsAtTheResetVector() throws BootException {
        m.memory().write(0x467, 4, 0x0060_0000);
        m.memory().write(0x600, HexFormat.of().parseHex("b83412f4"));
        m.board().rtc().setRam(0x0f, 0x0a);
        Loader.load(
                m,
                new BootImage("code", HexFormat.of().parseHex("bf0003e0fec707004500009090f4")),
                BootOptions.NONE.withRaw(new RawCode(0x10_0000, BootOptions.CodeMode.LONG)));
        assertEquals(Outcome.Reason.HALTED_FOREVER, m.run(1000).reason());
        assertEquals(0x1234, gpr(Cpu.RAX));
        assertEquals(0, m.cpu().cr0 & Cpu.CR0_PE);
    }

    @Test
    void theServicesAreAssembledFromTheirSource(@TempDir Path folder) throws Exception {
        File source = new File("src/main/firmware/rom.s").getAbsoluteFile();
        try {
            run(folder, "as", "--32", "-o", "rom.o", source.toString());
            run(
                    folder,
                    "ld",
                    "-m",
                    "elf_i386",
                    "--oformat",
                    "binary",
                    "-Ttext",
                    "0xe000",
                    "-e",
                    "_start",
                    "-o",
                    "rom.bin",
                    "rom.o");
        } catch (java.io.IOException e) {
            assumeTrue(false, "no assembler: " + e.getMessage());
        }
        byte[] rom = Files.readAllBytes(Path.of("src/main/resources/ringside/device/firmware/rom.bin"));
        assertArrayEquals(Files.readAllBytes(folder.resolve("rom.bin")), rom, "run: make -C runtime/src/main/firmware");
        assertTrue(rom.length == 8192);
    }

    private static void run(Path folder, String... command) throws Exception {
        Process p = new ProcessBuilder(command)
                .directory(folder.toFile())
                .inheritIO()
                .start();
        assertEquals(0, p.waitFor());
    }
}
