package ringside.device.firmware;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import ringside.bus.MmioDevice;
import ringside.memory.MemoryMap;
import ringside.memory.PhysicalMemory;

/**
 * The real-mode services at F000:E000 (assembled from {@code runtime/src/main/firmware/rom.s}), the interrupt table in
 * page 0 that points to them, and the BIOS data area: for kernels and loaders that go back to real mode. A vector
 * without a service is a plain IRET. The last 64 KiB below 4 GiB show the same bytes, because a processor starts there
 * after RESET and INIT.
 */
final class RealModeCode {
    private static final int SEGMENT = 0xf0000,
            CODE = 0xe000,
            IRET = CODE + 0x80,
            MEMORY_SIZES = 0xd000,
            MEMORY_MAP = 0xd010;
    private static final long TOP = 0xffff_0000L;
    private static final int BASE_KIB = 639;

    private RealModeCode() {}

    static void install(PhysicalMemory memory) {
        byte[] rom = rom();
        memory.write(SEGMENT + CODE, rom);
        for (int n = 0; n < 256; n++) vector(memory, n, IRET);
        ByteBuffer list = ByteBuffer.wrap(rom).order(ByteOrder.LITTLE_ENDIAN);
        for (int n; (n = list.getShort() & 0xffff) != 0xffff; ) vector(memory, n, list.getShort() & 0xffff);
        memorySizes(memory);
        dataArea(memory);
        memory.map(TOP, 0x10000, new Shadow(memory));
    }

    private static byte[] rom() {
        try (InputStream in = RealModeCode.class.getResourceAsStream("rom.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void vector(PhysicalMemory memory, int n, int offset) {
        memory.write(4L * n, 4, 0xf000_0000L | offset);
    }

    /** What INT 15h answers from. */
    private static void memorySizes(PhysicalMemory memory) {
        List<MemoryMap.Entry> map = MemoryMap.of(memory).entries();
        ByteBuffer table = ByteBuffer.allocate(20 * map.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (MemoryMap.Entry e : map)
            table.putLong(e.start()).putLong(e.length()).putInt(e.type());
        memory.write(SEGMENT + MEMORY_MAP, table.array());
        long above = Math.max(0, memory.lowSize() - MemoryMap.MIB);
        memory.write(SEGMENT + MEMORY_SIZES, 2, map.size());
        memory.write(SEGMENT + MEMORY_SIZES + 2, 2, Math.min(above >> 10, 0x3c00));
        memory.write(
                SEGMENT + MEMORY_SIZES + 4, 2, Math.min(Math.max(0, memory.lowSize() - (16L << 20)) >> 16, 0xffff));
    }

    private static void dataArea(PhysicalMemory memory) {
        memory.write(0x400, 4, 0x02f803f8L);
        memory.write(0x40e, 2, MemoryMap.EBDA >> 4);
        memory.write(0x410, 2, 0x0222);
        memory.write(0x413, 2, BASE_KIB);
        // text mode 3, 80 columns, colour controller at 3D4h, 25 rows
        memory.write(0x449, 1, 3);
        memory.write(0x44a, 2, 80);
        memory.write(0x460, 2, 0x0607);
        memory.write(0x463, 2, 0x3d4);
        memory.write(0x484, 1, 24);
    }

    /** Reads what lies in the segment below 1 MiB; writes are dropped, as by a ROM. */
    private record Shadow(PhysicalMemory memory) implements MmioDevice {
        @Override
        public long read(long offset, int bytes) {
            return memory.read(SEGMENT + offset, bytes);
        }

        @Override
        public void write(long offset, int bytes, long value) {}
    }
}
