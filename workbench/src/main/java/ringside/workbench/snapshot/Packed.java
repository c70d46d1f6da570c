package ringside.workbench.snapshot;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import ringside.cpu.CpuModel;
import ringside.machine.MachineConfig;

/** Values as bytes and back. Nothing is allocated that the bytes at hand could not fill. */
final class Packed {
    /** LZ4 cannot make less than one byte of so many. */
    private static final int BEST_RATIO = 255;

    private static final int LONG = 1, INT = 2, FLAG = 3, LONGS = 4, BYTES = 5;

    private Packed() {}

    static byte[] compress(byte[] raw) {
        Lz4Compressor lz4 = new Lz4Compressor();
        byte[] packed = new byte[lz4.maxCompressedLength(raw.length)];
        int n = lz4.compress(raw, 0, raw.length, packed, 0, packed.length);
        return ByteBuffer.allocate(4 + n).putInt(raw.length).put(packed, 0, n).array();
    }

    static byte[] uncompress(byte[] packed) throws DamagedException {
        if (packed.length < 4) throw new DamagedException("compressed data of " + packed.length + " bytes");
        int length = ByteBuffer.wrap(packed).getInt();
        if (length < 0 || length > (long) BEST_RATIO * packed.length)
            throw new DamagedException("compressed data that claims " + length + " bytes");
        byte[] raw = new byte[length];
        try {
            if (new Lz4Decompressor().decompress(packed, 4, packed.length - 4, raw, 0, length) != length)
                throw new DamagedException("compressed data that is too short");
        } catch (MalformedInputException e) {
            throw new DamagedException("compressed data that cannot be unpacked");
        }
        return raw;
    }

    // ---- a machine's fields ----

    static byte[] fields(Map<String, Object> fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(fields.size());
            for (Map.Entry<String, Object> e : fields.entrySet()) {
                out.writeUTF(e.getKey());
                value(out, e.getValue());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return compress(bytes.toByteArray());
    }

    private static void value(DataOutputStream out, Object value) throws IOException {
        switch (value) {
            case Long v -> {
                out.writeByte(LONG);
                out.writeLong(v);
            }
            case Integer v -> {
                out.writeByte(INT);
                out.writeInt(v);
            }
            case Boolean v -> {
                out.writeByte(FLAG);
                out.writeBoolean(v);
            }
            case long[] v -> {
                out.writeByte(LONGS);
                out.writeInt(v.length);
                for (long x : v) out.writeLong(x);
            }
            case byte[] v -> {
                out.writeByte(BYTES);
                out.writeInt(v.length);
                out.write(v);
            }
            default -> throw new IllegalArgumentException(value.getClass().getName());
        }
    }

    static Map<String, Object> fields(byte[] packed) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(uncompress(packed)));
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int n = in.readInt(); n > 0; n--) {
            if (fields.put(in.readUTF(), value(in)) != null) throw new DamagedException("a field occurs twice");
        }
        if (in.available() != 0) throw new DamagedException("bytes behind the fields");
        return fields;
    }

    private static Object value(DataInputStream in) throws IOException {
        int kind = in.readByte();
        switch (kind) {
            case LONG -> {
                return in.readLong();
            }
            case INT -> {
                return in.readInt();
            }
            case FLAG -> {
                return in.readBoolean();
            }
            case LONGS -> {
                long[] v = new long[count(in, Long.BYTES)];
                for (int i = 0; i < v.length; i++) v[i] = in.readLong();
                return v;
            }
            case BYTES -> {
                byte[] v = new byte[count(in, 1)];
                in.readFully(v);
                return v;
            }
            default -> throw new DamagedException("a field of unknown kind " + kind);
        }
    }

    private static int count(DataInputStream in, int size) throws IOException {
        int n = in.readInt();
        if (n < 0 || n > in.available() / size) throw new DamagedException("a field that claims " + n + " elements");
        return n;
    }

    // ---- the configuration ----

    static void config(DataOutputStream out, MachineConfig c) throws IOException {
        out.writeLong(c.memory());
        out.writeUTF(c.model().text());
        out.writeUTF(String.join(",", c.devices()));
        out.writeBoolean(c.wallClock());
    }

    static MachineConfig config(DataInputStream in) throws IOException {
        long memory = in.readLong();
        String model = in.readUTF();
        String devices = in.readUTF();
        boolean wall = in.readBoolean();
        if (memory <= 0 || memory % 4096 != 0 || memory > hostMemory()) {
            throw new DamagedException(
                    String.format("the machine has %,d bytes of memory, and this host has %,d", memory, hostMemory()));
        }
        Set<String> names = new LinkedHashSet<>();
        if (!devices.isEmpty()) names.addAll(Set.of(devices.split(",")));
        try {
            return new MachineConfig(memory, CpuModel.named(model), names, wall);
        } catch (IllegalArgumentException e) {
            throw new DamagedException("it needs a processor that this Ringside does not have: " + e.getMessage());
        }
    }

    private static long hostMemory() {
        return java.lang.management.ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getTotalMemorySize()
                : Long.MAX_VALUE;
    }
}
