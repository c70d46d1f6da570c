package ringside.unwinder;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import ringside.cpu.Cpu;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.guest.GuestView;
import ringside.unwinder.orc.OrcTable;
import ringside.unwinder.symbols.Symbols;

/**
 * Finds a function's return address by its code: follows every way from an instruction on, nearest first, keeps account
 * of the stack pointer and rbp, and sees where the stack pointer is when a RET, or a jump to another function's start,
 * gives the stack back to the caller. Compiled code has one depth of its stack at each instruction, so all ways must
 * agree; where two do not, or none ends, nothing is known. Needs no table and no frame, and is right in a prologue, in
 * an epilogue and in a function without a frame, but it believes the code: it is a proof of its own kind
 * ({@link Proof#CODE}).
 *
 * <p>With ORC tables a way need only be followed to an instruction that they know: where code without an entry jumps
 * back into a function that has some.
 *
 * <p>A RET that takes a word which the code itself has pushed or written over is a jump (retpolines). What lies behind
 * a call that never returns may disagree.
 */
final class ReturnPath {
    /** Instructions looked at for one answer, and returns that must agree if there are so many. */
    private static final int MOST = 500, ENOUGH = 3;

    /** How a value comes from the registers at the start: address rsp + offset or rbp + offset. */
    private record Place(boolean fromRbp, long offset) {
        Place plus(long n) {
            return new Place(fromRbp, offset + n);
        }
    }

    /**
     * What rbp holds: what it held at the start ({@code null, false}), the address {@code place}, or the word loaded
     * from there.
     */
    private record Rbp(Place place, boolean loaded) {
        static final Rbp SAME = new Rbp(null, false);
        static final Rbp UNKNOWN = new Rbp(null, true);
    }

    /**
     * Where the return address lies.
     *
     * @param fromRbp whether {@code slot} is an offset from rbp, otherwise from rsp
     * @param rbpSaved 0 if the caller's rbp is in rbp, 1 if it lies at rsp + rbpSlot, 2 at rbp + rbpSlot
     */
    record Answer(boolean fromRbp, int slot, int rbpSaved, int rbpSlot) {
        static final Answer NONE = new Answer(false, -1, 0, 0);

        boolean known() {
            return this != NONE;
        }
    }

    /**
     * A state in front of an instruction. {@code saved} holds, for words below the start's stack pointer, what of rbp
     * was pushed; {@code written} words at or above it that were written over; {@code pushed} the constant that the
     * instruction before has pushed, or 0.
     */
    private record State(long rip, Place sp, Rbp rbp, Map<Long, Rbp> saved, long written, long pushed) {
        State at(long next) {
            return new State(next, sp, rbp, saved, written, 0);
        }

        State with(long next, Place newSp) {
            return new State(next, newSp, rbp, saved, written, 0);
        }
    }

    private final KernelModel kernel;
    /** Whether ORC tables may end a way. */
    private final boolean tables;

    private final CodeAnswers<Answer> answers = new CodeAnswers<>();
    private final Instruction in = new Instruction();
    private final byte[] code = new byte[Instruction.MAX_LENGTH];
    private final ArrayDeque<State> todo = new ArrayDeque<>();
    private final Map<Long, Place> seen = new HashMap<>();
    private Answer answer;
    private int returns;

    ReturnPath(KernelModel kernel, boolean tables) {
        this.kernel = kernel;
        this.tables = tables;
    }

    /** @param rip an instruction about to be executed */
    Answer from(GuestView view, Symbols symbols, long rip) {
        return answers.at(view, rip, () -> search(view, symbols, rip));
    }

    private Answer search(GuestView view, Symbols symbols, long rip) {
        todo.clear();
        seen.clear();
        answer = null;
        returns = 0;
        go(new State(rip, new Place(false, 0), Rbp.SAME, Map.of(), 0, 0));
        for (int n = 0; n < MOST && returns < ENOUGH && !todo.isEmpty(); n++) {
            State s = todo.poll();
            if (tables && byTable(s)) {
                if (answer == Answer.NONE) return answer;
                continue;
            }
            int have = view.read(s.rip, code, 0, code.length);
            if (have <= 0 || Decoder.decode(code, 0, have, 64, in) <= 0) continue;
            step(symbols, s);
            if (answer == Answer.NONE) return answer;
        }
        return answer == null ? Answer.NONE : answer;
    }

    /** Ends a way where the tables say how the stack lies in front of its next instruction. @return whether they do */
    private boolean byTable(State s) {
        OrcTable t = kernel.orcAt(s.rip);
        int e = t == null ? -1 : t.find(s.rip);
        if (e < 0 || t.type(e) != OrcTable.TYPE_CALL) return false;
        Place base = t.spBase(e) == OrcTable.SP ? s.sp : t.spBase(e) == OrcTable.BP ? register(s, Cpu.RBP) : null;
        if (base == null) return false;
        Place slot = base.plus(t.spOffset(e) - 8);
        Rbp rbp = s.rbp;
        if (t.bpBase(e) != OrcTable.UNDEFINED) {
            if (t.bpBase(e) != OrcTable.PREV_SP) return false;
            Place saved = slot.plus(8 + t.bpOffset(e));
            if (own(saved, s)) return false;
            rbp = new Rbp(saved, true);
        }
        if (own(slot, s)) return false;
        ended(slot, rbp);
        return true;
    }

    private void go(State s) {
        Place before = seen.putIfAbsent(s.rip, s.sp);
        if (before == null) {
            todo.add(s);
        } else if (!before.equals(s.sp)) {
            answer = Answer.NONE;
        }
    }

    /** The stack is the caller's again but for the return address on top of it. */
    private void ended(Place sp, Rbp rbp) {
        Answer a;
        if (rbp == Rbp.UNKNOWN
                || rbp.place != null && !rbp.loaded
                || !sp.fromRbp && sp.offset < 0
                || sp.offset != (int) sp.offset) {
            a = Answer.NONE;
        } else {
            a = new Answer(
                    sp.fromRbp,
                    (int) sp.offset,
                    rbp.place == null ? 0 : rbp.place.fromRbp ? 2 : 1,
                    rbp.place == null ? 0 : (int) rbp.place.offset);
        }
        returns++;
        answer = answer == null || answer.equals(a) ? a : Answer.NONE;
    }

    private void step(Symbols symbols, State s) {
        long next = s.rip + in.length;
        switch (in.mnemonic) {
            case PUSH, PUSHF -> push(s, next);
            case POP, POPF -> pop(s, next);
            case LEAVE -> {
                Place frame = s.rbp == Rbp.SAME ? new Place(true, 0) : s.rbp.loaded ? null : s.rbp.place;
                if (frame != null) popInto(s.with(next, frame), Cpu.RBP);
            }
            case CALL -> call(symbols, s, next);
            case RET -> ended(own(s) ? s.sp.plus(8) : s.sp, s.rbp);
            case JMP -> {
                if (in.kind[0] == Instruction.REL) jump(symbols, s, next + in.imm);
            }
            case JO, JNO, JB, JAE, JE, JNE, JBE, JA, JS, JNS, JP, JNP, JL, JGE, JLE, JG, LOOP, LOOPE, LOOPNE, JCXZ -> {
                go(s.at(next));
                jump(symbols, s, next + in.imm);
            }
            case IRET -> {
                // code that serializes itself pushes a frame of its own, its way on last
                if (s.pushed != 0) go(s.with(s.pushed, s.sp.plus(40)));
            }
            case RET_FAR, SYSRET, SYSEXIT, HLT, UD0, UD1, UD2, INT3, JMP_FAR, CALL_FAR, ENTER -> {}
            case NOP -> fall(symbols, s.at(next));
            default -> other(s, next);
        }
    }

    private void push(State s, long next) {
        if (in.mnemonic == Mnemonic.PUSH && in.operandSize != 8) return;
        Map<Long, Rbp> saved = s.saved;
        Place sp = s.sp.plus(-8);
        if (!sp.fromRbp && in.mnemonic == Mnemonic.PUSH && in.kind[0] == Instruction.GPR && in.reg[0] == Cpu.RBP) {
            saved = new HashMap<>(saved);
            saved.put(sp.offset, s.rbp);
        }
        long constant = in.mnemonic == Mnemonic.PUSH && in.kind[0] == Instruction.IMM ? in.imm : 0;
        go(new State(next, sp, s.rbp, saved, s.written | (sp.fromRbp ? 0 : bit(sp.offset)), constant));
    }

    private void pop(State s, long next) {
        if (in.mnemonic == Mnemonic.POPF) {
            go(s.with(next, s.sp.plus(8)));
        } else if (in.kind[0] == Instruction.GPR && in.size[0] == 8 && in.reg[0] != Cpu.RSP) {
            popInto(s.at(next), in.reg[0]);
        } else if (in.kind[0] != Instruction.GPR) {
            go(s.with(next, s.sp.plus(8)));
        }
    }

    private void popInto(State s, int register) {
        Rbp rbp = s.rbp;
        if (register == Cpu.RBP) {
            rbp = own(s) ? s.saved.getOrDefault(s.sp.offset, Rbp.UNKNOWN) : new Rbp(s.sp, true);
        }
        go(new State(s.rip, s.sp.plus(8), rbp, s.saved, s.written, 0));
    }

    /**
     * @return whether the word on top of the stack is one that the code has pushed or written over: no return address
     *     of the caller's
     */
    private static boolean own(State s) {
        return own(s.sp, s);
    }

    private static boolean own(Place p, State s) {
        return !p.fromRbp && (p.offset < 0 || (s.written & bit(p.offset)) != 0);
    }

    /**
     * Goes on at the next instruction, but not from the end of a function into the next: behind a call that does not
     * return stands padding, or nothing.
     */
    private void fall(Symbols symbols, State s) {
        int f = symbols.find(s.rip);
        if (f < 0 || symbols.start(f) != s.rip) go(s);
    }

    /**
     * A call gives the stack back as it was, but for one into the function itself, which is a jump that pushes a word.
     */
    private void call(Symbols symbols, State s, long next) {
        long target = next + in.imm;
        int f = symbols.find(s.rip);
        if (in.kind[0] == Instruction.REL && f >= 0 && symbols.find(target) == f && symbols.start(f) != target) {
            Place sp = s.sp.plus(-8);
            go(new State(target, sp, s.rbp, s.saved, s.written | (sp.fromRbp ? 0 : bit(sp.offset)), 0));
        } else {
            fall(symbols, s.at(next));
        }
    }

    /**
     * A jump to the start of another function gives it the stack with the caller's return address on top; all others
     * stay in this function, wherever its parts lie. Entry code jumps between its parts as it likes.
     */
    private void jump(Symbols symbols, State s, long target) {
        int f = symbols.find(target);
        if (f >= 0
                && symbols.start(f) == target
                && f != symbols.find(s.rip)
                && !own(s)
                && !kernel.isEntry(s.rip)
                && !symbols.name(f).contains(".cold")) {
            ended(s.sp, s.rbp);
        } else {
            go(s.at(target));
        }
    }

    /**
     * Everything that goes on at the next instruction: what it does to rsp, to rbp, and to the word on top of the
     * stack.
     */
    private void other(State s, long next) {
        Place sp = s.sp;
        Rbp rbp = s.rbp;
        long written = s.written;
        if (in.operandCount > 0 && writesFirst() && in.kind[0] == Instruction.GPR) {
            if (in.reg[0] == Cpu.RSP) {
                sp = value(s);
                if (sp == null) return;
            } else if (in.reg[0] == Cpu.RBP) {
                Place v = value(s);
                rbp = v == null ? Rbp.UNKNOWN : new Rbp(v, false);
            }
        }
        if (in.mnemonic == Mnemonic.XCHG
                && in.kind[1] == Instruction.GPR
                && (in.reg[1] == Cpu.RSP || in.kind[0] == Instruction.GPR && in.reg[0] == Cpu.RSP)) return;
        if (in.mnemonic == Mnemonic.MOV
                && in.kind[0] == Instruction.MEM
                && in.memBase == Cpu.RSP
                && in.memIndex < 0
                && !sp.fromRbp) written |= bit(sp.offset + in.disp);
        go(new State(next, sp, rbp, s.saved, written, 0));
    }

    private boolean writesFirst() {
        return switch (in.mnemonic) {
            case CMP, TEST, BT, PREFETCH, PREFETCHW, OUT, STOS, MOVS, CMPS, SCAS, LODS, WRMSR, VERR, VERW -> false;
            default -> true;
        };
    }

    /** @return what MOV, LEA, ADD or SUB leaves in its first operand, if it is an address on the stack */
    private Place value(State s) {
        if (in.size[0] != 8) return null;
        return switch (in.mnemonic) {
            case MOV -> in.kind[1] == Instruction.GPR ? register(s, in.reg[1]) : null;
            case LEA -> in.memIndex >= 0 ? null : plus(register(s, in.memBase), in.disp);
            case ADD -> in.kind[1] == Instruction.IMM ? plus(register(s, in.reg[0]), in.imm) : null;
            case SUB -> in.kind[1] == Instruction.IMM ? plus(register(s, in.reg[0]), -in.imm) : null;
            default -> null;
        };
    }

    private static Place plus(Place p, long n) {
        return p == null ? null : p.plus(n);
    }

    private static Place register(State s, int r) {
        if (r == Cpu.RSP) return s.sp;
        if (r != Cpu.RBP) return null;
        return s.rbp == Rbp.SAME ? new Place(true, 0) : s.rbp.loaded ? null : s.rbp.place;
    }

    /** The bit for a word near the start's stack pointer; 0 for one far from it. */
    private static long bit(long offset) {
        long k = (offset >> 3) + 48;
        return k < 0 || k > 63 ? 0 : 1L << k;
    }
}
