package ringside.lab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ringside.memory.PhysicalMemory;

/**
 * The memory of an experiment: pages and page tables taken from RAM above {@link #POOL}, or in real mode the first 1
 * MiB + 64 KiB itself. All that an experiment took is zeroed before the next.
 */
final class LabMemory {
    /** First physical address given to pages and page tables. */
    static final long POOL = 2 << 20;
    /** End of what real-mode addresses reach: FFFFh:FFFFh, rounded up to a page. */
    static final int REAL_END = 0x11_0000;

    private static final int PAGE = PhysicalMemory.PAGE_SIZE;
    private static final long PRESENT = 1,
            WRITABLE = 2,
            USER = 4,
            DIRTY = 1 << 6,
            NX = 1L << 63,
            ADDRESS = 0xf_ffff_ffff_f000L;
    private static final byte[] ZEROES = new byte[PAGE];

    private record Page(long linear, long physical, long entry) {}

    private final PhysicalMemory ram;
    private final Map<Long, Page> pages = new HashMap<>();
    private final List<Experiment.Patch> patches = new ArrayList<>();
    private final byte[] now = new byte[PAGE];
    private final byte[] before = new byte[PAGE];
    private long next = POOL;
    private Mode mode = Mode.REAL;
    private long root;

    LabMemory(PhysicalMemory ram) {
        this.ram = ram;
        ram.zero(0, REAL_END);
    }

    /** Gives up what the last experiment had and starts the page tables of the next. */
    void begin(Mode m) {
        ram.zero(POOL, next - POOL);
        if (mode == Mode.REAL) ram.zero(0, REAL_END);
        pages.clear();
        patches.clear();
        next = POOL;
        mode = m;
        root = m == Mode.REAL ? 0 : take();
        if (m == Mode.PROTECTED) {
            for (int i = 0; i < 4; i++) ram.write(root + 8 * i, 8, take() | PRESENT);
        }
    }

    /** @return physical address of the top page table */
    long root() {
        return root;
    }

    private long take() {
        if (next + PAGE > ram.lowSize())
            throw new LabException("the experiment needs more memory than the laboratory has (" + (ram.lowSize() >> 20)
                    + " MiB; --memory sets it)");
        long p = next;
        next += PAGE;
        return p;
    }

    boolean mapped(long linear) {
        return mode == Mode.REAL ? linear >= 0 && linear < REAL_END : pages.containsKey(linear & -PAGE);
    }

    /** Maps one zeroed page, in the place of one that is there. */
    void map(long linear, boolean present, boolean writable, boolean executable, boolean user) {
        long at = entry(linear);
        Page old = pages.get(linear & -PAGE);
        long physical = old == null ? take() : old.physical;
        ram.write(
                at,
                8,
                physical
                        | (present ? PRESENT : 0)
                        | (writable ? WRITABLE : 0)
                        | (user ? USER : 0)
                        | (executable ? 0 : NX));
        pages.put(linear & -PAGE, new Page(linear & -PAGE, physical, at));
    }

    /** @return physical address of the last-level entry for a linear address; tables on the way are made */
    private long entry(long linear) {
        long table = root;
        for (int shift = mode == Mode.PROTECTED ? 30 : 39; shift > 12; shift -= 9) {
            long at = table + 8 * (linear >>> shift & 511);
            long e = ram.read(at, 8);
            if (e == 0) {
                e = take() | PRESENT | WRITABLE | USER;
                ram.write(at, 8, e);
            }
            table = e & ADDRESS;
        }
        return table + 8 * (linear >>> 12 & 511);
    }

    /** Puts bytes at a linear address and remembers them as the state before the run. */
    void place(long linear, byte[] bytes, String what) {
        for (int done = 0; done < bytes.length; ) {
            long la = linear + done;
            if (!mapped(la))
                throw new LabException(
                        what + ": address " + Registers.hex(la) + " is not mapped; map it with map (--map ADDR:SIZE)");
            int n = (int) Math.min(bytes.length - done, PAGE - (la & PAGE - 1));
            ram.write(physical(la), bytes, done, n);
            done += n;
        }
        patches.add(new Experiment.Patch(linear, bytes));
    }

    private long physical(long la) {
        return mode == Mode.REAL ? la : pages.get(la & -PAGE).physical + (la & PAGE - 1);
    }

    /** Reads memory, mapped by {@link #map} before. */
    byte[] read(long linear, int length) {
        byte[] b = new byte[length];
        for (int done = 0; done < length; ) {
            long la = linear + done;
            if (!mapped(la)) throw new LabException("address " + Registers.hex(la) + " is not mapped");
            int n = (int) Math.min(length - done, PAGE - (la & PAGE - 1));
            ram.read(physical(la), b, done, n);
            done += n;
        }
        return b;
    }

    /** Writes where the experiment itself must not count it as a change: tables of the processor. */
    void write(long linear, int bytes, long value) {
        ram.write(physical(linear), bytes, value);
    }

    /** @return all pages below {@code hiddenStart}, in rising order */
    List<Lab.Page> view(long hiddenStart) {
        List<Lab.Page> all = new ArrayList<>();
        for (Page p : pages.values()) {
            if (Long.compareUnsigned(p.linear, hiddenStart) >= 0) continue;
            long e = ram.read(p.entry, 8);
            byte[] content = new byte[PAGE];
            ram.read(p.physical, content, 0, PAGE);
            all.add(new Lab.Page(p.linear, (e & PRESENT) != 0, (e & WRITABLE) != 0, (e & NX) == 0, content));
        }
        all.sort((a, b) -> Long.compareUnsigned(a.linear(), b.linear()));
        return all;
    }

    /** @return runs of bytes that differ from the state before the run; hidden pages left out */
    List<Result.Bytes> changes(long hiddenStart) {
        List<Result.Bytes> runs = new ArrayList<>();
        if (mode == Mode.REAL) {
            for (long la = 0; la < REAL_END; la += PAGE) compare(la, la, runs);
            return runs;
        }
        List<Page> dirty = new ArrayList<>();
        for (Page p : pages.values()) {
            if ((ram.read(p.entry, 8) & DIRTY) != 0 && Long.compareUnsigned(p.linear, hiddenStart) < 0) dirty.add(p);
        }
        dirty.sort((a, b) -> Long.compareUnsigned(a.linear, b.linear));
        for (Page p : dirty) compare(p.linear, p.physical, runs);
        return runs;
    }

    private void compare(long linear, long physical, List<Result.Bytes> runs) {
        ram.read(physical, now, 0, PAGE);
        byte[] old = initial(linear);
        int at = Arrays.mismatch(old, now);
        while (at >= 0 && at < PAGE) {
            int end = at;
            while (end < PAGE && old[end] != now[end]) end++;
            append(runs, linear + at, Arrays.copyOfRange(now, at, end));
            int skip = Arrays.mismatch(old, end, PAGE, now, end, PAGE);
            at = skip < 0 ? -1 : end + skip;
        }
    }

    private static void append(List<Result.Bytes> runs, long address, byte[] bytes) {
        if (!runs.isEmpty()) {
            Result.Bytes last = runs.getLast();
            if (last.address() + last.bytes().length == address) {
                byte[] joined = Arrays.copyOf(last.bytes(), last.bytes().length + bytes.length);
                System.arraycopy(bytes, 0, joined, last.bytes().length, bytes.length);
                runs.set(runs.size() - 1, new Result.Bytes(last.address(), joined));
                return;
            }
        }
        runs.add(new Result.Bytes(address, bytes));
    }

    private byte[] initial(long page) {
        boolean touched = false;
        for (Experiment.Patch p : patches) {
            long from = p.address() - page;
            if (from >= PAGE || from + p.bytes().length <= 0) continue;
            if (!touched) Arrays.fill(before, (byte) 0);
            touched = true;
            int start = (int) Math.max(from, 0);
            int skip = (int) Math.max(-from, 0);
            System.arraycopy(p.bytes(), skip, before, start, Math.min(p.bytes().length - skip, PAGE - start));
        }
        return touched ? before : ZEROES;
    }
}
