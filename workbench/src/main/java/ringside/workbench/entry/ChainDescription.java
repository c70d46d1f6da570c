package ringside.workbench.entry;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import ringside.unwinder.symbols.ElfImage;

/**
 * The entry kernel's own description of its code, section {@code .chain} of its image: for every instruction, how the
 * running code was come to and where the word lies that tells. Written by the assembler from the source's pushes and
 * pops; neither the shadow stack nor an unwinder knows it. {@code testdata/entrykernel/macros.inc} has the format.
 */
public final class ChainDescription {
    /** How code was come to. */
    public enum Kind {
        /** Not at all: boot, idle, a kernel thread's first function. */
        BOTTOM,
        /** By a call: the place holds the return address. */
        CALLED,
        /** By an entry: the place is a complete pt_regs. */
        REGS,
        /** By an entry: the place is the processor's frame, all other registers are still the interrupted ones. */
        HARDWARE,
        /** By a call made on another stack: the place holds that stack's rbp, the return address lies behind it. */
        LINKED,
        /** By SYSCALL, nothing is saved yet, or everything is restored: rip is in rcx. */
        SYSCALL,
        /** It is user code. */
        USER,
        /** By a call from entry code, and a complete pt_regs lies behind the return address. */
        STORED
    }

    /**
     * @param base number of the register that {@code offset} (bytes) is relative to
     * @param through whether what lies there is a pointer to the place
     */
    public record Rule(long from, Kind kind, int base, boolean through, int offset) {}

    private static final int BYTES = 16;
    private final long[] starts;
    private final Rule[] rules;

    private ChainDescription(List<Rule> list) {
        rules = list.toArray(Rule[]::new);
        starts = Arrays.stream(rules).mapToLong(Rule::from).toArray();
    }

    /** @throws IllegalArgumentException if the image has no such section */
    public static ChainDescription of(ElfImage image) {
        ElfImage.Section s = image.section(".chain");
        if (s == null) throw new IllegalArgumentException("the image has no .chain section");
        ByteBuffer b = ByteBuffer.wrap(image.bytes(s)).order(ByteOrder.LITTLE_ENDIAN);
        List<Rule> all = new ArrayList<>();
        for (int at = 0; at + BYTES <= b.capacity(); at += BYTES) {
            all.add(new Rule(
                    b.getLong(at),
                    Kind.values()[b.get(at + 8)],
                    b.get(at + 9),
                    b.get(at + 10) != 0,
                    b.getInt(at + 12)));
        }
        all.sort(Comparator.comparingLong(r -> r.from + Long.MIN_VALUE));
        List<Rule> last = new ArrayList<>();
        for (Rule r : all) {
            if (!last.isEmpty() && last.getLast().from == r.from) last.removeLast();
            last.add(r);
        }
        return new ChainDescription(last);
    }

    /** @return the rule for the instruction at this address, or null if it lies below all code */
    public Rule at(long address) {
        int low = 0;
        int high = starts.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(starts[middle], address) <= 0) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? null : rules[low - 1];
    }
}
