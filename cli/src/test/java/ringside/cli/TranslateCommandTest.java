package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import ringside.cli.UnwindCommandTest.Result;

/** {@code ringside translate} on the demo kernel: guest code, plan and bytecode belong together. */
class TranslateCommandTest {
    private static final String DEMO = "../testdata/demo/demo.elf";

    private static Result translate(String... args) {
        return UnwindCommandTest.run("translate", args);
    }

    private static void refused(int status, String cause, String... args) {
        Result r = translate(args);
        assertEquals(status, r.status(), r.err());
        assertTrue(r.err().contains(cause), r.err());
        assertFalse(r.err().contains("\tat ") || r.err().contains("internal error"), r.err());
        assertEquals("", r.out());
    }

    /** The loop of the demo's CRC: seven instructions that branch to their own start. */
    @Test
    void guestCodePlanAndBytecodeOfALoopArePrinted() {
        Result r = translate(DEMO, "--at", "0x100b53", "--warm", "200k");
        assertEquals(ExitStatus.OK, r.status(), r.err());
        String out = r.out();
        assertTrue(out.startsWith("region at physical 100b53h, 64-bit code: 1 node, 7 instructions"), out);
        assertTrue(out.contains("its branch leads to node 0"), out);
        assertTrue(out.contains("0f b6 c2"), out);
        String[] parts = out.split("run\\(cpu, base, budget, entry\\):");
        assertEquals(2, parts.length);
        for (String instruction : new String[] {"movzx eax,dl", "xor al,BYTE PTR [rsi]", "jne 0x100b53"}) {
            assertTrue(parts[0].contains(instruction) && parts[1].contains(instruction), instruction);
        }
        assertTrue(parts[1].contains("TlbAccess.loadHit32"), parts[1]);
        assertTrue(parts[1].strip().endsWith("ireturn"), parts[1]);
    }

    @Test
    void halvesCanBeHadAlone() {
        Result plan = translate(DEMO, "--at", "0x100b53", "--warm", "200k", "--plan");
        Result code = translate(DEMO, "--at", "0x100b53", "--warm", "200k", "--bytecode");
        assertFalse(plan.out().contains("run(cpu"), plan.out());
        assertFalse(code.out().contains("region at"), code.out());
        assertTrue(code.out().startsWith("run(cpu"), code.out());
    }

    @Test
    void whatCannotBeDoneIsSaid() {
        refused(ExitStatus.UNUSABLE, "a place is missing", DEMO);
        refused(
                ExitStatus.UNUSABLE,
                "no symbol 'nothing'",
                "../testdata/entrykernel/entry-none.elf",
                "--at",
                "nothing");
        refused(ExitStatus.UNUSABLE, "exclude each other", DEMO, "--at", "0x100b53", "--plan", "--bytecode");
        refused(ExitStatus.UNUSABLE, "no such file", "missing.elf", "--at", "0x100b53");
        refused(ExitStatus.LIMIT, "the place was not reached", DEMO, "--at", "0x1234", "--max-instructions", "10k");
        refused(ExitStatus.UNUSABLE, "--warm", DEMO, "--at", "0x100b53", "--warm", "0");
    }
}
