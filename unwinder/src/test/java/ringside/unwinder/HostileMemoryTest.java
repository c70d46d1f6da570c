package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static ringside.unwinder.SyntheticGuest.OTHER_STACK;
import static ringside.unwinder.SyntheticGuest.STACK;
import static ringside.unwinder.SyntheticGuest.TEXT;
import static ringside.unwinder.SyntheticGuest.function;

import java.util.Random;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.unwinder.linux.Kallsyms;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.Symbols;

/**
 * Stacks, registers and tables of random words, most of which look like something: every walk ends, says why, and
 * throws nothing.
 */
class HostileMemoryTest {
    private static final long IPS = SyntheticGuest.DATA, ENTRIES = IPS + 0x1000, TABLE = IPS + 0x2000;
    private static final int ROUNDS = 1500;

    private static long word(Random r) {
        return switch (r.nextInt(10)) {
            case 0, 1 -> function(r.nextInt(64)) + r.nextInt(256);
            case 2, 3 -> STACK + r.nextInt(0x4000);
            case 4 -> STACK + 8L * r.nextInt(0x800);
            case 5 -> OTHER_STACK + 8L * r.nextInt(0x800) + (r.nextBoolean() ? 1 : 0);
            case 6 -> function(60) + 0x81;
            case 7 -> r.nextInt(64);
            case 8 -> r.nextLong();
            default -> TEXT + r.nextInt(0x8000) - 0x2000;
        };
    }

    @Test
    void everyWalkEnds() {
        SyntheticGuest guest = new SyntheticGuest();
        Random r = new Random(20160520);
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < 0x200; i++) {
                guest.put(STACK + 8L * i, word(r));
                guest.put(OTHER_STACK + 8L * i, word(r));
            }
            int n = 1 + r.nextInt(80);
            for (int i = 0; i < n; i++) {
                guest.write(
                        IPS + 4 * i,
                        bytes((int) (function(0) + (long) i * 0x4000 / n - (IPS + 4 * i))
                                + (r.nextInt(20) == 0 ? r.nextInt() : 0)));
                guest.put(ENTRIES + 6 * i, new byte[] {
                    (byte) (8 * r.nextInt(20)),
                    (byte) (r.nextInt(10) == 0 ? r.nextInt() : 0),
                    (byte) (8 * r.nextInt(8)),
                    (byte) (r.nextInt(10) == 0 ? r.nextInt() : 0),
                    (byte) r.nextInt(),
                    (byte) r.nextInt()
                });
                guest.write(TABLE + 16 * i, bytes((int) (function(0) + (long) i * 0x4000 / n - TABLE)));
                guest.write(TABLE + 16 * i + 4, bytes(0x4000 / n));
                guest.write(TABLE + 16 * i + 8, r.nextInt(7), r.nextInt(20), r.nextInt(20), r.nextInt(4));
                guest.write(TABLE + 16 * i + 12, bytes(r.nextInt(10) == 0 ? r.nextInt() : 8 * r.nextInt(20)));
            }
            Symbols s = SyntheticGuest.symbols(
                    "pt_regs",
                    function(60) + 0x80,
                    "__start_orc_unwind_ip",
                    IPS,
                    "__stop_orc_unwind_ip",
                    IPS + 4L * n,
                    "__start_orc_unwind",
                    ENTRIES,
                    "__entry_table_start",
                    TABLE,
                    "__entry_table_end",
                    TABLE + 16L * n);
            for (int g = 0; g < 16; g++) guest.cpu.gpr[g] = word(r);
            guest.cpu.seg[Cpu.GS].base = word(r);
            guest.cpu.tr.usable = r.nextBoolean();
            guest.cpu.tr.base = word(r);
            guest.cpu.idtBase = word(r);
            GuestView v = guest.at(word(r), r.nextInt(4) == 0 ? word(r) : STACK + 8L * r.nextInt(0x180), word(r));
            Unwinder u = new Unwinder(LinuxKernel.with(s, v));
            for (Kind k : Kind.values()) {
                Trace t = u.trace(k, v);
                assertTrue(!t.frames().isEmpty() && t.frames().size() <= Walk.MOST_FRAMES, k + " in round " + round);
                assertTrue(t.reliable() || !t.warnings().isEmpty(), k + " in round " + round);
                for (Frame f : t.frames()) f.toString();
            }
        }
    }

    @Test
    void randomMemoryHoldsNoSymbols() {
        Random r = new Random(1);
        byte[] b = new byte[1 << 20];
        for (int round = 0; round < 20; round++) {
            r.nextBytes(b);
            if (round % 2 == 0) {
                // token places that look right, tokens that may not be
                int at = 0x80000;
                int place = 0;
                for (int i = 0; i < 256; i++) {
                    b[at + 2 * i] = (byte) place;
                    b[at + 2 * i + 1] = (byte) (place >> 8);
                    place += 2;
                }
                for (int i = 0; i < 512; i++) b[at - 512 + i] = (byte) (i % 2 == 0 ? 'a' + i % 26 : 0);
            }
            assertTrue(Kallsyms.in(b, TEXT) == null);
        }
    }

    private static int[] bytes(int v) {
        return new int[] {v & 255, v >> 8 & 255, v >> 16 & 255, v >>> 24};
    }
}
