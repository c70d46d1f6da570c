package ringside.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import ringside.bus.MmioDevice;
import ringside.state.StateVisitor;

/**
 * The guest physical address space: RAM, memory-mapped devices, and nothing (reads all ones, writes are dropped). RAM
 * up to {@link #LOW_RAM_LIMIT} lies at 0, the rest from 4 GiB. Addresses are guest physical, below
 * 2^{@link #ADDRESS_BITS}.
 *
 * <p>Also keeps, for each RAM page, a mask of the 64-byte chunks from which code was decoded or translated; a store to
 * such a chunk reaches {@link CodeListener#codeWritten}.
 */
public final class PhysicalMemory implements GuestMemory {
    /** Width of guest physical addresses, as CPUID reports it. */
    public static final int ADDRESS_BITS = 46;
    /** The bits that a guest physical address can have. */
    public static final long ADDRESS_MASK = (1L << ADDRESS_BITS) - 1;
    /** RAM below 4 GiB ends here at the latest; the PCI hole begins. */
    public static final long LOW_RAM_LIMIT = 0xC000_0000L;

    private static final long HIGH_RAM = 0x1_0000_0000L;
    /** Bytes of a page. */
    public static final int PAGE_SIZE = 4096;

    /** Told when bytes that code was decoded from change. */
    public interface CodeListener {
        /**
         * Bytes of a page that code was decoded from have changed.
         *
         * @param page guest physical page address (4 KiB aligned), all of whose decoded code is void
         */
        void codeWritten(long page);

        /**
         * Code was decoded from a page that held none before: stores to it must be noticed from now on, whichever
         * processor makes them.
         *
         * @param page guest physical page address (4 KiB aligned)
         */
        default void codeFound(long page) {}
    }

    /** Has the content of pages of RAM that nobody has used yet. */
    public interface PageSource {
        /**
         * Puts a page's content into RAM by {@link #arrive}, and may put others that are still absent.
         * @param page its position in RAM, counted from 0
         */
        void fetch(int page);
    }

    private record Window(long start, long end, MmioDevice device) {}

    private final long size;
    private final long lowSize;
    private final long host;
    private final long[] codeChunks;
    /** A bit for each page that somebody has asked for. */
    private final long[] used;
    /** Pages of RAM that a window hides, wholly or in part. */
    private final long[] hidden;

    private final List<Window> windows = new ArrayList<>();
    private final List<CodeListener> listeners = new ArrayList<>();
    private long a20Mask = -1;
    /** Pages whose content has not arrived, a bit each; null if all has. */
    private long[] absent;

    private PageSource source;

    /**
     * RAM full of zeroes, without devices.
     *
     * @param size bytes of RAM, a multiple of 4096
     */
    public PhysicalMemory(long size) {
        if (size <= 0 || size % PAGE_SIZE != 0) throw new IllegalArgumentException("RAM size " + size);
        this.size = size;
        this.lowSize = Math.min(size, LOW_RAM_LIMIT);
        this.host = HostMemory.allocate(size);
        this.codeChunks = new long[Math.toIntExact(size / PAGE_SIZE)];
        this.used = new long[(codeChunks.length + 63) / 64];
        this.hidden = new long[used.length];
    }

    /**
     * {@return what the processor's physical addresses are masked with: all bits, or all but bit 20 while the A20 gate
     * is closed}
     */
    public long a20Mask() {
        return a20Mask;
    }

    /**
     * Opens or closes the A20 gate; callers flush the TLBs.
     *
     * @param open true to let bit 20 of addresses through
     */
    public void setA20(boolean open) {
        a20Mask = open ? -1 : ~(1L << 20);
    }

    /** {@return bytes of RAM} */
    public long size() {
        return size;
    }

    /** {@return bytes of RAM below the PCI hole, starting at physical address 0} */
    public long lowSize() {
        return lowSize;
    }

    /** {@return bytes of RAM from 4 GiB up} */
    public long highSize() {
        return size - lowSize;
    }

    /**
     * Adds somebody who is told when decoded code changes.
     *
     * @param l told from now on
     */
    public void addCodeListener(CodeListener l) {
        listeners.add(l);
    }

    /**
     * Maps a device over [start, start+length), multiples of 4096 not required; devices hide RAM. Later ones win.
     *
     * @param start guest physical address
     * @param length bytes
     * @param device who answers there
     */
    public void map(long start, long length, MmioDevice device) {
        windows.add(0, new Window(start, start + length, device));
        hidePages();
    }

    /**
     * Moves or removes a device's window; callers flush the TLBs.
     *
     * @param device whose window goes
     */
    public void unmap(MmioDevice device) {
        windows.removeIf(w -> w.device() == device);
        hidePages();
    }

    private void hidePages() {
        Arrays.fill(hidden, 0);
        for (Window w : windows) {
            for (long page = w.start & -PAGE_SIZE; page < Math.min(w.end, HIGH_RAM + size); page += PAGE_SIZE) {
                int i = ramIndex(page);
                if (i >= 0) hidden[i >>> 6] |= 1L << i;
            }
        }
    }

    /**
     * Lets pages of RAM be filled when they are first used, whoever uses them. No code may have been decoded from them.
     *
     * @param pages one bit for each page of RAM; kept
     * @param from has the content
     */
    public void fillLater(long[] pages, PageSource from) {
        arriveAll();
        absent = pages;
        source = from;
    }

    /**
     * Looks whether a page has been filled.
     *
     * @param page its position in RAM, counted from 0
     * @return whether a page's content has still to come
     */
    public boolean isAbsent(int page) {
        return absent != null && (absent[page >>> 6] >>> page & 1) != 0;
    }

    /**
     * Puts the content of an absent page into RAM; one that is not absent stays as it is.
     *
     * @param page its position in RAM, counted from 0
     * @param from has the content
     * @param offset index in {@code from} of its first byte
     */
    public void arrive(int page, byte[] from, int offset) {
        if (!isAbsent(page)) return;
        absent[page >>> 6] &= ~(1L << page);
        used[page >>> 6] |= 1L << page;
        HostMemory.write(host + ((long) page << 12), from, offset, PAGE_SIZE);
    }

    /** Fills all pages that are still absent. */
    public void arriveAll() {
        if (absent == null) return;
        for (int w = 0; w < absent.length; w++) {
            while (absent[w] != 0) source.fetch(64 * w + Long.numberOfTrailingZeros(absent[w]));
        }
        absent = null;
        source = null;
    }

    /**
     * Looks whether a page was ever used.
     *
     * @param page its position in RAM, counted from 0
     * @return whether somebody may have written to a page of RAM; otherwise it is zeroes that the host has not even
     *     given yet
     */
    public boolean isUsed(int page) {
        return (used[page >>> 6] >>> page & 1) != 0;
    }

    /** @return the host address of a page of RAM, whose content is there from now on */
    private long present(int page) {
        if (absent != null && isAbsent(page)) source.fetch(page);
        used[page >>> 6] |= 1L << page;
        return host + ((long) page << 12);
    }

    private int ramIndex(long pa) {
        if (pa >= 0 && pa < lowSize) return (int) (pa >>> 12);
        long high = pa - HIGH_RAM;
        if (high >= 0 && high < size - lowSize) return (int) ((lowSize + high) >>> 12);
        return -1;
    }

    /**
     * {@return the host address of a RAM page wholly free of device windows, or 0}
     *
     * @param pa guest physical
     */
    public long ramPage(long pa) {
        int i = ramIndex(pa);
        return i < 0 || (hidden[i >>> 6] >>> i & 1) != 0 ? 0 : present(i);
    }

    @Override
    public boolean holds(long pa) {
        return ramPage(pa & a20Mask) != 0;
    }

    @Override
    public long read64(long pa) {
        return HostMemory.get64(held(pa));
    }

    @Override
    public int read8(long pa) {
        return HostMemory.get8(held(pa));
    }

    @Override
    public void copy(long pa, byte[] into, int offset, int length) {
        HostMemory.read(held(pa), into, offset, length);
    }

    @Override
    public List<Range> ranges() {
        return highSize() == 0
                ? List.of(new Range(0, lowSize))
                : List.of(new Range(0, lowSize), new Range(HIGH_RAM, highSize()));
    }

    /** @return the host address of a byte in a page that {@link #holds} was true of */
    private long held(long pa) {
        long at = pa & a20Mask;
        return present(ramIndex(at)) + (at & 0xfff);
    }

    /** @return the place of a page in RAM, counted from 0, by its host address */
    int pageNumber(long hostPage) {
        return (int) (hostPage - host >>> 12);
    }

    /**
     * {@return the guest physical address of a byte of RAM, by its host address}
     *
     * @param hostAddress within RAM
     */
    public long physicalAddress(long hostAddress) {
        return atOffset(hostAddress - host);
    }

    private long atOffset(long offset) {
        return offset < lowSize ? offset : offset - lowSize + HIGH_RAM;
    }

    private long ramHost(long pa) {
        long p = ramPage(pa);
        return p == 0 ? 0 : p + (pa & 0xfff);
    }

    private Window window(long pa) {
        for (Window w : windows) {
            if (pa >= w.start && pa < w.end) return w;
        }
        return null;
    }

    /**
     * Reads 1, 2, 4 or 8 bytes that do not cross a page, zero-extended; device reads have their side effects.
     *
     * @param pa guest physical address of the first byte
     * @param bytes how many: 1, 2, 4 or 8
     * @return the value, zero-extended
     */
    public long read(long pa, int bytes) {
        long h = ramHost(pa);
        if (h != 0) {
            return switch (bytes) {
                case 1 -> HostMemory.get8(h);
                case 2 -> HostMemory.get16(h);
                case 4 -> HostMemory.get32(h) & 0xffff_ffffL;
                default -> HostMemory.get64(h);
            };
        }
        Window w = window(pa);
        if (w != null) {
            if (bytes == 8) {
                return (w.device.read(pa - w.start, 4) & 0xffff_ffffL) | w.device.read(pa - w.start + 4, 4) << 32;
            }
            return w.device.read(pa - w.start, bytes) & (-1L >>> (64 - 8 * bytes));
        }
        int i = ramIndex(pa);
        if (i >= 0) return readBytes(present(i) + (pa & 0xfff), bytes);
        return -1L >>> (64 - 8 * bytes);
    }

    private static long readBytes(long h, int bytes) {
        long v = 0;
        for (int k = 0; k < bytes; k++) v |= (long) HostMemory.get8(h + k) << (8 * k);
        return v;
    }

    /**
     * Writes 1, 2, 4 or 8 bytes that do not cross a page.
     *
     * @param pa guest physical address of the first byte
     * @param bytes how many: 1, 2, 4 or 8
     * @param v the value; higher bytes are ignored
     */
    public void write(long pa, int bytes, long v) {
        long h = ramHost(pa);
        if (h == 0) {
            Window w = window(pa);
            if (w != null) {
                if (bytes == 8) {
                    w.device.write(pa - w.start, 4, v & 0xffff_ffffL);
                    w.device.write(pa - w.start + 4, 4, v >>> 32);
                } else {
                    w.device.write(pa - w.start, bytes, v & (-1L >>> (64 - 8 * bytes)));
                }
                return;
            }
            int i = ramIndex(pa);
            if (i < 0) return;
            h = present(i) + (pa & 0xfff);
        }
        noteWrite(pa, bytes);
        switch (bytes) {
            case 1 -> HostMemory.put8(h, (int) v);
            case 2 -> HostMemory.put16(h, (int) v);
            case 4 -> HostMemory.put32(h, (int) v);
            default -> HostMemory.put64(h, v);
        }
    }

    /**
     * Copies guest physical memory out, as a device's DMA read or a debugger does; no side effects, unclaimed bytes
     * read FFh.
     *
     * @param pa guest physical address of the first byte
     * @param into where the bytes go
     * @param offset index of the first one in {@code into}
     * @param length how many
     */
    public void read(long pa, byte[] into, int offset, int length) {
        for (int k = 0; k < length; ) {
            int n = (int) Math.min(length - k, PAGE_SIZE - (pa + k & 0xfff));
            long h = ramHost(pa + k);
            if (h != 0) {
                HostMemory.read(h, into, offset + k, n);
            } else {
                java.util.Arrays.fill(into, offset + k, offset + k + n, (byte) 0xff);
            }
            k += n;
        }
    }

    /**
     * Copies into guest physical RAM, as a loader or a device's DMA write does.
     *
     * @param pa guest physical address of the first byte
     * @param from where they come from
     * @param offset index of the first one in {@code from}
     * @param length how many
     */
    public void write(long pa, byte[] from, int offset, int length) {
        for (int k = 0; k < length; ) {
            int n = (int) Math.min(length - k, PAGE_SIZE - (pa + k & 0xfff));
            long h = ramHost(pa + k);
            if (h != 0) {
                noteWrite(pa + k, n);
                HostMemory.write(h, from, offset + k, n);
            }
            k += n;
        }
    }

    /**
     * Copies a whole array into guest physical RAM.
     *
     * @param pa guest physical address of the first byte
     * @param from the bytes
     */
    public void write(long pa, byte[] from) {
        write(pa, from, 0, from.length);
    }

    /**
     * Zeroes guest physical RAM.
     *
     * @param pa guest physical address of the first byte
     * @param length bytes
     */
    public void zero(long pa, long length) {
        for (long k = 0; k < length; ) {
            long n = Math.min(length - k, PAGE_SIZE - (pa + k & 0xfff));
            long h = ramHost(pa + k);
            if (h != 0) {
                noteWrite(pa + k, (int) n);
                HostMemory.fill(h, n, 0);
            }
            k += n;
        }
    }

    private static long chunks(long pa, int bytes) {
        int first = (int) (pa & 0xfff) >>> 6;
        int last = (int) Math.min((pa & 0xfff) + bytes - 1, 0xfff) >>> 6;
        return (-1L << first) & (-1L >>> (63 - last));
    }

    /**
     * Records that code was decoded from [pa, pa+bytes), within one page.
     *
     * @param pa guest physical address of the first byte
     * @param bytes length of the code
     */
    public void markCode(long pa, int bytes) {
        int i = ramIndex(pa);
        if (i < 0) return;
        boolean first = codeChunks[i] == 0;
        codeChunks[i] |= chunks(pa, bytes);
        if (first) {
            for (CodeListener l : listeners) l.codeFound(pa & -PAGE_SIZE);
        }
    }

    /**
     * {@return whether the page of this address holds decoded code, so that stores to it must take the slow path}
     *
     * @param pa guest physical
     */
    public boolean hasCode(long pa) {
        int i = ramIndex(pa);
        return i >= 0 && codeChunks[i] != 0;
    }

    /**
     * {@return whether a store of these bytes (within one page) would change decoded code}
     *
     * @param pa guest physical address of the first byte
     * @param bytes width of the store
     */
    public boolean hitsCode(long pa, int bytes) {
        int i = ramIndex(pa);
        return i >= 0 && (codeChunks[i] & chunks(pa, bytes)) != 0;
    }

    private void noteWrite(long pa, int bytes) {
        if (hitsCode(pa, bytes)) {
            codeChunks[ramIndex(pa)] = 0;
            for (CodeListener l : listeners) l.codeWritten(pa & -PAGE_SIZE);
        }
    }

    /**
     * Replaces a page of RAM by its position in RAM (not its physical address), for restoring snapshots.
     *
     * @param offset of the page in RAM, in bytes
     * @param from host address of 4096 bytes
     */
    public void replacePage(long offset, long from) {
        int i = (int) (offset >>> 12);
        if (absent != null) absent[i >>> 6] &= ~(1L << i);
        used[i >>> 6] |= 1L << i;
        if (codeChunks[i] != 0) {
            codeChunks[i] = 0;
            for (CodeListener l : listeners) l.codeWritten(atOffset(offset));
        }
        HostMemory.copy(from, host + offset, PAGE_SIZE);
    }

    /** Gives the RAM back to the host. */
    public void free() {
        HostMemory.free(host);
    }

    /**
     * Visits every RAM page as one block of bytes; pages of zeroes count as absent.
     *
     * @param v the visitor
     */
    public void visit(StateVisitor v) {
        arriveAll();
        v.ram("ram", host, size);
    }
}
