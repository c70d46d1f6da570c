package ringside.workbench.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.boot.BootOptions;
import ringside.cpu.CpuModel;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.shadow.ShadowEntry.Kind;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.run.FakeLinux;
import ringside.workbench.run.Guest;
import ringside.workbench.run.SourceFile;

/** What a profile finds in a kernel that is laid out as a Linux is. */
class LinuxProfileTest {
    private static final String INC = "65ff0425", DEC = "65ff0c25";

    @TempDir
    Path folder;

    private static List<Machine.EngineFactory> engines() {
        return List.of(
                Machine::interpreter,
                Translator.factory(TranslatorOptions.after(1).withBackground(false)));
    }

    private Profile profile(FakeLinux l, Machine.EngineFactory engine) throws Exception {
        try (Machine m = l.load(folder, engine)) {
            return Profile.of(m, l.known(folder), 10_000, 0, new Outcome[1]);
        }
    }

    /** A kernel counts in the per-CPU data of its image at first, whose count never changes once it has moved them. */
    @Test
    void preemptionIsOffWhileTheCountOfThePresentCpuDataIsNotZero() throws Exception {
        for (Machine.EngineFactory engine : engines()) {
            FakeLinux l = new FakeLinux().symbols("10ff0 T preempt_schedule\n");
            l.code(INC).word(FakeLinux.PREEMPT_COUNT).code("eb00");
            l.cpuData(FakeLinux.CPU_DATA);
            for (int i = 0; i < 3; i++) {
                l.code(INC).word(FakeLinux.PREEMPT_COUNT).code("eb00");
                l.code("90".repeat(20) + "eb00");
                l.code(DEC).word(FakeLinux.PREEMPT_COUNT).code("eb00");
            }
            Profile p = profile(l.code("f4"), engine);
            assertEquals(3, p.preemptionOff().lengths().getTotalCount());
            // of the two others: 20 nops and a jump, then the run that ends it
            assertEquals(23, p.preemptionOff().lengths().getMinValue());
            assertNull(p.preemptionNote());
        }
    }

    @Test
    void aKernelThatDoesNotCountPreemptionIsSaidToBeOne() throws Exception {
        Profile p = profile(new FakeLinux().code("f4"), Machine::interpreter);
        assertTrue(p.preemptionNote().startsWith("This kernel does not count what forbids preemption"));
    }

    @Test
    void systemCallsOfEachWayAreRowsOfTheirOwn() throws Exception {
        for (Machine.EngineFactory engine : engines()) {
            FakeLinux l = new FakeLinux().symbols("10fc3 T __ia32_sys_exotic\n");
            // mov eax, 3; int 80h; twice, and with a number that is none
            Profile p = profile(l.code("b803000000cd80".repeat(2) + "b8ffffffffcd80" + "f4"), engine);
            List<String> rows = p.entries().stream()
                    .map(e -> e.statistics().entries() + " " + e.name())
                    .sorted()
                    .toList();
            assertEquals(List.of("1 int 80h with a number that is none", "2 int 80h 3 exotic"), rows);
        }
        assertEquals(
                EntryKey.Abi.VSYSCALL,
                EntryKey.of(Kind.EXCEPTION, 14, 0, 0xffff_ffff_ff60_0400L, true, true)
                        .abi());
        assertEquals(
                "vsyscall time",
                new EntryNames().name(EntryKey.of(Kind.EXCEPTION, 14, 0, 0xffff_ffff_ff60_0400L, true, true)));
        assertEquals(
                EntryKey.Abi.NONE,
                EntryKey.of(Kind.EXCEPTION, 14, 0, 0xffff_ffff_ff60_0400L, false, true)
                        .abi());
        assertEquals("sysenter 20", new EntryNames().name(EntryKey.of(Kind.SYSENTER, -1, 20, 0, true, true)));
        assertEquals(
                "x32 syscall 20", new EntryNames().name(EntryKey.of(Kind.SYSCALL, -1, 1 << 30 | 20, 0, true, true)));
    }

    /** AMD's processors have SYSCALL there, and it leads to IA32_CSTAR. */
    @Test
    void syscallOf32BitCodeIsACallOfThe32BitAbi() throws Exception {
        int gdt = 0x15200, gdtr = 0x15300, code32 = 0x15400, handler = 0x10f90;
        MachineConfig amd = new MachineConfig(
                64 << 20, CpuModel.parse("amd"), MachineConfig.standard().devices(), false);
        for (Machine.EngineFactory engine : engines()) {
            FakeLinux l = new FakeLinux().symbols("10fc3 T __ia32_sys_exotic\n");
            l.put(gdt + 8, 0x00af9a000000ffffL)
                    .put(gdt + 16, 0x00cf92000000ffffL)
                    .put(gdt + 24, 0x00cf9a000000ffffL);
            l.put(gdtr, 0x1fL | (long) gdt << 16);
            // mov eax, 3; syscall, which leads to a hlt
            l.put(code32, HexFormat.of().parseHex("b8030000000f05"));
            l.put(handler, (byte) 0xf4);
            // lgdt; EFER.SCE; STAR; CSTAR; push 18h; push code32; lretq
            l.code("0f011425").word(gdtr).code("b9800000c0" + "0f32" + "83c801" + "0f30");
            l.code("b9810000c0" + "31c0" + "ba08000000" + "0f30");
            l.code("b9830000c0" + "b8").word(handler).code("31d2" + "0f30");
            l.code("6a18" + "68").word(code32).code("48cb");
            try (Machine m = l.load(folder, engine, amd)) {
                Profile p = Profile.of(m, l.known(folder), 10_000, 0, new Outcome[1]);
                assertEquals(
                        List.of("compat syscall 3 exotic"),
                        p.entries().stream().map(Profile.Entry::name).toList());
            }
        }
    }

    @Test
    void translatedCodeThatIsLeftIsListed() throws Exception {
        FakeLinux l = new FakeLinux();
        // a hundred times: a jump over nothing, a system call
        l.code("48c7c364000000" + "eb00" + "b803000000cd80" + "48ffcb" + "75f2" + "f4");
        Profile p = profile(l, Translator.factory(TranslatorOptions.after(20).withBackground(false)));
        assertTrue(p.translated() > 0);
        assertTrue(p.left().stream().mapToLong(x -> x.events() + x.others()).sum() > 0, p.left()::toString);
        assertEquals(List.of(), profile(l, Machine::interpreter).left());
    }

    /** One instruction a line, with the lines that the assembler wrote down. */
    @Test
    void linesOfTheSourceHaveTheirInstructions() throws Exception {
        Files.writeString(folder.resolve("k.s"), """
            .globl _text
            _text:
                mov $100, %ecx
            1:  dec %ecx
                jnz 1b
                hlt
            """);
        for (String[] command : new String[][] {
            {"as", "-g", "-o", "k.o", "k.s"},
            {"ld", "-Ttext=0x10000", "-e", "_text", "-o", "k.elf", "k.o"},
            {"objcopy", "-O", "binary", "k.elf", "k.bin"}
        }) {
            try {
                Process p = new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .inheritIO()
                        .start();
                assertEquals(0, p.waitFor(), command[0]);
            } catch (IOException e) {
                assumeTrue(false, "binutils are not installed: " + e.getMessage());
            }
        }
        BootOptions boot = new BootOptions(
                "", List.of(), new BootOptions.RawCode(0x10000, BootOptions.CodeMode.LONG), BootOptions.DEFAULT_NAME);
        for (Machine.EngineFactory engine : engines()) {
            try (Machine m = new Guest(folder.resolve("k.bin"), boot, MachineConfig.standard()).load(engine)) {
                Profile p = Profile.of(
                        m,
                        new FakeLinux().known(folder),
                        m::run,
                        10_000,
                        new Profile.Settings(0, false, Programs.none(), SourceFile.of(folder.resolve("k.elf"))),
                        new Outcome[1]);
                assertEquals(
                        List.of("100 k.s:4", "100 k.s:5", "1 k.s:3", "1 k.s:6"),
                        p.lines().stream()
                                .map(l -> l.instructions() + " " + l.line())
                                .toList());
                assertEquals(202, p.retired());
            }
        }
    }
}
