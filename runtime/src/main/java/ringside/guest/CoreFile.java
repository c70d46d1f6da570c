package ringside.guest;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import ringside.memory.GuestMemory;

/**
 * An ELF core file of a guest: its physical memory by the segments' p_paddr, and its notes. Written by QEMU's
 * {@code dump-guest-memory} and by kdump ({@code /proc/vmcore}). The file is mapped and read where it is asked about.
 * Every number in it is checked when it is opened; a file that is damaged is refused with a {@link CoreException}.
 * Source: System V ABI, chapters 4 and 5.
 */
public final class CoreFile implements GuestMemory, AutoCloseable {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int ET_CORE = 4, EM_386 = 3, EM_X86_64 = 62, PT_LOAD = 1, PT_NOTE = 4, PN_XNUM = 0xffff;
    private static final int MOST_SEGMENTS = 1 << 20, MOST_NOTES = 1 << 16, MOST_NOTE_BYTES = 64 << 20;

    /**
     * A note: whose it is, its number, its content.
     *
     * @param name who defines the note's type, as "CORE", "QEMU" or "VMCOREINFO"
     * @param type what the content is, among the types of that name
     * @param content the bytes of the note, without padding
     */
    public record Note(String name, int type, byte[] content) {}

    /** @param at in the file @param from first byte's physical address @param bytes that the file has of it */
    private record Segment(long at, long from, long bytes) {}

    private final Path path;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment file;
    private final boolean wide;
    private final boolean longMode;
    private final List<Note> notes = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();
    private Segment recent = new Segment(0, 0, 0);

    private CoreFile(Path path) throws IOException {
        this.path = path;
        try {
            file = map(path);
            checkHeader();
            wide = file.get(ValueLayout.JAVA_BYTE, 4) == 2;
            longMode = (file.get(SHORT, 18) & 0xffff) == EM_X86_64;
            readSegments();
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Opens a core file; it stays mapped until {@link #close}.
     *
     * @param path the file
     * @return the file, open
     * @throws IOException if it cannot be opened or read
     */
    public static CoreFile open(Path path) throws IOException {
        return new CoreFile(path);
    }

    private MemorySegment map(Path path) throws IOException {
        if (Files.isDirectory(path)) throw broken("is a folder");
        try (FileChannel c = FileChannel.open(path, StandardOpenOption.READ)) {
            if (c.size() < 64) throw broken("is no ELF core file: it has " + c.size() + " bytes");
            return c.map(FileChannel.MapMode.READ_ONLY, 0, c.size(), arena);
        }
    }

    private CoreException broken(String format, Object... values) {
        return new CoreException(path + " " + String.format(format, values));
    }

    private void checkHeader() throws CoreException {
        byte[] start = file.asSlice(0, 16).toArray(ValueLayout.JAVA_BYTE);
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.startsWith("KDUMP   ") || text.startsWith("DISKDUMP")) {
            throw broken(
                    "is a compressed kdump file, and no ELF core: have QEMU dump without -z, -l, -s, or makedumpfile"
                            + " with -E");
        }
        if (text.startsWith("makedumpfile"))
            throw broken("is a makedumpfile in its flat form: put it together with makedumpfile -R");
        if (!text.startsWith("\177ELF")) throw broken("is no ELF core file");
        if (start[4] != 1 && start[4] != 2 || start[5] != 1) throw broken("is no little-endian ELF file");
        int type = file.get(SHORT, 16) & 0xffff;
        if (type != ET_CORE)
            throw broken("is an ELF file, but no core (type %d): a kernel's file goes to --vmlinux", type);
        int machine = file.get(SHORT, 18) & 0xffff;
        if (machine != EM_386 && machine != EM_X86_64)
            throw broken("is a core of another kind of processor (ELF machine %d)", machine);
    }

    private long word(long at) {
        return wide ? file.get(LONG, at) : file.get(INT, at) & 0xffff_ffffL;
    }

    private void readSegments() throws CoreException {
        long size = file.byteSize();
        long table = word(wide ? 32 : 28);
        int entry = file.get(SHORT, wide ? 54 : 42) & 0xffff;
        long count = file.get(SHORT, wide ? 56 : 44) & 0xffff;
        if (count == PN_XNUM) count = manySegments(size);
        if (count == 0 || count > MOST_SEGMENTS) throw broken("has %d segments", count);
        if (entry < (wide ? 56 : 32) || table < 0 || table > size || count * entry > size - table) {
            throw broken("is cut short or damaged: its table of segments does not lie in its %,d bytes", size);
        }
        for (int i = 0; i < count; i++) {
            long at = table + (long) i * entry;
            int type = file.get(INT, at);
            if (type != PT_LOAD && type != PT_NOTE) continue;
            long offset = word(at + (wide ? 8 : 4));
            long physical = word(at + (wide ? 24 : 12));
            long bytes = word(at + (wide ? 32 : 16));
            if (bytes == 0) continue;
            if (offset < 0 || bytes < 0 || offset > size || bytes > size - offset) {
                throw broken(
                        "is cut short or damaged: segment %d should end at byte %,d, the file has %,d",
                        i, offset + bytes, size);
            }
            if (type == PT_NOTE) {
                readNotes(offset, bytes);
            } else if (physical >= 0 && physical + bytes > 0) {
                segments.add(new Segment(offset, physical, bytes));
            } else {
                throw broken("is damaged: segment %d has the physical address %x", i, physical);
            }
        }
        separate();
        if (segments.isEmpty()) throw broken("holds no memory");
    }

    /**
     * Brings the segments into order, and leaves each byte of RAM in one of them: a file may have the same memory by
     * several linear addresses.
     */
    private void separate() {
        segments.sort(Comparator.comparingLong(Segment::from).thenComparing(s -> -s.bytes));
        List<Segment> apart = new ArrayList<>();
        long end = 0;
        for (Segment s : segments) {
            long over = Math.max(0, end - s.from);
            if (over >= s.bytes) continue;
            apart.add(new Segment(s.at + over, s.from + over, s.bytes - over));
            end = s.from + s.bytes;
        }
        segments.clear();
        segments.addAll(apart);
    }

    /** With more segments than the header can count, section 0 counts them. */
    private long manySegments(long size) throws CoreException {
        long section = word(wide ? 40 : 32);
        int info = wide ? 44 : 28;
        if (section <= 0 || section > size - info - 4)
            throw broken("is damaged: it has too many segments for its header, and no section that counts them");
        return file.get(INT, section + info) & 0xffff_ffffL;
    }

    private void readNotes(long from, long bytes) throws CoreException {
        if (bytes > MOST_NOTE_BYTES) throw broken("is damaged: it has notes of %,d bytes", bytes);
        long end = from + bytes;
        for (long at = from; end - at >= 12 && notes.size() < MOST_NOTES; ) {
            long nameBytes = file.get(INT, at) & 0xffff_ffffL;
            long contentBytes = file.get(INT, at + 4) & 0xffff_ffffL;
            long content = at + 12 + (nameBytes + 3 & -4L);
            if (nameBytes == 0 && contentBytes == 0) return;
            if (content + contentBytes > end) throw broken("is damaged: a note reaches over the end of the notes");
            String name = new String(bytes(at + 12, nameBytes), StandardCharsets.ISO_8859_1);
            notes.add(new Note(name.replace("\0", ""), file.get(INT, at + 8), bytes(content, contentBytes)));
            at = content + (contentBytes + 3 & -4L);
        }
    }

    private byte[] bytes(long at, long length) {
        return file.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** {@return the file it was opened from} */
    public Path path() {
        return path;
    }

    /** {@return the notes of the file, in its order} */
    public List<Note> notes() {
        return List.copyOf(notes);
    }

    /** {@return whether the file is that of a 64-bit processor in long mode} */
    public boolean longMode() {
        return longMode;
    }

    /** {@return the CPUs that QEMU has described, in its order; empty if it has not} */
    public List<SavedGuest> qemuCpus() {
        List<SavedGuest> cpus = new ArrayList<>();
        for (Note n : notes) {
            SavedGuest g = n.name.equals(QemuNote.NAME) ? QemuNote.read(n.content, this, longMode) : null;
            if (g != null) cpus.add(g);
        }
        return cpus;
    }

    // ---- memory ----

    private Segment segment(long pa) {
        Segment s = recent;
        if (pa - s.from >= 0 && pa - s.from < s.bytes) return s;
        int lo = 0;
        int hi = segments.size() - 1;
        while (lo <= hi) {
            int mid = lo + hi >>> 1;
            s = segments.get(mid);
            if (pa < s.from) {
                hi = mid - 1;
            } else if (pa - s.from >= s.bytes) {
                lo = mid + 1;
            } else {
                recent = s;
                return s;
            }
        }
        return null;
    }

    @Override
    public boolean holds(long pa) {
        long page = pa & -4096L;
        Segment s = pa < 0 ? null : segment(page);
        return s != null && s.bytes - (page - s.from) >= 4096;
    }

    private long place(long pa) {
        Segment s = segment(pa);
        return s.at + (pa - s.from);
    }

    @Override
    public long read64(long pa) {
        return file.get(LONG, place(pa));
    }

    @Override
    public int read8(long pa) {
        return file.get(ValueLayout.JAVA_BYTE, place(pa)) & 0xff;
    }

    @Override
    public void copy(long pa, byte[] into, int offset, int length) {
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, place(pa), into, offset, length);
    }

    @Override
    public List<Range> ranges() {
        return segments.stream().map(s -> new Range(s.from, s.bytes)).toList();
    }

    @Override
    public void close() {
        arena.close();
    }
}
