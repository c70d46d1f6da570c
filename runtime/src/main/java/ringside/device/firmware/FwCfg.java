package ringside.device.firmware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import ringside.bus.PortBus;
import ringside.bus.PortDevice;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.memory.MemoryMap;
import ringside.memory.PhysicalMemory;
import ringside.state.StateVisitor;

/**
 * QEMU's firmware configuration device: selector 510h, data 511h, DMA 514h. Unknown items read 0. Source: QEMU's fw_cfg
 * specification.
 */
public final class FwCfg implements Device, PortDevice {
    public static final int COMMAND_LINE_SIZE = 0x14, COMMAND_LINE = 0x15;
    private static final int SELECTOR = 0x510, DATA = 0x511, DMA_HIGH = 0x514, DMA_LOW = 0x518;
    private static final int DMA_ERROR = 1, DMA_READ = 2, DMA_SKIP = 4, DMA_SELECT = 8, DMA_WRITE = 16;

    private final PhysicalMemory memory;
    private final Map<Integer, byte[]> items = new HashMap<>();
    private int key, offset, dmaHigh;

    /** @param processors how many the machine has */
    public FwCfg(PhysicalMemory memory, int processors) {
        this.memory = memory;
        items.put(0, "QEMU".getBytes(StandardCharsets.US_ASCII));
        items.put(1, number(4, 3));
        items.put(3, number(8, memory.size()));
        items.put(4, number(2, 1));
        items.put(5, number(2, processors));
        items.put(0x0f, number(2, processors));
        ByteBuffer map =
                ByteBuffer.allocate(20 * MemoryMap.of(memory).entries().size()).order(ByteOrder.LITTLE_ENDIAN);
        for (MemoryMap.Entry e : MemoryMap.of(memory).entries())
            map.putLong(e.start()).putLong(e.length()).putInt(e.type());
        items.put(0x20, map.array());
        ByteBuffer directory = ByteBuffer.allocate(4 + 64);
        directory
                .putInt(1)
                .putInt(map.capacity())
                .putShort((short) 0x20)
                .putShort((short) 0)
                .put("etc/e820".getBytes(StandardCharsets.US_ASCII));
        items.put(0x19, directory.array());
    }

    private static byte[] number(int bytes, long v) {
        return java.util.Arrays.copyOf(
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(v).array(), bytes);
    }

    /** Sets an item, as a loader does for the command line. */
    public void set(int item, byte[] value) {
        items.put(item, value.clone());
    }

    @Override
    public void attach(Wiring board) {
        PortBus ports = board.ports();
        ports.claim(SELECTOR, 2, this);
        ports.claim(DMA_HIGH, 8, this);
    }

    private int next() {
        byte[] item = items.get(key);
        return item == null || offset >= item.length ? 0 : item[offset++] & 0xff;
    }

    @Override
    public int in(int port, int bytes) {
        if (port >= DMA_HIGH) {
            byte[] signature = "QEMU CFG".getBytes(StandardCharsets.US_ASCII);
            int v = 0;
            for (int i = 0; i < bytes && port - DMA_HIGH + i < 8; i++) v |= signature[port - DMA_HIGH + i] << 8 * i;
            return v;
        }
        return port == DATA ? next() : 0;
    }

    @Override
    public void out(int port, int bytes, int value) {
        if (port == SELECTOR && bytes == 2) {
            key = value & 0x3fff;
            offset = 0;
        } else if (port == DMA_HIGH && bytes == 4) {
            dmaHigh = Integer.reverseBytes(value);
        } else if (port == DMA_LOW && bytes == 4) {
            transfer((long) dmaHigh << 32 | Integer.toUnsignedLong(Integer.reverseBytes(value)));
            dmaHigh = 0;
        }
    }

    private void transfer(long descriptor) {
        byte[] d = new byte[16];
        memory.read(descriptor, d, 0, 16);
        ByteBuffer b = ByteBuffer.wrap(d);
        int control = b.getInt();
        long length = Integer.toUnsignedLong(b.getInt());
        long to = b.getLong();
        if ((control & DMA_SELECT) != 0) {
            key = control >>> 16 & 0x3fff;
            offset = 0;
        }
        int status = (control & DMA_WRITE) != 0 ? DMA_ERROR : 0;
        if (status == 0 && (control & (DMA_READ | DMA_SKIP)) != 0) {
            byte[] item = items.getOrDefault(key, new byte[0]);
            int given = (int) Math.clamp(item.length - offset, 0, length);
            if ((control & DMA_READ) != 0) {
                memory.write(to, item, offset, given);
                memory.zero(to + given, Math.min(length - given, memory.size()));
            }
            offset += given;
        }
        memory.write(descriptor, new byte[] {0, 0, 0, (byte) status});
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("fwcfg");
        key = v.i32("key", key);
        offset = v.i32("offset", offset);
        dmaHigh = v.i32("dmaHigh", dmaHigh);
        byte[] now = packed();
        byte[] restored = v.loaded("items", now);
        if (restored != now) unpack(ByteBuffer.wrap(restored));
        v.leave();
    }

    /** @return all items in the order of their numbers, each as number, length and bytes */
    private byte[] packed() {
        ByteBuffer b = ByteBuffer.allocate(
                items.values().stream().mapToInt(i -> 8 + i.length).sum());
        new TreeMap<>(items)
                .forEach((number, item) -> b.putInt(number).putInt(item.length).put(item));
        return b.array();
    }

    private void unpack(ByteBuffer b) {
        items.clear();
        while (b.hasRemaining()) {
            int number = b.getInt();
            int length = b.getInt();
            if (length < 0 || length > b.remaining())
                throw new IllegalStateException("fw_cfg item " + number + " has " + length + " bytes");
            byte[] item = new byte[length];
            b.get(item);
            items.put(number, item);
        }
        if (offset < 0) throw new IllegalStateException("fw_cfg offset " + offset);
    }
}
