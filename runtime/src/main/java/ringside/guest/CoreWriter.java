package ringside.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.memory.GuestMemory;
import ringside.memory.PageTables;

/**
 * Writes a guest as an ELF core, in the form of QEMU's {@code dump-guest-memory -p}: notes with the CPU's state, all of
 * RAM by physical address, and for those who read by linear address (gdb) a segment for each stretch that is mapped,
 * whose bytes are those of RAM. Pages of zeroes are left out of the file as holes. The file appears under its name only
 * when it is whole. Source: System V ABI, chapters 4 and 5.
 */
public final class CoreWriter {
    private static final int HEADER = 64,
            SEGMENT = 56,
            SECTION = 64,
            PN_XNUM = 0xffff,
            MOST_SEGMENTS = 1 << 20,
            PAGE = 4096;
    private static final int NT_PRSTATUS = 1, PRSTATUS = 336, REGISTERS = 112;
    private static final int PT_LOAD = 1, PT_NOTE = 4, READ_WRITE_EXECUTE = 7;
    /** {@code user_regs_struct}, general registers by their numbers. */
    private static final int[] GENERAL = {
        15, 14, 13, 12, Cpu.RBP, Cpu.RBX, 11, 10, 9, 8, Cpu.RAX, Cpu.RCX, Cpu.RDX, Cpu.RSI, Cpu.RDI
    };

    /** A program header. */
    private record Segment(int type, long at, long linear, long physical, long bytes) {}

    private final GuestState guest;
    private final GuestMemory memory;
    private final List<CoreFile.Note> notes = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();

    /**
     * Prepares the core file of a guest.
     *
     * @param guest the registers and memory to write
     * @param more notes beside the CPU's own: a Linux kernel's VMCOREINFO
     */
    public CoreWriter(GuestState guest, List<CoreFile.Note> more) {
        this.guest = guest;
        this.memory = guest.memory();
        notes.add(new CoreFile.Note("CORE", NT_PRSTATUS, status()));
        notes.add(new CoreFile.Note(QemuNote.NAME, 0, QemuNote.write(guest)));
        notes.addAll(more);
    }

    /**
     * Writes the file.
     *
     * @param to the file to make
     * @return how many bytes of RAM it holds
     * @throws IOException if the file cannot be written
     */
    public long write(Path to) throws IOException {
        Path folder = to.toAbsolutePath().getParent();
        Path part = Files.createTempFile(folder, to.getFileName().toString(), ".part");
        try {
            long bytes;
            try (FileChannel c = FileChannel.open(part, StandardOpenOption.WRITE)) {
                bytes = write(c);
            }
            Files.move(part, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            return bytes;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private long write(FileChannel c) throws IOException {
        byte[] noteBytes = notes();
        List<GuestMemory.Range> ram = memory.ranges();
        List<Segment> mapped = mapped();
        int count = 1 + ram.size() + mapped.size();
        long noteAt = HEADER + (long) count * SEGMENT + SECTION;
        segments.add(new Segment(PT_NOTE, noteAt, 0, 0, noteBytes.length));
        long at = noteAt + noteBytes.length + PAGE - 1 & -PAGE;
        long first = at;
        for (GuestMemory.Range r : ram) {
            segments.add(new Segment(PT_LOAD, at, 0, r.from(), r.bytes()));
            at += r.bytes();
        }
        for (Segment m : mapped) segments.add(new Segment(PT_LOAD, place(m.physical), m.linear, m.physical, m.bytes));
        ByteBuffer b = ByteBuffer.allocate((int) noteAt + noteBytes.length).order(ByteOrder.LITTLE_ENDIAN);
        header(b, count);
        for (Segment s : segments) {
            b.putInt(s.type)
                    .putInt(s.type == PT_LOAD ? READ_WRITE_EXECUTE : 0)
                    .putLong(s.at)
                    .putLong(s.linear)
                    .putLong(s.physical)
                    .putLong(s.bytes)
                    .putLong(s.bytes)
                    .putLong(0);
        }
        b.position(b.position() + 44).putInt(count).position((int) noteAt);
        b.put(noteBytes);
        writeAll(c, b.flip(), 0);
        pages(c, ram, first);
        return at - first;
    }

    private long place(long pa) {
        for (Segment s : segments) {
            if (s.type == PT_LOAD && pa - s.physical >= 0 && pa - s.physical < s.bytes) return s.at + (pa - s.physical);
        }
        throw new IllegalStateException("no RAM at " + Long.toHexString(pa));
    }

    /** The ELF header; more segments than it can count are counted by section 0, which follows the segments. */
    private void header(ByteBuffer b, int count) {
        boolean many = count >= PN_XNUM;
        b.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
        b.putShort((short) 4)
                .putShort((short) (guest.longMode() ? 62 : 3))
                .putInt(1)
                .putLong(0)
                .putLong(HEADER);
        b.putLong(many ? HEADER + (long) count * SEGMENT : 0)
                .putInt(0)
                .putShort((short) HEADER)
                .putShort((short) SEGMENT)
                .putShort((short) Math.min(count, PN_XNUM));
        b.putShort((short) SECTION).putShort((short) (many ? 1 : 0)).putShort((short) 0);
    }

    private void pages(FileChannel c, List<GuestMemory.Range> ram, long first) throws IOException {
        byte[] page = new byte[PAGE];
        byte[] zero = new byte[PAGE];
        long at = first;
        long end = first;
        for (GuestMemory.Range r : ram) {
            for (long o = 0; o < r.bytes(); o += PAGE, at += PAGE) {
                if (!memory.holds(r.from() + o)) continue;
                memory.copy(r.from() + o, page, 0, PAGE);
                if (!java.util.Arrays.equals(page, zero)) writeAll(c, ByteBuffer.wrap(page), at);
            }
            end = at;
        }
        if (c.size() < end) writeAll(c, ByteBuffer.wrap(new byte[1]), end - 1);
    }

    private static void writeAll(FileChannel c, ByteBuffer b, long at) throws IOException {
        for (long o = at; b.hasRemaining(); ) o += c.write(b, o);
    }

    /** Stretches of RAM that are mapped one behind the other, by linear address. */
    private List<Segment> mapped() {
        List<Segment> found = new ArrayList<>();
        if ((guest.cr0() & Cpu.CR0_PG) == 0) return found;
        PageTables tables = new PageTables(memory);
        tables.use(guest.cr0(), guest.cr3(), guest.cr4(), guest.efer(), guest.pdptes());
        long top = !guest.longMode() ? 0x1_0000_0000L : (guest.cr4() & Cpu.CR4_LA57) != 0 ? 1L << 56 : 1L << 47;
        half(tables, 0, top, found);
        if (guest.longMode()) half(tables, -top, 0, found);
        return found;
    }

    private void half(PageTables tables, long from, long to, List<Segment> into) {
        Segment last = null;
        for (long la = from; la != to && into.size() < MOST_SEGMENTS; ) {
            long pa = tables.translate(la);
            long size = 1L << tables.shift();
            long end = (la & -size) + size;
            while (pa != -1 && la != end) {
                boolean held = memory.holds(pa);
                if (held && last != null && last.linear + last.bytes == la && last.physical + last.bytes == pa) {
                    last = new Segment(PT_LOAD, 0, last.linear, last.physical, last.bytes + PAGE);
                    into.set(into.size() - 1, last);
                } else if (held) {
                    last = new Segment(PT_LOAD, 0, la, pa, PAGE);
                    into.add(last);
                } else if (size > 1 << 21) {
                    break; // a gigabyte of nothing
                }
                la += PAGE;
                pa += PAGE;
            }
            la = end;
        }
    }

    private byte[] notes() {
        int bytes = 0;
        for (CoreFile.Note n : notes) bytes += 12 + padded(n.name().length() + 1) + padded(n.content().length);
        ByteBuffer b = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (CoreFile.Note n : notes) {
            int at = b.position();
            b.putInt(n.name().length() + 1)
                    .putInt(n.content().length)
                    .putInt(n.type())
                    .put(n.name().getBytes(StandardCharsets.ISO_8859_1));
            b.position(at + 12 + padded(n.name().length() + 1));
            b.put(n.content());
            b.position(at + 12 + padded(n.name().length() + 1) + padded(n.content().length));
        }
        return b.array();
    }

    private static int padded(int n) {
        return n + 3 & -4;
    }

    private byte[] status() {
        ByteBuffer b = ByteBuffer.allocate(PRSTATUS).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(32, 1); // pid: CPU 0's, counted from 1 as QEMU does
        b.position(REGISTERS);
        for (int r : GENERAL) b.putLong(guest.gpr(r));
        b.putLong(0)
                .putLong(guest.rip())
                .putLong(guest.selector(Cpu.CS))
                .putLong(guest.rflags())
                .putLong(guest.gpr(Cpu.RSP))
                .putLong(guest.selector(Cpu.SS));
        b.putLong(guest.base(Cpu.FS)).putLong(guest.base(Cpu.GS));
        b.putLong(guest.selector(Cpu.DS))
                .putLong(guest.selector(Cpu.ES))
                .putLong(guest.selector(Cpu.FS))
                .putLong(guest.selector(Cpu.GS));
        return b.array();
    }
}
