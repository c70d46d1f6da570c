package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import ringside.decoder.Instruction;

/**
 * Operands of inlined instructions. Values of 8, 16 and 32 bits are ints sign-extended from their size, values of 64
 * bits are longs. Memory operands are reached through the software TLB by the linear address in the local ADDRESS.
 */
final class Operands {
    private Operands() {}

    /**
     * @return whether every operand is a general register, an immediate, or memory that {@link #address} can compute
     */
    static boolean plain(Emission e) {
        Instruction in = e.in;
        for (int i = 0; i < in.operandCount; i++) {
            switch (in.kind[i]) {
                case Instruction.GPR, Instruction.GPR_HIGH, Instruction.IMM -> {
                    if (in.size[i] > 8) return false;
                }
                case Instruction.MEM -> {
                    if (!addressable(e) || in.size[i] > 8) return false;
                }
                default -> {
                    return false;
                }
            }
        }
        return true;
    }

    static boolean addressable(Emission e) {
        Instruction in = e.in;
        if (e.mode64) return true;
        return in.addressSize == 4 && in.memSegment != Instruction.CS && in.memSegment < Instruction.FS;
    }

    static boolean isRegister(Instruction in, int i) {
        return in.kind[i] == Instruction.GPR || in.kind[i] == Instruction.GPR_HIGH;
    }

    /** @return whether both are the same whole register (xor eax, eax) */
    static boolean same(Instruction in, int i, int j) {
        return in.kind[i] == Instruction.GPR && in.kind[j] == Instruction.GPR && in.reg[i] == in.reg[j];
    }

    // ---- addresses ----

    /** Pushes the effective address (the offset, before the segment base), wrapped to the address size. */
    static void effectiveAddress(Emission e) {
        Instruction in = e.in;
        Code c = e.c;
        boolean some = false;
        long disp = in.disp;
        if (in.memBase == Instruction.RIP) {
            c.lload(Locals.BASE);
            disp += e.next;
            some = true;
        } else if (in.memBase != Instruction.NO_REGISTER) {
            e.get(in.memBase);
            some = true;
        }
        if (in.memIndex != Instruction.NO_REGISTER) {
            e.get(in.memIndex);
            int shift = Integer.numberOfTrailingZeros(in.memScale);
            if (shift != 0) c.iconst(shift).op(LSHL);
            if (some) c.op(LADD);
            some = true;
        }
        if (!some) {
            c.lconst(in.addressSize == 4 ? disp & 0xffff_ffffL : disp);
            return;
        }
        if (disp != 0) c.lconst(disp).op(LADD);
        if (in.addressSize == 4) c.lconst(0xffff_ffffL).op(LAND);
    }

    /** Pushes the linear address of the memory operand. */
    static void linearAddress(Emission e) {
        effectiveAddress(e);
        if (e.in.memSegment == Instruction.FS) {
            e.usage.fsBase = true;
            e.c.lload(Locals.FS_BASE).op(LADD);
        } else if (e.in.memSegment == Instruction.GS) {
            e.usage.gsBase = true;
            e.c.lload(Locals.GS_BASE).op(LADD);
        }
    }

    /** Computes the linear address of the memory operand into ADDRESS; a miss of the TLB leaves the region. */
    static void addressToRead(Emission e, int size) {
        linearAddress(e);
        toRead(e, size);
    }

    /** As {@link #addressToRead}, with permission to write. */
    static void addressToWrite(Emission e, int size) {
        linearAddress(e);
        toWrite(e, size);
    }

    /** Pops a linear address into ADDRESS; leaves the region if it cannot be read by the TLB. */
    static void toRead(Emission e, int size) {
        lookUp(e, "readHit", size);
    }

    /** Pops a linear address into ADDRESS; leaves the region if it cannot be written by the TLB. */
    static void toWrite(Emission e, int size) {
        lookUp(e, "writeHit", size);
    }

    private static void lookUp(Emission e, String verb, int size) {
        e.c.lstore(Locals.ADDRESS);
        e.pushMemory();
        e.c.lload(Locals.ADDRESS).tlb(verb + 8 * size, "(J)Z").jump(IFEQ, e.miss());
    }

    /** Pushes what lies at ADDRESS, which was looked up: int (not yet sign-extended) or long. */
    static void load(Emission e, int size) {
        e.pushMemory();
        e.c.lload(Locals.ADDRESS).tlb("loadHit" + 8 * size, size == 8 ? "(J)J" : "(J)I");
    }

    /** Stores a local, int or long by the size, at ADDRESS, which was looked up for writing. */
    static void store(Emission e, int size, int local) {
        e.pushMemory();
        e.c.lload(Locals.ADDRESS);
        loadLocal(e, size, local);
        store(e, size);
    }

    /** With the memory object, the address and the value on the stack: stores. */
    static void store(Emission e, int size) {
        e.c.tlb("storeHit" + 8 * size, size == 8 ? "(JJ)V" : "(JI)V");
    }

    // ---- reading ----

    /**
     * Pushes operand i: an int sign-extended from its size, or a long. A memory operand's address is computed here and
     * looked up, for which nothing else may be on the operand stack, and loaded.
     */
    static void push(Emission e, int i) {
        Instruction in = e.in;
        int size = in.size[i];
        switch (in.kind[i]) {
            case Instruction.MEM -> {
                addressToRead(e, size);
                load(e, size);
                extend(e, size);
            }
            case Instruction.IMM -> pushImmediate(e, in.imm, size);
            default -> register(e, i, size);
        }
    }

    /**
     * As {@link #push} for the destination of a read-modify-write: the address stays in ADDRESS, write permission is
     * checked.
     */
    static void pushForUpdate(Emission e, int i) {
        if (e.in.kind[i] != Instruction.MEM) {
            push(e, i);
            return;
        }
        addressToWrite(e, e.in.size[i]);
        load(e, e.in.size[i]);
        extend(e, e.in.size[i]);
    }

    static void pushImmediate(Emission e, long imm, int size) {
        if (size == 8) {
            e.c.lconst(imm);
        } else {
            e.c.iconst(size == 1 ? (byte) imm : size == 2 ? (short) imm : (int) imm);
        }
    }

    private static void register(Emission e, int i, int size) {
        Instruction in = e.in;
        e.get(in.reg[i]);
        if (size == 8) return;
        e.c.op(L2I);
        if (in.kind[i] == Instruction.GPR_HIGH) e.c.iconst(8).op(ISHR);
        extend(e, size);
    }

    /** Sign-extends the int on the stack from its size. */
    static void extend(Emission e, int size) {
        if (size == 1) e.c.op(I2B);
        if (size == 2) e.c.op(I2S);
    }

    /** Converts the int on the stack to a zero-extended long. */
    static void zeroExtend(Emission e, int size) {
        Code c = e.c;
        if (size == 8) return;
        c.op(I2L);
        c.lconst(size == 1 ? 0xff : size == 2 ? 0xffff : 0xffff_ffffL).op(LAND);
    }

    // ---- writing ----

    /**
     * Pops the value (int or long by size) into the register operand i, merging or zero-extending as its size wants.
     */
    static void setRegister(Emission e, int i) {
        setRegister(e, e.in.reg[i], e.in.size[i], e.in.kind[i] == Instruction.GPR_HIGH);
    }

    static void setRegister(Emission e, int reg, int size, boolean high) {
        Code c = e.c;
        if (size == 8) {
            e.set(reg);
            return;
        }
        zeroExtend(e, size);
        if (size != 4) {
            if (high) c.iconst(8).op(LSHL);
            e.get(reg);
            c.lconst(high ? ~0xff00L : size == 1 ? ~0xffL : ~0xffffL).op(LAND, LOR);
        }
        e.set(reg);
    }

    /**
     * Writes the value in the int local (size 1, 2, 4) or long local (8) to operand i; a memory operand's address is in
     * ADDRESS (by {@link #addressToWrite} or {@link #pushForUpdate}).
     */
    static void write(Emission e, int i, int local) {
        int size = e.in.size[i];
        Code c = e.c;
        if (e.in.kind[i] == Instruction.MEM) {
            store(e, size, local);
        } else {
            loadLocal(e, size, local);
            setRegister(e, i);
        }
    }

    static void loadLocal(Emission e, int size, int local) {
        if (size == 8) {
            e.c.lload(local);
        } else {
            e.c.iload(local);
        }
    }

    static void storeLocal(Emission e, int size, int local) {
        if (size == 8) {
            e.c.lstore(local);
        } else {
            e.c.istore(local);
        }
    }
}
