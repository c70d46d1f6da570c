package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntBinaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.machine.Machine;

/**
 * Regions that are joined at an indirect jump to several places, in this page and in others, and what may happen to the
 * places afterwards. Every program jumps 800 times through a table by the lowest bits of R15, which counts down; each
 * place adds a number of its own to RCX. What RCX must be is said beside it.
 */
class JoinTest {
    /** Instructions behind which every program is at its end. */
    private static final long END = 12_000;

    /** {@code t0: add rcx, 1; jmp next}, and the same with 3, 5 and 7 in other pages. */
    private static final String[] PLACES = {
        // 16 and 32 in the page that is mapped to 2000h in turn with it
        "5000:4883c110e90af0ffff",
        "5010:4883c120e9faefffff",
        "1200:4883c101e90afeffff",
        "2000:4883c103e90af0ffff",
        "2010:4883c105e9faefffff",
        "3000:4883c107e90ae0ffff",
    };

    private static final String TABLE = "9000:" + pointer(0x1200) + pointer(0x2000) + pointer(0x2010) + pointer(0x3000);

    private static String pointer(int address) {
        return "%02x%02x000000000000".formatted(address & 0xff, address >> 8);
    }

    /**
     * {@code mov r15d, 800; l: mov eax, r15d; and eax, 3; jmp [rax * 8 + 9000h]; next: test r15d, 3fh; jnz m;
     * (something); m: dec r15; jnz l; jmp $}.
     */
    private static String loop(String something) {
        int length = something.length() / 2;
        int back = 0x1006 - (0x101c + length + 9);
        return "1000:41bf20030000"
                + "4489f883e003ff24c500900000"
                + "41f7c73f00000075%02x".formatted(length)
                + something
                + "49ffcf0f85%02xffffff".formatted(back & 0xff)
                + "ebfe";
    }

    private static Machine run(String something) {
        String[] code = Stream.concat(Stream.of(loop(something), TABLE), Stream.of(PLACES))
                .toArray(String[]::new);
        Machine last = null;
        for (int after : new int[] {1, 3}) {
            for (long step : new long[] {13, 101, END}) {
                Machine a = PagedGuest.start(Machine::interpreter, code);
                Machine b = PagedGuest.start(Guests.translated(after), code);
                for (long limit = step; limit <= END; limit += step) {
                    a.run(limit);
                    b.run(limit);
                    assertEquals(PagedGuest.state(a), PagedGuest.state(b), "after " + after + " limit " + limit);
                }
                a.close();
                if (last != null) last.close();
                last = b;
            }
        }
        TranslatorStatistics s = ((Translator) last.engine()).statistics();
        assertTrue(s.joined() > 0, "no regions were joined");
        return last;
    }

    /** @param adds what place n adds, after R15 was a multiple of 64 so many times */
    private static long sum(IntBinaryOperator adds) {
        long sum = 0;
        int times = 0;
        for (int r15 = 800; r15 > 0; r15--) {
            sum += adds.applyAsInt(r15 & 3, times);
            if ((r15 & 0x3f) == 0) times++;
        }
        return sum;
    }

    @Test
    void jumpsStayInTheRegionAndCountExactly() {
        Machine m = run("90");
        assertEquals(sum((n, t) -> 2 * n + 1), m.cpu().gpr[Cpu.RCX]);
        // but for the first hundred, no jump leaves it
        long entries = ((Translator) m.engine()).statistics().regionEntries;
        assertTrue(entries < 800, "entries of regions: " + entries);
    }

    @Test
    void overwrittenPlaceRunsAsItIsNow() {
        // add byte [2003h], 1
        Machine m = run("80042503200000" + "01");
        assertEquals(sum((n, t) -> 2 * n + 1 + (n == 1 ? t : 0)), m.cpu().gpr[Cpu.RCX]);
    }

    @Test
    void remappedPlaceRunsTheOtherPage() {
        // xor word [23011h], 70h (the page table entry of 2000h: 2000h or 5000h); invlpg [2000h]
        Machine m = run("6683342511300200" + "70" + "0f013c2500200000");
        assertEquals(sum((n, t) -> t % 2 == 1 && (n == 1 || n == 2) ? 16 * n : 2 * n + 1), m.cpu().gpr[Cpu.RCX]);
    }
}
