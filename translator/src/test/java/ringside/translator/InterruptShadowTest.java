package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import ringside.machine.Machine;

/**
 * When an interrupt that waits behind STI is taken (SDM vol. 2, STI): behind the next instruction. Each program sends
 * itself vector 40h 300 times while interrupts are off, and lets it in; the handler adds RSI to R8 and RDI to R9.
 */
class InterruptShadowTest {
    private static final int TIMES = 300;
    private static final long END = 100_000;

    /** x2APIC mode; local APIC enabled; ebp = 300. */
    private static final String PROLOGUE =
            "b91b0000000f320d000c00000f30" + "b90f080000b8ff01000031d20f30" + "bd2c010000";
    /** Self-IPI 40h. */
    private static final String SEND = "b93f080000b84000000031d20f30";
    /** add r8, rsi; add r9, rdi; end of interrupt; iretq. */
    private static final String HANDLER = "4300:4901f04901f9b90b08000031c031d20f3048cf";

    /** @param handlers others than that of vector 40h */
    private static Machine run(String body, String... handlers) {
        String loop = "fa" + SEND + body;
        int back = -(loop.length() / 2 + 4);
        String[] code = Stream.concat(
                        Stream.of("1000:" + PROLOGUE + loop + "ffcd75%02xfaf4".formatted(back & 0xff), HANDLER),
                        Stream.of(handlers))
                .toArray(String[]::new);
        Machine last = null;
        for (int after : new int[] {1, 3}) {
            for (long step : new long[] {1, 7, END}) {
                Machine a = PagedGuest.start(Machine::interpreter, code);
                Machine b = PagedGuest.start(Guests.translated(after), code);
                for (long limit = step; limit <= (step == 1 ? 3000 : END); limit += step) {
                    a.run(limit);
                    b.run(limit);
                    assertEquals(PagedGuest.state(a), PagedGuest.state(b), "after " + after + " limit " + limit);
                    if (a.cpu().halted) break;
                }
                a.close();
                if (last != null) last.close();
                last = b;
            }
        }
        assertTrue(last.cpu().halted);
        return last;
    }

    private static long sum(int from) {
        return (long) TIMES * (TIMES + 1) / 2 - (long) (1 - from) * TIMES;
    }

    @Test
    void whatWaitsIsTakenBehindTheInstructionAfterSti() {
        // sti; inc rsi; inc rdi
        Machine m = run("fb48ffc648ffc7");
        assertEquals(sum(1), m.cpu().gpr[8]);
        assertEquals(sum(0), m.cpu().gpr[9]);
    }

    @Test
    void aSecondStiHoldsNothingOff() {
        // sti; sti; inc rsi; inc rdi
        Machine m = run("fbfb48ffc648ffc7");
        assertEquals(sum(0), m.cpu().gpr[8]);
        assertEquals(sum(0), m.cpu().gpr[9]);
    }

    @Test
    void stiBetweenInstructionsOfALoopTakesNothingEarlier() {
        // inc rsi; sti; nop; inc rdi: what is after the nop is not in its shadow
        Machine m = run("48ffc6fb9048ffc7");
        assertEquals(sum(1), m.cpu().gpr[8]);
        assertEquals(sum(0), m.cpu().gpr[9]);
    }

    @Test
    void cliInTheShadowLeavesItWaiting() {
        // sti; cli; inc rsi; sti; nop; inc rdi: taken behind the nop only
        Machine m = run("fbfa48ffc6fb9048ffc7");
        assertEquals(sum(1), m.cpu().gpr[8]);
        assertEquals(sum(0), m.cpu().gpr[9]);
    }

    @Test
    void theHandlerOfAFaultInTheShadowIsNotInTheShadow() {
        // sti; mov rax, [200000h]: #PF, whose handler runs with interrupts off, skips it and returns; inc rsi; inc rdi
        Machine m = run("fb" + "488b042500002000" + "48ffc648ffc7", "4000:488344240808" + "4883c40848cf");
        // the return of the handler lets it in
        assertEquals(sum(0), m.cpu().gpr[8]);
        assertEquals(sum(0), m.cpu().gpr[9]);
    }
}
