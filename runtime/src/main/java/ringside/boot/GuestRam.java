package ringside.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import ringside.machine.Machine;
import ringside.memory.MemoryMap;
import ringside.memory.PhysicalMemory;

/**
 * Guest RAM while a kernel is being placed: every write is checked to lie in RAM, and what is taken is remembered so
 * that the protocol's own tables, modules and initrds go where nothing else is. Addresses are guest physical.
 *
 * <p>Tables for the kernel come from conventional memory above {@link #TABLES}: never page 0, never behind the image.
 */
final class GuestRam {
    /** Lowest address of a table given to a kernel. */
    static final long TABLES = 0x9000;

    private final PhysicalMemory memory;
    private final MemoryMap map;
    private final String name;
    private final Ranges taken = new Ranges();
    private long imageEnd;

    /** @param name file to name in errors */
    GuestRam(Machine machine, String name) {
        this.memory = machine.memory();
        this.map = MemoryMap.of(memory);
        this.name = name;
        map.entries().stream().filter(e -> e.type() != MemoryMap.RAM).forEach(e -> taken.add(e.start(), e.length()));
        taken.add(0, TABLES);
        taken.add(MemoryMap.VIDEO, MemoryMap.MIB - MemoryMap.VIDEO);
    }

    MemoryMap map() {
        return map;
    }

    PhysicalMemory memory() {
        return memory;
    }

    /** @return end of usable RAM below 4 GiB */
    long lowEnd() {
        return memory.lowSize();
    }

    /** @return end of the highest piece of the image placed so far */
    long imageEnd() {
        return imageEnd;
    }

    void requireRam(long pa, long length, String what) throws BootException {
        boolean low = pa >= 0 && length >= 0 && pa <= memory.lowSize() && length <= memory.lowSize() - pa;
        long high = pa - 0x1_0000_0000L;
        boolean above = high >= 0 && length >= 0 && high <= memory.highSize() && length <= memory.highSize() - high;
        if (!low && !above) {
            throw new BootException(name + ": " + what + " (" + Long.toUnsignedString(length) + " bytes at "
                    + Long.toHexString(pa) + "h) lies outside the " + (memory.size() >> 20) + " MiB of RAM");
        }
    }

    /** Places a piece of the kernel: {@code fileLength} bytes of the file, the rest of {@code length} zeroed. */
    void placeImage(long pa, BootImage image, int offset, long fileLength, long length, String what)
            throws BootException {
        requireRam(pa, length, what);
        memory.write(pa, image.bytes(), offset, Math.toIntExact(fileLength));
        memory.zero(pa + fileLength, length - fileLength);
        taken.add(pa, length);
        imageEnd = Math.max(imageEnd, pa + length);
    }

    /** Keeps a range free of anything placed later. */
    void reserve(long pa, long length) {
        taken.add(pa, length);
    }

    /** Takes zeroed conventional memory. @return its address */
    long table(long length, long align, String what) throws BootException {
        long at = taken.takeLowest(TABLES, Math.min(MemoryMap.EBDA, memory.lowSize()), length, align);
        if (at < 0)
            throw new BootException(name + ": no room below 640 KiB for the " + what + " (" + length + " bytes)");
        memory.zero(at, length);
        return at;
    }

    /** Places a table. @return its address */
    long table(byte[] bytes, long align, String what) throws BootException {
        long at = table(bytes.length, align, what);
        memory.write(at, bytes);
        return at;
    }

    /** Places a zero-terminated string. @return its address */
    long string(String s, String what) throws BootException {
        byte[] text = s.getBytes(StandardCharsets.UTF_8);
        return table(java.util.Arrays.copyOf(text, text.length + 1), 1, what);
    }

    /** Takes the lowest free range in RAM in [from, end of low RAM). */
    long above(long from, long length, long align, String what) throws BootException {
        long at = taken.takeLowest(from, memory.lowSize(), length, align);
        if (at < 0) throw tooLarge(length, what);
        return at;
    }

    /** Takes the highest free range in RAM above 1 MiB that ends at or below {@code limit}. */
    long below(long limit, long length, long align, String what) throws BootException {
        long at = taken.takeHighest(MemoryMap.MIB, Math.min(limit, memory.lowSize()), length, align);
        if (at < 0) throw tooLarge(length, what);
        return at;
    }

    private BootException tooLarge(long length, String what) {
        return new BootException(name + ": no room in the " + (memory.size() >> 20) + " MiB of RAM for the " + what
                + " (" + length + " bytes)");
    }

    void put32(long pa, long v) {
        memory.write(pa, 4, v);
    }

    void put64(long pa, long v) {
        memory.write(pa, 8, v);
    }

    /** @return a little-endian buffer to build a table in */
    static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** @return address of the ACPI root pointer the board has put into the ROM area, or 0 if there is none */
    long acpiRootPointer() {
        for (long pa = MemoryMap.ROM; pa < MemoryMap.MIB && pa + 8 <= memory.lowSize(); pa += 16) {
            if (memory.read(pa, 8) == 0x2052_5450_2044_5352L) return pa;
        }
        return 0;
    }
}
