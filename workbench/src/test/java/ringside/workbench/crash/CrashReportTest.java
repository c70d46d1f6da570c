package ringside.workbench.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.boot.BootOptions;
import ringside.cpu.CpuModel;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.run.Guest;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.SourceFile;

class CrashReportTest {
    @TempDir
    Path folder;

    /** @param code of 64-bit code at 10000h, without an IDT */
    private String crash(Machine.EngineFactory engine, String code) throws Exception {
        Path file = folder.resolve("code.bin");
        Files.write(file, HexFormat.of().parseHex(code));
        BootOptions boot = new BootOptions(
                "", List.of(), new BootOptions.RawCode(0x10000, BootOptions.CodeMode.LONG), BootOptions.DEFAULT_NAME);
        try (Machine m = new Guest(file, boot, MachineConfig.standard()).load(engine)) {
            FaultChain chain = new FaultChain();
            m.cpu().observers.add(chain);
            Outcome o = m.run(10_000);
            assertEquals(Outcome.Reason.TRIPLE_FAULT, o.reason());
            return CrashReport.of(of(m, file, chain, new ConsoleAlarm(m.cpu(), chain), "ringside run code.bin"), o);
        }
    }

    private static CrashReport.Run of(Machine m, Path file, FaultChain chain, ConsoleAlarm alarm, String again)
            throws Exception {
        return new CrashReport.Run(m, KnownKernel.read(file, null), SourceFile.of(file), chain, alarm, again);
    }

    private static List<Machine.EngineFactory> engines() {
        return List.of(
                Machine::interpreter,
                Translator.factory(TranslatorOptions.after(1).withBackground(false)));
    }

    @Test
    void namesTheFirstFaultAndNotTheLast() throws Exception {
        String reference = null;
        for (Machine.EngineFactory engine : engines()) {
            // mov eax, 7; xor ebx, ebx; ud2
            String report = crash(engine, "b807000000" + "31db" + "0f0b");
            String[] lines = report.split("\n");
            assertEquals("Triple fault: #GP while delivering #DF; it began with #UD at 0x10007", lines[0]);
            assertEquals("First fault: #UD, after 2 instructions, CPL 0", lines[1]);
            assertEquals("RIP: 0x10007", lines[2]);
            assertTrue(lines[3].startsWith("=> 0000000000010007  ud2"), lines[3]);
            assertTrue(report.contains("RAX: 0000000000000007"), report);
            assertTrue(
                    report.contains("2  #GP, error code 33 (IDT vector 6, during delivery) at 0x10007, CPL 0"), report);
            assertTrue(
                    report.endsWith(
                            "Back to just before it: ringside run code.bin --log insn,exception,int --log-from 1\n"),
                    report);
            if (reference == null) reference = report;
            assertEquals(reference, report);
        }
    }

    @Test
    void wildRegistersGiveAReportToo() throws Exception {
        // mov rsp, 8000000000000000h; mov rbp, rsp; push rax
        String report = crash(Machine::interpreter, "48bc0000000000000080" + "4889e5" + "50");
        assertTrue(report.startsWith("Triple fault: "), report);
        assertTrue(report.contains("it began with #SS"), report);
        assertTrue(report.lines().count() < 200, report);
    }

    /** The entry kernel, whose SYSRET is not preceded by its SWAPGS any more. */
    private Path withoutSwapgs() throws Exception {
        byte[] elf = Files.readAllBytes(Path.of("../testdata/entrykernel/entry-none.elf"));
        byte[] pair = HexFormat.of().parseHex("0f01f8" + "480f07");
        int found = -1;
        for (int i = 0; i + pair.length <= elf.length; i++) {
            if (!Arrays.equals(elf, i, i + pair.length, pair, 0, pair.length)) continue;
            assertEquals(-1, found, "one place only");
            found = i;
        }
        System.arraycopy(HexFormat.of().parseHex("0f1f00"), 0, elf, found, 3); // nop
        Path file = folder.resolve("without-swapgs.elf");
        Files.write(file, elf);
        return file;
    }

    @Test
    void aReturnToUserWithoutSwapgsIsNamedWithTheFirstFault() throws Exception {
        Path kernel = withoutSwapgs();
        String reference = null;
        for (Machine.EngineFactory engine : engines()) {
            try (Machine m = new Guest(kernel, BootOptions.NONE, MachineConfig.standard()).load(engine)) {
                FaultChain chain = new FaultChain();
                m.cpu().observers.add(chain);
                Outcome o = m.run(50_000_000);
                String report =
                        CrashReport.of(of(m, kernel, chain, new ConsoleAlarm(m.cpu(), chain), "ringside run k"), o);
                // the next entry exchanges the bases and finds the user's
                assertTrue(report.contains("First fault: #PF"), report);
                assertTrue(report.contains("<entry_syscall+0x3>"), report);
                assertTrue(report.contains("swapgs was left out"), report);
                assertTrue(
                        report.lines()
                                .anyMatch(l -> l.contains("return to user code with the kernel's GS base")
                                        && l.contains("<entry_syscall> (SYSCALL)")),
                        report);
                if (reference == null) reference = report;
                assertEquals(reference, report);
            }
        }
    }

    /** Code that prints a text on COM1, byte by byte, and halts for good. */
    private static String printing(String text) {
        StringBuilder code = new StringBuilder("66baf803");
        for (char c : text.toCharArray()) code.append(String.format("b0%02xee", (int) c));
        return code + "faf4";
    }

    @Test
    void whatTheKernelSaysOnItsConsoleComesFirst() throws Exception {
        for (String said : new String[] {
            "[    1.234567] Kernel panic - not syncing: VFS",
            "[    0.5] BUG: kernel NULL pointer",
            "panic: freeing free"
        }) {
            Path file = folder.resolve("said.bin");
            Files.write(file, HexFormat.of().parseHex(printing("fine\n" + said + "\nlater\n")));
            BootOptions boot = new BootOptions(
                    "",
                    List.of(),
                    new BootOptions.RawCode(0x10000, BootOptions.CodeMode.LONG),
                    BootOptions.DEFAULT_NAME);
            try (Machine m = new Guest(file, boot, MachineConfig.standard()).load(Machine::interpreter)) {
                FaultChain chain = new FaultChain();
                ConsoleAlarm alarm = new ConsoleAlarm(m.cpu(), chain);
                m.board().serial(0).setSink(alarm::write);
                Outcome o = m.run(10_000);
                assertEquals(Outcome.Reason.HALTED_FOREVER, o.reason());
                CrashReport.Run run = of(m, file, chain, alarm, "ringside run said.bin");
                String report = CrashReport.of(run, o);
                // a kernel that oopses and is switched off later wants a report too
                assertTrue(CrashReport.explains(run, new Outcome(Outcome.Reason.POWER_OFF, 0)));
                String text = said.replaceFirst("^\\[.*\\] ", "");
                // mov dx; two instructions a byte, up to the line's end
                long at = 1 + 2L * ("fine\n" + said + "\n").length();
                assertTrue(report.startsWith("The kernel said '" + text + "' after " + at + " instructions"), report);
                assertEquals(said.contains("anic"), alarm.panicked());
            }
        }
    }

    @Test
    void aProgramThatPrintsSuchALineIsNoAlarm() throws Exception {
        try (Machine m = new Guest(
                        Path.of("../testdata/entrykernel/entry-none.elf"), BootOptions.NONE, MachineConfig.standard())
                .load(Machine::interpreter)) {
            ConsoleAlarm alarm = new ConsoleAlarm(m.cpu(), new FaultChain());
            for (byte b : ("BUG: mine\n" + "x".repeat(100_000) + "\nOops: \n\0\n").getBytes()) alarm.write(b);
            assertEquals(false, alarm.happened());
        }
    }

    /** Runs code without an IDT for so many instructions. */
    private void run(Machine.EngineFactory engine, String cpu, String code, long limit, Ended then) throws Exception {
        Path file = folder.resolve("code.bin");
        Files.write(file, HexFormat.of().parseHex(code));
        BootOptions boot = new BootOptions(
                "", List.of(), new BootOptions.RawCode(0x10000, BootOptions.CodeMode.LONG), BootOptions.DEFAULT_NAME);
        MachineConfig standard = MachineConfig.standard();
        MachineConfig config =
                new MachineConfig(standard.memory(), CpuModel.parse(cpu), standard.devices(), standard.wallClock());
        try (Machine m = new Guest(file, boot, config).load(engine)) {
            FaultChain chain = new FaultChain();
            m.cpu().observers.add(chain);
            Outcome o = m.run(limit);
            then.ended(of(m, file, chain, new ConsoleAlarm(m.cpu(), chain), "ringside run code.bin"), o);
        }
    }

    private interface Ended {
        void ended(CrashReport.Run run, Outcome outcome);
    }

    @Test
    void aLoopWithInterruptsOffIsAHangAndOneWithThemOnIsNot() throws Exception {
        for (Machine.EngineFactory engine : engines()) {
            run(engine, "max", "fa" + "ebfe", 20_000_000, (run, o) -> { // cli; jmp to itself
                assertEquals(Outcome.Reason.INSTRUCTION_LIMIT, o.reason());
                assertTrue(CrashReport.explains(run, o));
                String report = CrashReport.of(run, new Outcome(Outcome.Reason.STOPPED, 0));
                assertTrue(
                        report.startsWith("The guest hangs; it runs at 0x10001, CPL 0, interrupts off; the last event,"
                                + " system call or return was 20,000,000 instructions ago"),
                        report);
            });
            run(engine, "max", "fa" + "ebfe", 1_000_000, (run, o) -> assertFalse(CrashReport.explains(run, o)));
            run(engine, "max", "fb" + "ebfe", 20_000_000, (run, o) -> {
                assertFalse(CrashReport.explains(run, o));
                String report = CrashReport.of(run, new Outcome(Outcome.Reason.STOPPED, 0));
                assertTrue(report.startsWith("The guest did not come to an end; it runs at 0x10001"), report);
            });
        }
    }

    @Test
    void saysWhyAnInstructionIsUndefined() throws Exception {
        String[][] cases = {
            {"max", "62f17c4858c1", "AVX-512 (an EVEX prefix) is not implemented: 62 f1 7c 48 58 c1", ""},
            {"max", "06", "not an instruction that Ringside knows: 06 90", ""},
            {"baseline", "f30fb8c1", "popcnt needs popcnt", "--cpu"},
            {"baseline", "660f38000100", "pshufb needs ssse3", "--cpu"},
            {"max", "0f0b", "the code asks for it", "BUG()"},
            {"max", "f089c8", "mov takes no LOCK prefix", ""},
            {"max", "c5fc58c1", "vaddps exists, but the guest has not switched it on", "XCR0"},
        };
        for (Machine.EngineFactory engine : engines()) {
            for (String[] c : cases) {
                run(engine, c[0], "90" + c[1] + "90".repeat(16), 1000, (run, o) -> {
                    assertEquals(Outcome.Reason.TRIPLE_FAULT, o.reason());
                    String report = CrashReport.of(run, o);
                    assertTrue(report.contains("it began with #UD at 0x10001"), report);
                    String why = report.lines()
                            .filter(l -> l.startsWith("#UD: "))
                            .findFirst()
                            .orElse("");
                    assertTrue(why.contains(c[2]) && why.contains(c[3]), report);
                });
            }
        }
    }

    /** The entry kernel's last function under Linux' name for it, without a console that tells of it. */
    @Test
    void aPanicIsRecognisedByItsSymbol() throws Exception {
        byte[] elf = Files.readAllBytes(withoutSwapgs());
        // names that end alike may share their end
        byte[] fatal = "fatal\0".getBytes(), panic = "panic\0".getBytes();
        int found = 0;
        for (int i = 0; i + fatal.length <= elf.length; i++) {
            if (!Arrays.equals(elf, i, i + fatal.length, fatal, 0, fatal.length)) continue;
            System.arraycopy(panic, 0, elf, i, panic.length);
            found++;
        }
        assertTrue(found > 0);
        Path kernel = folder.resolve("panics.elf");
        Files.write(kernel, elf);
        for (Machine.EngineFactory engine : engines()) {
            try (Machine m = new Guest(kernel, BootOptions.NONE, MachineConfig.standard()).load(engine)) {
                FaultChain chain = new FaultChain();
                m.cpu().observers.add(chain);
                m.run(50_000_000);
                String report = CrashReport.of(
                        of(m, kernel, chain, new ConsoleAlarm(m.cpu(), chain), "ringside run k"),
                        new Outcome(Outcome.Reason.RESET, 0));
                assertTrue(report.startsWith("The kernel has given up: it is in panic(), called at 0x"), report);
                assertTrue(report.contains("; it began with #PF"), report);
                assertTrue(CrashReport.explains(
                        of(m, kernel, chain, new ConsoleAlarm(m.cpu(), chain), ""),
                        new Outcome(Outcome.Reason.RESET, 0)));
            }
        }
    }
}
