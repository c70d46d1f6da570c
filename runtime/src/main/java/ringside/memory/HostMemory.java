package ringside.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import jdk.internal.misc.Unsafe;

/**
 * Off-heap memory of the host: guest RAM and the software TLBs live here. The only class that touches
 * {@code Unsafe}; every address given to it must come from a TLB entry or a checked physical address.
 * All accesses are little-endian, as guest and host are.
 */
public final class HostMemory {
    /**
     * Bytes before and behind an allocation that nobody ever touches (save the first 8 of those before), so that they
     * cost address space only.
     */
    public static final long GUARD = 1 << 20;

    private static final Unsafe U = Unsafe.getUnsafe();

    private HostMemory() {}

    /**
     * The C library's calloc: the operating system gives a large area page by page, zeroed, when it is first touched,
     * so that a guest costs the memory and the time only of the pages that it uses.
     */
    private static final MethodHandle CALLOC =
            function("calloc", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));

    private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(JAVA_LONG));

    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }

    /**
     * {@return host address of {@code bytes} zeroed bytes, aligned to 4096, with {@link #GUARD} unused bytes on either
     * side; to be given back by {@link #free}}
     *
     * @param bytes how many
     * @throws OutOfMemoryError if the host has no such memory
     */
    public static long allocate(long bytes) {
        long raw;
        try {
            raw = (long) CALLOC.invokeExact(1L, bytes + 2 * GUARD + 4096);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        if (raw == 0) throw new OutOfMemoryError("Unable to allocate " + bytes + " bytes");
        long aligned = (raw + GUARD + 4095) & -4096L;
        U.putLong(aligned - GUARD, raw);
        return aligned;
    }

    /**
     * Gives back what {@link #allocate} returned.
     *
     * @param host what {@link #allocate} returned
     */
    public static void free(long host) {
        long raw = U.getLong(host - GUARD);
        try {
            FREE.invokeExact(raw);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * {@return the byte at a host address, 0..255}
     *
     * @param host address of the first byte
     */
    public static int get8(long host) {
        return U.getByte(host) & 0xff;
    }

    /**
     * {@return 2 bytes at a host address, little-endian, zero-extended}
     *
     * @param host address of the first byte
     */
    public static int get16(long host) {
        return U.getShort(host) & 0xffff;
    }

    /**
     * {@return 4 bytes at a host address, little-endian}
     *
     * @param host address of the first byte
     */
    public static int get32(long host) {
        return U.getInt(host);
    }

    /**
     * {@return 8 bytes at a host address, little-endian}
     *
     * @param host address of the first byte
     */
    public static long get64(long host) {
        return U.getLong(host);
    }

    /**
     * Writes a byte at a host address.
     *
     * @param host address of the first byte
     * @param v the value; higher bits are ignored
     */
    public static void put8(long host, int v) {
        U.putByte(host, (byte) v);
    }

    /**
     * Writes 2 bytes, little-endian, at a host address.
     *
     * @param host address of the first byte
     * @param v the value; higher bits are ignored
     */
    public static void put16(long host, int v) {
        U.putShort(host, (short) v);
    }

    /**
     * Writes 4 bytes, little-endian, at a host address.
     *
     * @param host address of the first byte
     * @param v the value; higher bits are ignored
     */
    public static void put32(long host, int v) {
        U.putInt(host, v);
    }

    /**
     * Writes 8 bytes, little-endian, at a host address.
     *
     * @param host address of the first byte
     * @param v the value; higher bits are ignored
     */
    public static void put64(long host, long v) {
        U.putLong(host, v);
    }

    /**
     * Fills host memory with one byte.
     *
     * @param host address of the first byte
     * @param bytes how many
     * @param value the byte, of which the low 8 bits count
     */
    public static void fill(long host, long bytes, int value) {
        U.setMemory(host, bytes, (byte) value);
    }

    /**
     * Copies host memory.
     *
     * @param from host address of the first byte
     * @param to host address where it goes
     * @param bytes how many
     */
    public static void copy(long from, long to, long bytes) {
        U.copyMemory(from, to, bytes);
    }

    /**
     * {@return offset of the first byte that differs in two areas, -1 if none does}
     *
     * @param a host address of the one
     * @param b host address of the other
     * @param bytes how many are compared
     */
    public static long mismatch(long a, long b, long bytes) {
        return MemorySegment.ofAddress(a)
                .reinterpret(bytes)
                .mismatch(MemorySegment.ofAddress(b).reinterpret(bytes));
    }

    /**
     * Copies host memory into an array.
     *
     * @param host address of the first byte
     * @param into where the bytes go
     * @param offset index of the first one in {@code into}
     * @param length how many
     */
    public static void read(long host, byte[] into, int offset, int length) {
        U.copyMemory(null, host, into, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, length);
    }

    /**
     * Copies bytes of an array into host memory.
     *
     * @param host address of the first byte
     * @param from where the bytes come from
     * @param offset index of the first one in {@code from}
     * @param length how many
     */
    public static void write(long host, byte[] from, int offset, int length) {
        U.copyMemory(from, Unsafe.ARRAY_BYTE_BASE_OFFSET + offset, null, host, length);
    }
}
