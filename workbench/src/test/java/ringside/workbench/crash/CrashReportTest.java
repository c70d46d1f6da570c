package ringside.workbench.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.boot.BootOptions;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.run.Guest;
import ringside.workbench.run.KnownKernel;

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
            return CrashReport.of(
                    m,
                    KnownKernel.read(file, null),
                    chain,
                    new ConsoleAlarm(m.cpu(), chain),
                    o,
                    "ringside run code.bin");
        }
    }

    @Test
    void namesTheFirstFaultAndNotTheLast() throws Exception {
        String reference = null;
        for (Machine.EngineFactory engine : List.<Machine.EngineFactory>of(
                Machine::interpreter,
                Translator.factory(TranslatorOptions.after(1).withBackground(false)))) {
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
            if (!java.util.Arrays.equals(elf, i, i + pair.length, pair, 0, pair.length)) continue;
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
        for (Machine.EngineFactory engine : List.<Machine.EngineFactory>of(
                Machine::interpreter,
                Translator.factory(TranslatorOptions.after(1).withBackground(false)))) {
            try (Machine m = new Guest(kernel, BootOptions.NONE, MachineConfig.standard()).load(engine)) {
                FaultChain chain = new FaultChain();
                m.cpu().observers.add(chain);
                Outcome o = m.run(50_000_000);
                String report = CrashReport.of(
                        m,
                        KnownKernel.read(kernel, null),
                        chain,
                        new ConsoleAlarm(m.cpu(), chain),
                        o,
                        "ringside run k");
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
                String report =
                        CrashReport.of(m, KnownKernel.read(file, null), chain, alarm, o, "ringside run said.bin");
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
}
