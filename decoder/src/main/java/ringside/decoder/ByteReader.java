package ringside.decoder;

/**
 * Reads the bytes of one instruction at {@link Instruction#position}. A read past the limit yields 0 and leaves the
 * position behind the limit, where it stays: the decoder asks once, at its end, whether that happened.
 */
final class ByteReader {
    private ByteReader() {}

    static int unsigned8(byte[] bytes, int limit, Instruction in) {
        int position = in.position++;
        return position < limit ? bytes[position] & 0xff : 0;
    }

    static int signed8(byte[] bytes, int limit, Instruction in) {
        return (byte) unsigned8(bytes, limit, in);
    }

    static int unsigned16(byte[] bytes, int limit, Instruction in) {
        int position = in.position;
        in.position = position + 2;
        if (position + 2 > limit) return 0;
        return bytes[position] & 0xff | (bytes[position + 1] & 0xff) << 8;
    }

    static int signed16(byte[] bytes, int limit, Instruction in) {
        return (short) unsigned16(bytes, limit, in);
    }

    static int signed32(byte[] bytes, int limit, Instruction in) {
        int position = in.position;
        in.position = position + 4;
        if (position + 4 > limit) return 0;
        return bytes[position] & 0xff
                | (bytes[position + 1] & 0xff) << 8
                | (bytes[position + 2] & 0xff) << 16
                | bytes[position + 3] << 24;
    }

    static long signed64(byte[] bytes, int limit, Instruction in) {
        long low = signed32(bytes, limit, in) & 0xffffffffL;
        return low | (long) signed32(bytes, limit, in) << 32;
    }

    /** @return 2, 4 or 8 bytes, sign-extended */
    static long signed(int size, byte[] bytes, int limit, Instruction in) {
        return switch (size) {
            case 2 -> signed16(bytes, limit, in);
            case 4 -> signed32(bytes, limit, in);
            default -> signed64(bytes, limit, in);
        };
    }

    /** @return 2, 4 or 8 bytes, zero-extended */
    static long unsigned(int size, byte[] bytes, int limit, Instruction in) {
        long value = signed(size, bytes, limit, in);
        return size == 8 ? value : value & (1L << 8 * size) - 1;
    }
}
