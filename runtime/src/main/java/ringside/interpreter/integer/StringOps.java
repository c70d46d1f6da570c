package ringside.interpreter.integer;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.cpu.Segmentation;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Specializer;

/**
 * MOVS, STOS, LODS, CMPS, SCAS with their repeat prefixes. One execution does a chunk of iterations, up to the next
 * count that is a multiple of {@link #CHUNK}, and retires as one instruction; with iterations left, RIP stays at the
 * instruction, so that interrupts come between chunks. Where chunks end depends on the count alone: an execution that
 * was interrupted by a fault, or left its block, ends where it would have ended anyway. Registers are exact after every
 * iteration. While stepping (RFLAGS.TF), a chunk is one iteration. Intel SDM vol. 1, 7.3.9; vol. 2, REP.
 */
public final class StringOps {
    enum Operation {
        MOVS,
        STOS,
        LODS,
        CMPS,
        SCAS
    }

    /** Most iterations of one execution; a power of two. */
    static final int CHUNK = 4096;

    private StringOps() {}

    static void register(Registry r) {
        for (Operation o : Operation.values()) {
            r.add(Mnemonic.valueOf(o.name()), (i, c) -> Specializer.make(Repeatable.class, form(o, i, c), i, c));
        }
    }

    /**
     * destination = address size, source = 0 no prefix, 1 REP/REPE, 2 REPNE; variant = 1 if offsets are linear
     * addresses.
     */
    private static Form form(Operation o, Instruction i, Registry.CpuContext c) {
        int repeat = i.has(Instruction.REP) ? 1 : i.has(Instruction.REPNE) ? 2 : 0;
        int size = i.size[i.memoryOperand()];
        boolean code64 = (c.mode() & Cpu.MODE_MASK) == Cpu.MODE_64;
        boolean plain = i.memSegment < Cpu.FS && (code64 || (c.mode() & Cpu.MODE_FLAT) != 0 && i.memSegment != Cpu.CS);
        return new Form(o, size, i.addressSize, repeat, plain ? 1 : 0);
    }

    /** @return how many iterations the next execution does */
    public static int chunk(Cpu cpu, long count) {
        if (cpu.oneIteration || cpu.pendingDebug != 0) return 1;
        int n = (int) count & CHUNK - 1;
        return n == 0 ? CHUNK : n;
    }

    /** Template: one string instruction. */
    static final class Repeatable extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Operation OPERATION = (Operation) FORM.operation();
        private static final int SIZE = FORM.size();
        private static final int ADDRESS = FORM.destination();
        private static final int REPEAT = FORM.source();
        private static final boolean PLAIN = FORM.variant() != 0;
        private static final boolean COMPARES = OPERATION == Operation.CMPS || OPERATION == Operation.SCAS;

        private final int segment;

        Repeatable(Instruction i, Registry.CpuContext c) {
            segment = i.memSegment;
        }

        @Override
        public boolean endsBlock() {
            return REPEAT != 0;
        }

        @Override
        public void execute(Cpu cpu) {
            if (REPEAT == 0) {
                iterate(cpu);
                return;
            }
            long count = GprAccess.get(cpu.gpr, Cpu.RCX, ADDRESS);
            if (count == 0) return;
            int n = cpu.watching && watched(cpu) ? 1 : chunk(cpu, count);
            while (n > 0) {
                int done = bulk(cpu, n);
                if (done == 0) {
                    iterate(cpu);
                    done = 1;
                }
                count -= done;
                n -= done;
                GprAccess.set(cpu.gpr, Cpu.RCX, ADDRESS, count);
                if (COMPARES && (cpu.flagResult == 0) == (REPEAT == 2)) return;
            }
            if (count != 0) cpu.rip -= length;
        }

        /**
         * @return whether a page with a data breakpoint may be touched, so that the trap must come behind the very
         *     iteration
         */
        private boolean watched(Cpu cpu) {
            long span = (long) (CHUNK + 1) * SIZE;
            long from = GprAccess.get(cpu.gpr, Cpu.RSI, ADDRESS) + (PLAIN ? 0 : cpu.seg[segment].base);
            long to = GprAccess.get(cpu.gpr, Cpu.RDI, ADDRESS) + (PLAIN ? 0 : cpu.seg[Cpu.ES].base);
            return cpu.mem.watchedNear(from, span) || cpu.mem.watchedNear(to, span);
        }

        /**
         * @return iterations done at once, registers updated except the count; 0 if one must be done by
         *     {@link #iterate}
         */
        private int bulk(Cpu cpu, int n) {
            if (!PLAIN || n < 4 || (cpu.systemFlags & Flags.DF) != 0) return 0;
            long[] g = cpu.gpr;
            if (OPERATION == Operation.MOVS) {
                long from = GprAccess.get(g, Cpu.RSI, ADDRESS);
                long to = GprAccess.get(g, Cpu.RDI, ADDRESS);
                int bytes = cpu.mem.copyForward(from, to, n * SIZE, SIZE);
                if (bytes == 0) return 0;
                GprAccess.set(g, Cpu.RSI, ADDRESS, from + bytes);
                GprAccess.set(g, Cpu.RDI, ADDRESS, to + bytes);
                return bytes / SIZE;
            }
            if (OPERATION == Operation.STOS) {
                long to = GprAccess.get(g, Cpu.RDI, ADDRESS);
                int bytes = cpu.mem.fillForward(to, n * SIZE, SIZE, g[Cpu.RAX]);
                if (bytes == 0) return 0;
                GprAccess.set(g, Cpu.RDI, ADDRESS, to + bytes);
                return bytes / SIZE;
            }
            return 0;
        }

        private void iterate(Cpu cpu) {
            long[] g = cpu.gpr;
            long step = (cpu.systemFlags & Flags.DF) != 0 ? -SIZE : SIZE;
            long si = GprAccess.get(g, Cpu.RSI, ADDRESS);
            long di = GprAccess.get(g, Cpu.RDI, ADDRESS);
            switch (OPERATION) {
                case MOVS -> cpu.mem.store(destination(cpu, di, true), SIZE, cpu.mem.load(source(cpu, si), SIZE));
                case STOS -> cpu.mem.store(destination(cpu, di, true), SIZE, g[Cpu.RAX]);
                case LODS -> GprAccess.set(g, Cpu.RAX, SIZE, cpu.mem.load(source(cpu, si), SIZE));
                case CMPS -> {
                    long a = cpu.mem.load(source(cpu, si), SIZE);
                    Alu.CMP.apply(cpu, a, cpu.mem.load(destination(cpu, di, false), SIZE), SIZE);
                }
                case SCAS -> Alu.CMP.apply(cpu, g[Cpu.RAX], cpu.mem.load(destination(cpu, di, false), SIZE), SIZE);
            }
            if (OPERATION != Operation.STOS && OPERATION != Operation.SCAS)
                GprAccess.set(g, Cpu.RSI, ADDRESS, si + step);
            if (OPERATION != Operation.LODS) GprAccess.set(g, Cpu.RDI, ADDRESS, di + step);
        }

        private long source(Cpu cpu, long offset) {
            return PLAIN ? offset : Segmentation.linear(cpu, segment, offset, SIZE, false);
        }

        private static long destination(Cpu cpu, long offset, boolean write) {
            return PLAIN ? offset : Segmentation.linear(cpu, Cpu.ES, offset, SIZE, write);
        }
    }
}
