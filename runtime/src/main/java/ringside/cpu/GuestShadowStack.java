package ringside.cpu;

import java.util.Iterator;
import java.util.NoSuchElementException;
import ringside.shadow.ShadowStack;

/**
 * The guest's own shadow stack (CET SHSTK), as it lies in its memory: a further witness of the call chain beside
 * {@link ShadowStack}. Read without side effects.
 *
 * @param cpu the processor
 * @param ssp the shadow stack pointer, linear
 * @param user whether it is the one of CPL 3
 */
public record GuestShadowStack(Cpu cpu, long ssp, boolean user) implements Iterable<GuestShadowStack.Word> {
    /** Words of one chain at most. */
    private static final int MOST = 1 << 16;

    /** What a word of a shadow stack is. */
    public enum Kind {
        /** A return address; also the CS and linear RIP of a far call or an entry, which stand below each other. */
        ADDRESS,
        /** A pointer to a shadow stack: the previous one, behind a far call or an entry, or a token. */
        POINTER
    }

    /**
     * A word.
     *
     * @param kind what it is
     * @param slot its linear address
     * @param value its content
     */
    public record Word(Kind kind, long slot, long value) {}

    /**
     * {@return the shadow stack of the running code, or null if it has none}
     *
     * @param cpu the processor
     */
    public static GuestShadowStack current(Cpu cpu) {
        return Cet.enabled(cpu, cpu.cpl) ? new GuestShadowStack(cpu, cpu.ssp, cpu.cpl == 3) : null;
    }

    /**
     * {@return the shadow stack of user code, also while the kernel runs, or null if it has none}
     *
     * @param cpu the processor
     */
    public static GuestShadowStack ofUser(Cpu cpu) {
        if (!Cet.enabled(cpu, 3)) return null;
        return new GuestShadowStack(cpu, cpu.cpl == 3 ? cpu.ssp : cpu.msrs.plSsp[3], true);
    }

    /** @return the words from the pointer upward, innermost first, up to the end of the mapping */
    @Override
    public Iterator<Word> iterator() {
        return new Iterator<>() {
            private long at = ssp;
            private int left = MOST;

            private long physical() {
                return (at & 7) != 0 || left == 0 ? -1 : cpu.mem.probe(at);
            }

            @Override
            public boolean hasNext() {
                long pa = physical();
                return pa != -1 && cpu.physical.ramPage(pa) != 0 && pageIsShadow();
            }

            private boolean pageIsShadow() {
                return cpu.mem.isShadowPage(at, user);
            }

            @Override
            public Word next() {
                if (!hasNext()) throw new NoSuchElementException();
                long v = cpu.physical.read(physical(), 8);
                boolean pointer = (v & ~7L) >= at - 8 && (v & ~7L) - at < 1L << 20;
                Word w = new Word(pointer ? Kind.POINTER : Kind.ADDRESS, at, v);
                at += 8;
                left--;
                return w;
            }
        };
    }
}
