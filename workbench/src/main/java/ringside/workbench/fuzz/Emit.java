package ringside.workbench.fuzz;

import java.io.ByteArrayOutputStream;

/** 64-bit machine code put together byte by byte, for generated system programs. */
final class Emit {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final long base;

    /** @param base address of the first byte */
    Emit(long base) {
        this.base = base;
    }

    Emit bytes(int... b) {
        for (int v : b) out.write(v);
        return this;
    }

    Emit raw(byte[] b) {
        out.writeBytes(b);
        return this;
    }

    Emit i32(long v) {
        for (int k = 0; k < 4; k++) out.write((int) (v >> 8 * k));
        return this;
    }

    Emit i64(long v) {
        return i32(v).i32(v >> 32);
    }

    /** @return address of the next byte */
    long here() {
        return base + out.size();
    }

    int size() {
        return out.size();
    }

    byte[] done() {
        return out.toByteArray();
    }

    /** MOV r64, imm64; register 0..7. */
    Emit move(int register, long v) {
        return v == (int) v
                ? bytes(0x48, 0xc7, 0xc0 | register).i32(v)
                : bytes(0x48, 0xb8 | register).i64(v);
    }

    /** MOV qword [address], RAX; the address fits into 31 bits. */
    Emit storeRax(long address) {
        return bytes(0x48, 0x89, 0x04, 0x25).i32(address);
    }

    /** MOV dword [address], imm32. */
    Emit store32(long address, int v) {
        return bytes(0xc7, 0x04, 0x25).i32(address).i32(v);
    }

    /** WRMSR; destroys RAX, RCX, RDX. */
    Emit msr(int number, long v) {
        return move(1, number & 0xffff_ffffL)
                .bytes(0xb8)
                .i32(v)
                .bytes(0xba)
                .i32(v >> 32)
                .bytes(0x0f, 0x30);
    }

    /** MOV crN, RAX. */
    Emit control(int n, long v) {
        move(0, v);
        if (n == 8) bytes(0x44);
        return bytes(0x0f, 0x22, 0xc0 | (n & 7) << 3);
    }

    /** OUT to a port; destroys RAX, RDX. @param bytes 1, 2 or 4 */
    Emit out(int port, int bytes, int v) {
        bytes(0xb8).i32(v).bytes(0xba).i32(port);
        if (bytes == 2) bytes(0x66);
        return bytes(bytes == 1 ? 0xee : 0xef);
    }

    /** IN from a port; destroys RAX, RDX. */
    Emit in(int port, int bytes) {
        bytes(0xba).i32(port);
        if (bytes == 2) bytes(0x66);
        return bytes(bytes == 1 ? 0xec : 0xed);
    }

    /** PUSH imm32, sign-extended. */
    Emit push(long v) {
        return bytes(0x68).i32(v);
    }
}
