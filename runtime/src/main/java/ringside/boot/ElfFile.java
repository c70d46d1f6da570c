package ringside.boot;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An ELF executable's header, loadable segments and notes, for x86 of either width. Only what a loader needs; all
 * offsets come from the file and are checked. Source: System V ABI, chapter 4 (object files) and 5 (program loading).
 *
 * @param image the whole file
 * @param is64 ELFCLASS64
 * @param machine e_machine
 * @param entry e_entry, a virtual address
 * @param segments those that are loaded (PT_LOAD)
 * @param notes those that hold notes (PT_NOTE)
 * @param interpreter the dynamic linker that the program asks for, or null
 */
public record ElfFile(
        BootImage image,
        boolean is64,
        int machine,
        long entry,
        List<Segment> segments,
        List<Segment> notes,
        String interpreter) {
    static final int EM_386 = 3, EM_X86_64 = 62;
    private static final int PT_LOAD = 1,
            PT_INTERP = 3,
            PT_NOTE = 4,
            PF_X = 1,
            PF_W = 2,
            ET_EXEC = 2,
            ET_DYN = 3,
            MAX_HEADERS = 1024;

    /**
     * A program header.
     *
     * @param executable PF_X
     * @param writable PF_W
     * @param offset p_offset, where its bytes begin in the file
     * @param virtual p_vaddr
     * @param physical p_paddr
     * @param fileSize bytes in the file
     * @param memorySize bytes in memory, the rest is zero
     */
    public record Segment(
            boolean executable,
            boolean writable,
            long offset,
            long virtual,
            long physical,
            long fileSize,
            long memorySize) {}

    static boolean isElf(BootImage image) {
        return image.startsWith(0, "\177ELF");
    }

    static ElfFile parse(BootImage image) throws BootException {
        int bits = image.u8(4, "ELF header");
        if (bits != 1 && bits != 2) throw image.error("ELF class " + bits + " is neither 32 nor 64 bits");
        if (image.u8(5, "ELF header") != 1) throw image.error("ELF file is not little-endian");
        boolean wide = bits == 2;
        image.require(0, wide ? 64 : 52, "ELF header");
        int type = image.u16(16, "ELF header");
        int machine = image.u16(18, "ELF header");
        if (machine != EM_386 && machine != EM_X86_64)
            throw image.error("ELF file is for machine " + machine + ", not for x86");
        if (type != ET_EXEC && type != ET_DYN) throw image.error("ELF file of type " + type + " is not an executable");
        long entry = wide ? image.u64(24, "ELF header") : image.u32(24, "ELF header");
        long table = wide ? image.u64(32, "ELF header") : image.u32(28, "ELF header");
        int entrySize = image.u16(wide ? 54 : 42, "ELF header");
        int count = image.u16(wide ? 56 : 44, "ELF header");
        if (count == 0) throw image.error("ELF file has no program headers");
        if (count > MAX_HEADERS) throw image.error("ELF file claims " + count + " program headers");
        if (entrySize < (wide ? 56 : 32))
            throw image.error("ELF program headers of " + entrySize + " bytes are too small");
        image.require(table, (long) entrySize * count, "ELF program headers");
        List<Segment> load = new ArrayList<>();
        List<Segment> notes = new ArrayList<>();
        String interpreter = null;
        for (int i = 0; i < count; i++) {
            long at = table + (long) i * entrySize;
            long kind = image.u32(at, "ELF program header");
            if (kind != PT_LOAD && kind != PT_NOTE && kind != PT_INTERP) continue;
            Segment s = wide ? segment64(image, at) : segment32(image, at);
            if (kind == PT_NOTE) {
                notes.add(s);
            } else if (kind == PT_INTERP) {
                image.require(s.offset(), s.fileSize(), "ELF name of the dynamic linker");
                interpreter = new String(
                                image.bytes(), (int) s.offset(), (int) s.fileSize(), StandardCharsets.ISO_8859_1)
                        .replace("\0", "");
            } else if (s.memorySize() != 0) {
                load.add(s);
            }
        }
        if (load.isEmpty()) throw image.error("ELF file has nothing to load");
        return new ElfFile(image, wide, machine, entry, load, notes, interpreter);
    }

    /**
     * Reads and checks a file.
     *
     * @param file the file
     * @return what it says
     * @throws BootException if it is no ELF file, or one that cannot be used
     * @throws java.io.IOException if it cannot be read
     */
    public static ElfFile read(java.nio.file.Path file) throws BootException, java.io.IOException {
        BootImage image = BootImage.read(file);
        if (!isElf(image)) throw image.error("not an ELF file");
        return parse(image);
    }

    /**
     * {@return a segment's bytes in the file}
     *
     * @param s the segment
     * @throws BootException if they are not all in the file, or more than the segment has in memory
     */
    public byte[] contents(Segment s) throws BootException {
        if (Long.compareUnsigned(s.fileSize(), s.memorySize()) > 0)
            throw image.error("ELF segment has more bytes in the file than in memory");
        image.require(s.offset(), s.fileSize(), "ELF segment");
        return java.util.Arrays.copyOfRange(image.bytes(), (int) s.offset(), (int) (s.offset() + s.fileSize()));
    }

    private static Segment segment32(BootImage f, long at) throws BootException {
        String what = "ELF program header";
        return new Segment(
                (f.u32(at + 24, what) & PF_X) != 0,
                (f.u32(at + 24, what) & PF_W) != 0,
                f.u32(at + 4, what),
                f.u32(at + 8, what),
                f.u32(at + 12, what),
                f.u32(at + 16, what),
                f.u32(at + 20, what));
    }

    private static Segment segment64(BootImage f, long at) throws BootException {
        String what = "ELF program header";
        return new Segment(
                (f.u32(at + 4, what) & PF_X) != 0,
                (f.u32(at + 4, what) & PF_W) != 0,
                f.u64(at + 8, what),
                f.u64(at + 16, what),
                f.u64(at + 24, what),
                f.u64(at + 32, what),
                f.u64(at + 40, what));
    }

    /** Loads every segment at its physical address, the rest of each zeroed. */
    void place(GuestRam ram) throws BootException {
        place(ram, 0);
    }

    /** @param moved how far from its physical address each segment goes */
    void place(GuestRam ram, long moved) throws BootException {
        for (Segment s : segments) {
            if (Long.compareUnsigned(s.fileSize(), s.memorySize()) > 0) {
                throw image.error("ELF segment at " + Long.toHexString(s.physical())
                        + "h has more bytes in the file than in memory");
            }
            image.require(s.offset(), s.fileSize(), "ELF segment");
            ram.requireRam(s.physical() + moved, s.memorySize(), "ELF segment");
        }
        for (Segment s : segments) {
            ram.placeImage(s.physical() + moved, image, (int) s.offset(), s.fileSize(), s.memorySize(), "ELF segment");
        }
    }

    /**
     * @return the physical address of the entry point: e_entry moved as its segment is moved from virtual to physical
     */
    long physicalEntry() throws BootException {
        for (Segment s : segments) {
            if (s.executable() && contains(s.virtual(), s.memorySize(), entry))
                return entry - s.virtual() + s.physical();
        }
        for (Segment s : segments) {
            if (contains(s.physical(), s.memorySize(), entry)) return entry;
            if (contains(s.virtual(), s.memorySize(), entry)) return entry - s.virtual() + s.physical();
        }
        throw image.error("ELF entry point " + Long.toHexString(entry) + "h lies in no segment");
    }

    private static boolean contains(long start, long length, long address) {
        return Long.compareUnsigned(address - start, length) < 0;
    }

    /** @return the value (4 or 8 bytes) of a note, or -1 if there is no such note */
    long note(String owner, int type) throws BootException {
        for (Segment n : notes) {
            if (!image.has(n.offset(), n.fileSize())) throw image.error("truncated: ELF notes");
            long at = n.offset();
            long end = at + n.fileSize();
            while (end - at >= 12) {
                long nameSize = image.u32(at, "ELF note");
                long size = image.u32(at + 4, "ELF note");
                long name = at + 12;
                long value = name + Ranges.up(nameSize, 4);
                if (value + size > end) break;
                if (image.u32(at + 8, "ELF note") == type
                        && nameSize == owner.length() + 1
                        && image.startsWith(name, owner + "\0")) {
                    if (size == 4) return image.u32(value, "ELF note");
                    if (size == 8) return image.u64(value, "ELF note");
                    throw image.error("ELF note " + owner + "/" + type + " has a value of " + size + " bytes");
                }
                at = value + Ranges.up(size, 4);
            }
        }
        return -1;
    }
}
