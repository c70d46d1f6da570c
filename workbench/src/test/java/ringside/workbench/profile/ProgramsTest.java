package ringside.workbench.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.unwinder.symbols.ElfImage;
import ringside.workbench.UsageException;
import ringside.workbench.run.FakeLinux;

/** The functions of user programs, by their files and by what the kernel notes of where they lie. */
class ProgramsTest {
    private static final Path PROGRAM = Path.of("../testdata/entrykernel/entry-table.elf");
    private static final int MM = 0x12200, START_CODE = 8, TASK_MM = 56;
    /** By which the kernel moved it. */
    private static final long SLIDE = 0x5555_5000;

    @TempDir
    Path folder;

    /** @param code where the kernel says that the first segment with code begins; 0 for a task without memory */
    private Programs.Program program(String comm, long code) throws Exception {
        Programs programs = Programs.none();
        programs.add(PROGRAM, "one");
        FakeLinux l = new FakeLinux().code("f4");
        if (code != 0) l.put(FakeLinux.TASK + TASK_MM, MM).put(MM + START_CODE, code);
        try (Machine m = l.load(folder, Machine::interpreter)) {
            m.run(10_000);
            GuestView view = new GuestView(m.cpu());
            programs.learn(l.known(folder).modelNow(view));
            return programs.of(comm, view, FakeLinux.TASK);
        }
    }

    @Test
    void functionsAreFoundWhereverTheProgramLies() throws Exception {
        ElfImage elf = ElfImage.of(Files.readAllBytes(PROGRAM));
        long nmi = elf.symbols().address("do_nmi");
        long first = elf.section(".text").address();
        for (long slide : new long[] {0, SLIDE}) {
            Programs.Program p = program("one", first + slide);
            assertEquals("do_nmi", p.function(nmi + slide));
            assertEquals("do_nmi", p.function(nmi + slide + 1));
        }
    }

    @Test
    void aTaskWithoutAFileHasNoFunctions() throws Exception {
        assertNull(program("two", 0x40_0000).function(0x40_0000));
    }

    @Test
    void filesWithoutNamesAreRefused() throws Exception {
        Programs p = Programs.none();
        Path text = Files.writeString(folder.resolve("text"), "no program");
        assertEquals(
                text + ": is no ELF file",
                assertThrows(UsageException.class, () -> p.add(text, null)).getMessage());
        Path stripped = Path.of("../testdata/demo/demo.elf");
        assertTrue(assertThrows(UsageException.class, () -> p.add(stripped, null))
                .getMessage()
                .endsWith("has no symbols (stripped)"));
        Path cut = Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(Files.readAllBytes(PROGRAM), 100));
        assertTrue(assertThrows(UsageException.class, () -> p.add(cut, null))
                .getMessage()
                .startsWith(cut + ": "));
    }
}
