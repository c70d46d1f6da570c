package ringside.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A kernel for tests, ELF64 with symbols: writes '!' to the first serial port and then jumps to itself for ever, in
 * function {@code spin}; {@code never} is never reached.
 */
public final class EndlessKernel {
    private static final int ADDRESS = 0x200000,
            CODE = 0x100,
            STRINGS = 0x180,
            SYMBOLS = 0x200,
            SECTIONS = 0x300,
            BYTES = SECTIONS + 4 * 64;
    private static final String NAMES = "\0spin\0never\0.text\0.symtab\0.strtab\0";
    // start: mov dx, 3F8h; mov al, '!'; out dx, al; spin: jmp spin; never: hlt
    private static final byte[] TEXT = {
        0x66, (byte) 0xba, (byte) 0xf8, 0x03, (byte) 0xb0, '!', (byte) 0xee, (byte) 0xeb, (byte) 0xfe, (byte) 0xf4
    };
    private static final int SPIN = 7, NEVER = 9;

    private EndlessKernel() {}

    public static byte[] bytes() {
        ByteBuffer b = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        b.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
        b.putShort((short) 2)
                .putShort((short) 62)
                .putInt(1)
                .putLong(ADDRESS)
                .putLong(64)
                .putLong(SECTIONS)
                .putInt(0);
        b.putShort((short) 64)
                .putShort((short) 56)
                .putShort((short) 1)
                .putShort((short) 64)
                .putShort((short) 4)
                .putShort((short) 3);
        b.position(64);
        b.putInt(1)
                .putInt(5)
                .putLong(CODE)
                .putLong(ADDRESS)
                .putLong(ADDRESS)
                .putLong(TEXT.length)
                .putLong(TEXT.length)
                .putLong(4096);
        b.put(CODE, TEXT).put(STRINGS, NAMES.getBytes(StandardCharsets.US_ASCII));
        b.position(SYMBOLS + 24);
        symbol(b, "spin", SPIN);
        symbol(b, "never", NEVER);
        b.position(SECTIONS + 64);
        section(b, ".text", 1, 6, ADDRESS, CODE, TEXT.length, 0);
        section(b, ".symtab", 2, 0, 0, SYMBOLS, 3 * 24, 3);
        section(b, ".strtab", 3, 0, 0, STRINGS, NAMES.length(), 0);
        return b.array();
    }

    public static Path in(Path folder) throws IOException {
        return Files.write(folder.resolve("endless.elf"), bytes());
    }

    private static void symbol(ByteBuffer b, String name, int at) {
        b.putInt(NAMES.indexOf("\0" + name + "\0") + 1)
                .put((byte) 0x12)
                .put((byte) 0)
                .putShort((short) 1)
                .putLong(ADDRESS + at)
                .putLong(NEVER - SPIN);
    }

    private static void section(
            ByteBuffer b, String name, int type, long flags, long address, long offset, long size, int link) {
        b.putInt(NAMES.indexOf("\0" + name + "\0") + 1)
                .putInt(type)
                .putLong(flags)
                .putLong(address)
                .putLong(offset)
                .putLong(size)
                .putInt(link)
                .putInt(0)
                .putLong(1)
                .putLong(24);
    }
}
