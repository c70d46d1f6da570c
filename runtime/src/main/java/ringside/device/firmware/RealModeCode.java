package ringside.device.firmware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import ringside.machine.MemoryMap;
import ringside.memory.PhysicalMemory;

/**
 * The real-mode interrupt table in page 0, the BIOS data area, and the few handlers behind them at F000:E000: for kernels that go back to real
 * mode, and ask for the memory size there. Every vector that has no service of its own is a plain IRET.
 */
final class RealModeCode {
    private static final int SEGMENT = 0xf0000, CODE = 0xe000, RESET = 0xfff0;
    private static final int[] IRET = {0xcf};
    /** inc dword [46Ch]; int 1Ch; EOI. */
    private static final int[] TIMER = {0x50, 0x1e, 0x31, 0xc0, 0x8e, 0xd8, 0x66, 0xff, 0x06, 0x6c, 0x04, 0xcd, 0x1c, 0xb0, 0x20, 0xe6, 0x20, 0x1f, 0x58, 0xcf};
    private static final int[] MASTER_EOI = {0x50, 0xb0, 0x20, 0xe6, 0x20, 0x58, 0xcf};
    /** Reads RTC register C, then both EOIs. */
    private static final int[] SLAVE_EOI = {0x50, 0xb0, 0x0c, 0xe6, 0x70, 0xe4, 0x71, 0xb0, 0x20, 0xe6, 0xa0, 0xe6, 0x20, 0x58, 0xcf};
    /** Leaves with the caller's CF set, AH = 86h. */
    private static final int[] REFUSE = {0xb4, 0x86, 0x55, 0x89, 0xe5, 0x80, 0x4e, 0x06, 0x01, 0x5d, 0xcf};
    /** Leaves with the caller's CF clear. */
    private static final int[] DONE = {0x55, 0x89, 0xe5, 0x80, 0x66, 0x06, 0xfe, 0x5d, 0xcf};
    /** mov ax, equipment: x87, no video. */
    private static final int[] EQUIPMENT = {0xb8, 0x02, 0x00, 0xcf};
    /** mov ax, 639 (KiB). */
    private static final int[] LOW_MEMORY = {0xb8, 0x7f, 0x02, 0xcf};
    /** CX:DX = ticks. */
    private static final int[] TICKS = {0x1e, 0x31, 0xc9, 0x8e, 0xd9, 0x8b, 0x0e, 0x6e, 0x04, 0x8b, 0x16, 0x6c, 0x04, 0xb0, 0x00, 0x1f, 0xcf};
    /** mov dx, 0CF9h; mov al, 6; out dx, al; hlt. */
    private static final int[] RESET_CODE = {0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee, 0xf4};

    private final PhysicalMemory memory;
    private int at = CODE;

    private RealModeCode(PhysicalMemory memory) {
        this.memory = memory;
    }

    static void install(PhysicalMemory memory) {
        new RealModeCode(memory).install();
    }

    private int place(int... code) {
        int start = at;
        for (int b : code) memory.write(SEGMENT + at++, 1, b);
        return start;
    }

    private void vector(int n, int offset) {
        memory.write(4L * n, 4, 0xf0000000L | offset);
    }

    private void install() {
        int iret = place(IRET);
        for (int n = 0; n < 256; n++) vector(n, iret);
        vector(8, place(TIMER));
        int master = place(MASTER_EOI);
        for (int n = 9; n < 16; n++) vector(n, master);
        int slave = place(SLAVE_EOI);
        for (int n = 0x70; n < 0x78; n++) vector(n, slave);
        vector(0x11, place(EQUIPMENT));
        vector(0x12, place(LOW_MEMORY));
        vector(0x13, place(REFUSE));
        vector(0x15, memoryServices());
        vector(0x1a, place(TICKS));
        memory.write(0x413, 2, 639);
        memory.write(0x40e, 2, MemoryMap.EBDA >> 4);
        memory.write(0x400, 4, 0x02f803f8L);
        at = RESET;
        place(RESET_CODE);
    }

    /** INT 15h: AH=88h, AX=E801h, AX=E820h; anything else is refused. @return its offset */
    private int memoryServices() {
        List<MemoryMap.Entry> map = MemoryMap.of(memory).entries();
        ByteBuffer table = ByteBuffer.allocate(20 * map.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (MemoryMap.Entry e : map) table.putLong(e.start()).putLong(e.length()).putInt(e.type());
        int tableAt = at;
        for (byte b : table.array()) place(b & 0xff);

        long above = Math.max(0, memory.lowSize() - MemoryMap.MIB);
        int to16 = (int) Math.min(above >> 10, 0x3c00);
        int from16 = (int) Math.min(Math.max(0, memory.lowSize() - (16L << 20)) >> 16, 0xffff);
        int n = map.size();
        int[] ax88 = {0xb8, to16 & 0xff, to16 >> 8};
        int[] e801 = {0xb8, to16 & 0xff, to16 >> 8, 0x89, 0xc1, 0xbb, from16 & 0xff, from16 >> 8, 0x89, 0xda};
        int[] e820 = {0x56, 0x57, 0x1e, 0x0e, 0x1f, 0x69, 0xf3, 20, 0, 0x81, 0xc6, tableAt & 0xff, tableAt >> 8, 0xb9, 10, 0, 0xfc, 0xf3, 0xa5, 0x1f, 0x5f, 0x5e,
            0x43, 0x83, 0xfb, n, 0x72, 2, 0x31, 0xdb, 0x66, 0xb8, 0x50, 0x41, 0x4d, 0x53, 0x66, 0xb9, 20, 0, 0, 0};
        int start = at;
        place(0x80, 0xfc, 0x88, 0x75, ax88.length + DONE.length);
        place(ax88);
        place(DONE);
        place(0x3d, 0x01, 0xe8, 0x75, e801.length + DONE.length);
        place(e801);
        place(DONE);
        // cmp ax, E820h; cmp bx, number of entries.
        place(0x3d, 0x20, 0xe8, 0x75, 5 + e820.length + DONE.length, 0x83, 0xfb, n, 0x73, e820.length + DONE.length);
        place(e820);
        place(DONE);
        place(REFUSE);
        return start;
    }
}
