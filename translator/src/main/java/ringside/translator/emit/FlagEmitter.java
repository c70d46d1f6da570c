package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import org.objectweb.asm.Label;
import ringside.translator.support.LazyFlags;

/**
 * Sets and reads the lazy flags (see {@link LazyFlags}) and knows, while a node is emitted, what set them last: then a
 * condition becomes one compare of the operands, adjacent or not. At a node's start nothing is known and the local
 * FLAG_KIND decides at run time; ZF needs only the result and is always one compare.
 */
final class FlagEmitter {
    private static final int UNKNOWN = -1;
    private static final String AUX_TYPE = "(IJJJ)J", CARRY_TYPE = "(IJJJ)Z", CONDITION_TYPE = "(IIJJJ)Z";

    private final Emission e;
    private final Code c;
    /** The value of FLAG_KIND if it is known. */
    private int kind = UNKNOWN;
    /** FLAG_A is known to be zero (kind AUX): CF, OF and AF are clear, SF and PF are the result's own. */
    private boolean logic;

    private int size;

    FlagEmitter(Emission e) {
        this.e = e;
        this.c = e.c;
    }

    /** Forgets what is known: at the start of a node. */
    void reset() {
        kind = UNKNOWN;
        logic = false;
        size = 8;
    }

    private void kind(int k) {
        if (kind != k) c.iconst(k).istore(Locals.FLAG_KIND);
        kind = k;
        logic = false;
        e.usage.flags = true;
        e.usage.flagsWritten = true;
    }

    private void store(int size, int local, int flagLocal) {
        Operands.loadLocal(e, size, local);
        if (size != 8) c.op(I2L);
        c.lstore(flagLocal);
    }

    // ---- setting; each only if flagsLive, after everything that may fault ----

    /** a + b = r or a - b = r; also with a carry in. Locals are ints for sizes 1, 2, 4 and longs for 8. */
    void arithmetic(int source, int size, int a, int b, int r) {
        if (!e.flagsLive) return;
        store(size, a, Locals.FLAG_A);
        store(size, b, Locals.FLAG_B);
        store(size, r, Locals.FLAG_RESULT);
        kind(source);
        this.size = size;
    }

    /** CF, OF and AF clear. */
    void logic(int size, int r) {
        if (!e.flagsLive) return;
        store(size, r, Locals.FLAG_RESULT);
        if (!logic) c.lconst(0).lstore(Locals.FLAG_A);
        kind(LazyFlags.AUX);
        logic = true;
        this.size = size;
    }

    /** INC or DEC. */
    void step(int step, int size, int r) {
        if (!e.flagsLive) return;
        store(size, r, Locals.FLAG_RESULT);
        int full = step | size << 4;
        if (kind == UNKNOWN) {
            c.iload(Locals.FLAG_KIND)
                    .iconst(LazyFlags.SOURCE)
                    .op(IAND)
                    .iconst(full)
                    .op(IOR)
                    .istore(Locals.FLAG_KIND);
            e.usage.flags = true;
            e.usage.flagsWritten = true;
        } else {
            kind(LazyFlags.step(kind, full));
        }
        this.size = size;
    }

    /** The result in a local, aux on the operand stack. */
    void resultAndAux(int size, int r) {
        if (!e.flagsLive) {
            c.op(POP2);
            return;
        }
        c.lstore(Locals.FLAG_A);
        store(size, r, Locals.FLAG_RESULT);
        kind(LazyFlags.AUX);
        this.size = size;
    }

    /** Aux on the operand stack, the result as it was. */
    void aux() {
        if (!e.flagsLive) {
            c.op(POP2);
            return;
        }
        c.lstore(Locals.FLAG_A);
        kind(LazyFlags.AUX);
    }

    /** Result and aux were loaded from the CPU by other means. */
    void loaded() {
        reset();
        kind(LazyFlags.AUX);
    }

    // ---- reading ----

    private void pushAll() {
        e.usage.flags = true;
        if (kind == UNKNOWN) {
            c.iload(Locals.FLAG_KIND);
        } else {
            c.iconst(kind);
        }
        c.lload(Locals.FLAG_A).lload(Locals.FLAG_B).lload(Locals.FLAG_RESULT);
    }

    /** Pushes the result: sign-extended, zero if ZF. */
    void pushResult() {
        e.usage.flags = true;
        c.lload(Locals.FLAG_RESULT);
    }

    /** Pushes aux in the runtime's form. */
    void pushAux() {
        if (kind == LazyFlags.AUX) {
            c.lload(Locals.FLAG_A);
            return;
        }
        pushAll();
        c.invokeStatic(Names.LAZY_FLAGS, "aux", AUX_TYPE);
    }

    /** Pushes CF as an int. */
    void pushCarry() {
        if (logic) {
            c.iconst(0);
            return;
        }
        pushAll();
        c.invokeStatic(Names.LAZY_FLAGS, "carry", CARRY_TYPE);
    }

    /** Jumps if condition number cc (0..15) holds; the operand stack is empty. */
    void jumpIf(int cc, Label target) {
        boolean negated = (cc & 1) != 0;
        switch (cc >> 1) {
            case 1 -> {
                if (kind == LazyFlags.SUB) {
                    compare(true, negated ? IFGE : IFLT, target);
                    return;
                }
                if (logic) {
                    constant(negated, target);
                    return;
                }
            }
            case 2 -> {
                if (kind == LazyFlags.SUB) {
                    compare(false, negated ? IFNE : IFEQ, target);
                } else {
                    result(negated ? IFNE : IFEQ, target);
                }
                return;
            }
            case 3 -> {
                if (kind == LazyFlags.SUB) {
                    compare(true, negated ? IFGT : IFLE, target);
                    return;
                }
                if (logic) {
                    result(negated ? IFNE : IFEQ, target);
                    return;
                }
            }
            case 4 -> {
                if (logic || kind > LazyFlags.AUX) {
                    result(negated ? IFGE : IFLT, target);
                    return;
                }
            }
            case 6 -> {
                if (kind == LazyFlags.SUB) {
                    compare(false, negated ? IFGE : IFLT, target);
                    return;
                }
                if (logic) {
                    result(negated ? IFGE : IFLT, target);
                    return;
                }
            }
            case 7 -> {
                if (kind == LazyFlags.SUB) {
                    compare(false, negated ? IFGT : IFLE, target);
                    return;
                }
                if (logic) {
                    result(negated ? IFGT : IFLE, target);
                    return;
                }
            }
            default -> {}
        }
        c.iconst(cc);
        pushAll();
        c.invokeStatic(Names.LAZY_FLAGS, "condition", CONDITION_TYPE);
        c.jump(IFNE, target);
    }

    private void constant(boolean taken, Label target) {
        c.iconst(taken ? 0 : 1).jump(IFEQ, target);
    }

    private void result(int jump, Label target) {
        e.usage.flags = true;
        c.lload(Locals.FLAG_RESULT);
        if (kind != UNKNOWN && size != 8) {
            c.op(L2I).jump(jump, target);
        } else {
            c.lconst(0).op(LCMP).jump(jump, target);
        }
    }

    private void compare(boolean unsigned, int jump, Label target) {
        if (size == 8) {
            c.lload(Locals.FLAG_A).lload(Locals.FLAG_B);
            if (unsigned) {
                c.invokeStatic("java/lang/Long", "compareUnsigned", "(JJ)I");
            } else {
                c.op(LCMP);
            }
            c.jump(jump, target);
            return;
        }
        c.lload(Locals.FLAG_A).op(L2I).lload(Locals.FLAG_B).op(L2I);
        if (unsigned) {
            c.invokeStatic("java/lang/Integer", "compareUnsigned", "(II)I").jump(jump, target);
        } else {
            c.jump(jump - IFEQ + IF_ICMPEQ, target);
        }
    }
}
