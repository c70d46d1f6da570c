package ringside.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import ringside.cpu.CpuModel;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;

/** Small synthetic kernel files for loader tests. */
final class Images {
    static final byte[] CODE = {(byte) 0xf4, (byte) 0xeb, (byte) 0xfd, 1, 2, 3, 4, 5};

    private Images() {}

    static Machine machine(int mib) {
        return Machine.interpreted(new MachineConfig((long) mib << 20, CpuModel.standard(), Set.of(), false));
    }

    static ByteBuffer buffer(int n) {
        return ByteBuffer.allocate(n).order(ByteOrder.LITTLE_ENDIAN);
    }

    static BootImage image(ByteBuffer b) {
        return new BootImage("kernel", b.array());
    }

    static void multibootHeader(ByteBuffer b, int at, int flags) {
        b.putInt(at, 0x1BADB002).putInt(at + 4, flags).putInt(at + 8, -(0x1BADB002 + flags));
    }

    /** ELF32 with one segment of CODE at file offset 1000h. */
    static ByteBuffer elf32(int virtual, int physical, int memorySize, int entry) {
        ByteBuffer b = buffer(0x1000 + CODE.length);
        b.put(0, new byte[] {0x7f, 'E', 'L', 'F', 1, 1, 1})
                .putShort(16, (short) 2)
                .putShort(18, (short) 3)
                .putInt(20, 1);
        b.putInt(24, entry)
                .putInt(28, 52)
                .putShort(40, (short) 52)
                .putShort(42, (short) 32)
                .putShort(44, (short) 1);
        b.putInt(52, 1)
                .putInt(56, 0x1000)
                .putInt(60, virtual)
                .putInt(64, physical)
                .putInt(68, CODE.length)
                .putInt(72, memorySize)
                .putInt(76, 5);
        return b.put(0x1000, CODE);
    }

    /** ELF64 with one segment of CODE at file offset 1000h, and a PVH note if {@code pvhEntry} is not 0. */
    static ByteBuffer elf64(long virtual, long physical, long memorySize, long entry, int pvhEntry) {
        ByteBuffer b = buffer(0x1000 + CODE.length);
        b.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1})
                .putShort(16, (short) 2)
                .putShort(18, (short) 62)
                .putInt(20, 1);
        b.putLong(24, entry)
                .putLong(32, 64)
                .putShort(52, (short) 64)
                .putShort(54, (short) 56)
                .putShort(56, (short) (pvhEntry == 0 ? 1 : 2));
        b.putInt(64, 1)
                .putInt(68, 5)
                .putLong(72, 0x1000)
                .putLong(80, virtual)
                .putLong(88, physical)
                .putLong(96, CODE.length)
                .putLong(104, memorySize);
        if (pvhEntry != 0) {
            b.putInt(120, 4).putInt(124, 4).putLong(128, 0x800).putLong(152, 40).putLong(160, 40);
            b.putInt(0x800, 4)
                    .putInt(0x804, 4)
                    .putInt(0x808, 6)
                    .put(0x80c, "Xen\0abcd".getBytes(StandardCharsets.US_ASCII));
            b.putInt(0x814, 4)
                    .putInt(0x818, 4)
                    .putInt(0x81c, 18)
                    .put(0x820, "Xen\0".getBytes(StandardCharsets.US_ASCII))
                    .putInt(0x824, pvhEntry);
        }
        return b.put(0x1000, CODE);
    }

    /** bzImage with one setup sector and CODE at the start of the kernel; the 64-bit entry is in it too. */
    static ByteBuffer bzImage(int version, boolean entry64) {
        ByteBuffer b = buffer(0x400 + 0x1000);
        b.put(0x1f1, (byte) 1)
                .putShort(0x1fe, (short) 0xaa55)
                .put(0x201, (byte) 0x6a)
                .put(0x202, "HdrS".getBytes(StandardCharsets.US_ASCII));
        b.putShort(0x206, (short) version)
                .put(0x211, (byte) 1)
                .putInt(0x214, 0x100000)
                .putInt(0x22c, 0x7fff_ffff)
                .putInt(0x230, 0x200000);
        b.put(0x234, (byte) 1)
                .putShort(0x236, (short) (entry64 ? 1 : 0))
                .putInt(0x238, 2047)
                .putLong(0x258, 0x1000000)
                .putInt(0x260, 0x800000);
        return b.put(0x400, CODE);
    }
}
