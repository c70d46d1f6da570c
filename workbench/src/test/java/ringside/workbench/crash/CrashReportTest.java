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
            return CrashReport.of(m, KnownKernel.read(file, null), chain, o, "ringside run code.bin");
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
}
