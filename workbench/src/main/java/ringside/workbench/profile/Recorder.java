package ringside.workbench.profile;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.Observer;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.symbols.Symbols;

/**
 * Counts, while a guest runs, its entries and what they cost, its instructions by place, and the stacks it is on at
 * every {@code distance}th instruction. All counts are exact: each retired instruction is counted once, for the entry
 * that is handled (or for user mode, or for the kernel outside of any entry).
 *
 * <p>A task that is switched away takes its open entries along, by its kernel stack; Linux' two functions that switch
 * are known by their symbols. Without symbols, entries are taken off by the stack pointer to which they return.
 */
final class Recorder implements Observer {
    /** Open entries of one task at the most; a guest that never returns does not fill the heap. */
    private static final int MOST_OPEN = 64;
    /** Different places, stacks and kinds of entries that are kept apart; what comes beyond is counted together. */
    private static final int MOST_PLACES = 1 << 20, MOST_STACKS = 1 << 17, MOST_KINDS = 1 << 14;

    private static final int MOST_FRAMES = 128;
    /** Linux' kernel stacks are aligned to their size, 16 KiB. */
    private static final long STACK = -(16L << 10);
    /** Marks an entry in a stack: the vector lies in the low bits, {@link #KIND} bits above. */
    static final long ENTRY_FRAME = 0x7eL << 56;

    static final int KIND = 16;
    private static final EntryKey OTHERS = new EntryKey(ShadowEntry.Kind.INTERRUPT, -1, -1, false);

    /** An entry whose return has not come. */
    private static final class Open {
        final EntryKey key;
        final EntryStatistics statistics;
        final long sp;
        long instructions, entryCode, exitCode;
        boolean handled;

        Open(EntryKey key, EntryStatistics statistics, long sp) {
            this.key = key;
            this.statistics = statistics;
            this.sp = sp;
        }
    }

    /** The instructions of one stack. @param addresses innermost first, entries marked */
    private record Stack(long[] addresses) {
        @Override
        public boolean equals(Object o) {
            return o instanceof Stack s && Arrays.equals(addresses, s.addresses);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(addresses);
        }
    }

    private final long distance;
    private final Map<EntryKey, EntryStatistics> entries = new LinkedHashMap<>();
    private final Map<Long, long[]> places = new HashMap<>();
    private final Map<Stack, long[]> stacks = new HashMap<>();
    private final Map<Long, Deque<Open>> sleeping = new HashMap<>();
    private Deque<Open> open = new ArrayDeque<>();
    private long retired, translated, user, kernel, untilSample, unmatched;
    private long switchFrom = -1, switchTo = -1, entryFrom, entryTo;

    /** @param distance instructions between two looks at the stack; 0 for none */
    Recorder(long distance) {
        this.distance = distance;
        untilSample = distance;
    }

    @Override
    public Set<Interest> interests() {
        return EnumSet.of(Interest.ENTRIES, Interest.INSTRUCTIONS);
    }

    /** From here on, the kernel's symbols are known. */
    void learn(Symbols s) {
        Long from = s.address("__switch_to_asm"), to = s.address("__switch_to");
        if (from != null && to != null) {
            switchFrom = from;
            switchTo = to;
        }
        Long a = s.address("__entry_text_start"), b = s.address("__entry_text_end");
        if (a != null && b != null) {
            entryFrom = a;
            entryTo = b;
        }
    }

    @Override
    public void entered(Cpu cpu, ShadowEntry.Kind kind, int vector, long from, long sp, boolean fromUser) {
        boolean call = kind == ShadowEntry.Kind.SYSCALL
                || kind == ShadowEntry.Kind.SYSENTER
                || kind == ShadowEntry.Kind.SOFTWARE_INTERRUPT && vector == EntryKey.INT80;
        EntryKey key = new EntryKey(kind, vector, call ? cpu.gpr[Cpu.RAX] & 0xffff_ffffL : -1, fromUser);
        if (entries.size() >= MOST_KINDS && !entries.containsKey(key)) key = OTHERS;
        // what comes from user mode finds nothing open: what is left there never returned
        if (fromUser) open.clear();
        EntryStatistics s = entries.computeIfAbsent(key, k -> new EntryStatistics());
        s.entered(!open.isEmpty());
        if (open.size() < MOST_OPEN) open.push(new Open(key, s, sp));
    }

    @Override
    public void returned(Cpu cpu, boolean toUser) {
        long sp = cpu.stackLinear();
        while (!open.isEmpty()) {
            Open o = open.peek();
            if (o.sp != sp || o.key.user() != toUser) {
                // a return to another place: the entry is over if user mode goes on, otherwise it is no return of an
                // entry
                if (!toUser) return;
                open.pop();
                unmatched++;
                continue;
            }
            open.pop();
            o.statistics.returned(o.instructions, o.entryCode, o.exitCode);
            return;
        }
    }

    @Override
    public void retired(Cpu cpu, long rip, int instructions, boolean inTranslated) {
        retired += instructions;
        if (inTranslated) translated += instructions;
        long[] count = places.get(rip);
        if (count == null) {
            if (places.size() >= MOST_PLACES) rip = 0;
            count = places.computeIfAbsent(rip, k -> new long[1]);
        }
        count[0] += instructions;
        Open o = open.peek();
        if (o != null) {
            o.instructions += instructions;
            o.statistics.spent(instructions);
            if (rip < entryFrom || rip >= entryTo) {
                o.handled = true;
                o.exitCode = 0;
            } else if (o.handled) {
                o.exitCode += instructions;
            } else {
                o.entryCode += instructions;
            }
        } else if (cpu.cpl == 3) {
            user += instructions;
        } else {
            kernel += instructions;
        }
        if (rip == switchFrom) {
            if (sleeping.size() > MOST_PLACES) sleeping.clear();
            sleeping.put(cpu.gpr[Cpu.RSP] & STACK, open);
        } else if (rip == switchTo) {
            Deque<Open> other = sleeping.remove(cpu.gpr[Cpu.RSP] & STACK);
            open = other != null ? other : new ArrayDeque<>();
        }
        if (distance != 0 && (untilSample -= instructions) <= 0) sample(cpu, rip);
    }

    private void sample(Cpu cpu, long rip) {
        long weight = 0;
        while (untilSample <= 0) {
            untilSample += distance;
            weight += distance;
        }
        long[] frames = new long[MOST_FRAMES];
        int n = 0;
        frames[n++] = rip;
        for (Iterator<ShadowEntry> i = cpu.shadow.chain().iterator(); i.hasNext() && n < MOST_FRAMES; ) {
            ShadowEntry e = i.next();
            if (e.kind() == ShadowEntry.Kind.CALL) {
                frames[n++] = e.address() - 1;
            } else {
                frames[n++] = ENTRY_FRAME | (long) e.kind().ordinal() << KIND | e.vector() & 0xffff;
                if (n < MOST_FRAMES) frames[n++] = e.address();
            }
        }
        Stack s = new Stack(Arrays.copyOf(frames, n));
        long[] count = stacks.get(s);
        if (count == null) {
            if (stacks.size() >= MOST_STACKS) s = new Stack(new long[] {rip});
            count = stacks.computeIfAbsent(s, k -> new long[1]);
        }
        count[0] += weight;
    }

    // ---- results ----

    Map<EntryKey, EntryStatistics> entries() {
        return entries;
    }

    Map<Long, long[]> places() {
        return places;
    }

    /** Calls for each stack, innermost address first. */
    void stacks(java.util.function.ObjLongConsumer<long[]> each) {
        stacks.forEach((s, n) -> each.accept(s.addresses, n[0]));
    }

    long retired() {
        return retired;
    }

    long translated() {
        return translated;
    }

    /** @return instructions at CPL 3 */
    long user() {
        return user;
    }

    /** @return instructions above CPL 3 outside of entries that were seen: boot, kernel threads, idle */
    long kernel() {
        return kernel;
    }

    /** @return entries that ended otherwise than by their own return: signals, exec, exit */
    long unmatched() {
        return unmatched;
    }
}
