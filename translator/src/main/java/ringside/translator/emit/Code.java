package ringside.translator.emit;

import java.util.SortedMap;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * The bytecode of one region method as it is written: a thin layer over ASM that counts bytes (never too few) and
 * places stack map frames. Every local is initialised before the first label and the operand stack is empty at each, so
 * all frames are alike and cost one byte. With a null visitor it only counts: the emitter's first pass.
 */
public final class Code {
    private final MethodVisitor mv;
    private final Object[] frame;
    private boolean framed;
    private boolean firstFrame = true;
    private int size;

    /** @param mv null to count only @param frame types of all locals, in ASM's form */
    Code(MethodVisitor mv, Object[] frame) {
        this.mv = mv;
        this.frame = frame;
    }

    /** @return bytes emitted so far, or a little more */
    int size() {
        return size;
    }

    boolean counting() {
        return mv == null;
    }

    /** Says that what follows belongs to a guest instruction with this number. */
    void line(int number) {
        if (mv == null) return;
        Label here = new Label();
        mv.visitLabel(here);
        mv.visitLineNumber(number, here);
    }

    // ---- plain instructions ----

    Code op(int opcode) {
        size++;
        framed = false;
        if (mv != null) mv.visitInsn(opcode);
        return this;
    }

    Code op(int first, int second) {
        return op(first).op(second);
    }

    private Code variable(int opcode, int local) {
        size += local < 4 ? 1 : local < 256 ? 2 : 4;
        framed = false;
        if (mv != null) mv.visitVarInsn(opcode, local);
        return this;
    }

    Code lload(int local) {
        return variable(Opcodes.LLOAD, local);
    }

    Code lstore(int local) {
        return variable(Opcodes.LSTORE, local);
    }

    Code iload(int local) {
        return variable(Opcodes.ILOAD, local);
    }

    Code istore(int local) {
        return variable(Opcodes.ISTORE, local);
    }

    Code aload(int local) {
        return variable(Opcodes.ALOAD, local);
    }

    Code astore(int local) {
        return variable(Opcodes.ASTORE, local);
    }

    Code increment(int local, int by) {
        size += by == (byte) by ? 3 : 6;
        framed = false;
        if (mv != null) mv.visitIincInsn(local, by);
        return this;
    }

    Code iconst(int v) {
        framed = false;
        if (v >= -1 && v <= 5) return op(Opcodes.ICONST_0 + v);
        if (v == (byte) v) {
            size += 2;
            if (mv != null) mv.visitIntInsn(Opcodes.BIPUSH, v);
        } else if (v == (short) v) {
            size += 3;
            if (mv != null) mv.visitIntInsn(Opcodes.SIPUSH, v);
        } else {
            size += 3;
            if (mv != null) mv.visitLdcInsn(v);
        }
        return this;
    }

    Code lconst(long v) {
        framed = false;
        if (v == 0 || v == 1) return op(Opcodes.LCONST_0 + (int) v);
        if (v == (short) v) return iconst((int) v).op(Opcodes.I2L);
        size += 3;
        if (mv != null) mv.visitLdcInsn(v);
        return this;
    }

    // ---- members ----

    Code field(int opcode, String owner, String name, String type) {
        size += 3;
        framed = false;
        if (mv != null) {
            // static fields are those of the class that is being written
            if (opcode != Opcodes.GETSTATIC) Members.require(owner, name, type, false);
            mv.visitFieldInsn(opcode, owner, name, type);
        }
        return this;
    }

    Code invokeStatic(String owner, String name, String type) {
        size += 3;
        framed = false;
        if (mv != null) {
            Members.require(owner, name, type, true);
            mv.visitMethodInsn(Opcodes.INVOKESTATIC, owner, name, type, false);
        }
        return this;
    }

    /** Calls a function of {@link ringside.memory.TlbAccess}; the type leaves the memory out, which comes first. */
    Code tlb(String name, String type) {
        return invokeStatic(Names.TLB_ACCESS, name, "(" + Names.MEMORY_TYPE + type.substring(1));
    }

    Code invokeVirtual(String owner, String name, String type) {
        size += 3;
        framed = false;
        if (mv != null) {
            Members.require(owner, name, type, false);
            mv.visitMethodInsn(Opcodes.INVOKEVIRTUAL, owner, name, type, false);
        }
        return this;
    }

    // ---- control ----

    Code jump(int opcode, Label target) {
        size += 3;
        framed = false;
        if (mv != null) mv.visitJumpInsn(opcode, target);
        return this;
    }

    /** Places a label that is jumped to; the operand stack is empty there. */
    Code place(Label l) {
        if (mv == null) return this;
        mv.visitLabel(l);
        if (framed) return this;
        if (firstFrame) {
            mv.visitFrame(Opcodes.F_FULL, frame.length, frame, 0, new Object[0]);
            firstFrame = false;
        } else {
            mv.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }
        framed = true;
        return this;
    }

    /** Places an exception handler's label: the stack holds the exception. */
    Code placeHandler(Label l, String type) {
        if (mv == null) return this;
        mv.visitLabel(l);
        mv.visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {type});
        return this;
    }

    /** Sends what is thrown between two marks, still to be placed, to a handler. */
    Code tryCatch(Label start, Label end, Label handler, String type) {
        if (mv != null) mv.visitTryCatchBlock(start, end, handler, type);
        return this;
    }

    /** Marks a position that nothing jumps to (a bound of an exception range). */
    Code mark(Label l) {
        if (mv != null) mv.visitLabel(l);
        return this;
    }

    /** Pops an int and jumps by its value; keys in ascending order. */
    Code lookupSwitch(SortedMap<Integer, Label> targets, Label otherwise) {
        size += 12 + 8 * targets.size();
        framed = false;
        if (mv != null) {
            int[] keys = targets.keySet().stream().mapToInt(k -> k).toArray();
            mv.visitLookupSwitchInsn(otherwise, keys, targets.values().toArray(Label[]::new));
        }
        return this;
    }

    Code tableSwitch(Label[] targets) {
        size += 16 + 4 * targets.length;
        framed = false;
        if (mv != null) mv.visitTableSwitchInsn(0, targets.length - 1, targets[0], targets);
        return this;
    }
}
