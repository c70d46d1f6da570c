package ringside.interpreter.system;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.cpu.IndirectBranchTracking;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;

/**
 * What handlers do in code whose indirect branches are tracked: ENDBR, indirect near branches, and whatever stands
 * where ENDBR should.
 */
public final class TrackingOps {
    private TrackingOps() {}

    public static void register(Registry r) {
        r.add(Mnemonic.ENDBR32, (i, c) -> new EndBranch((c.mode() & Cpu.MODE_MASK) != Cpu.MODE_64, c));
        r.add(Mnemonic.ENDBR64, (i, c) -> new EndBranch((c.mode() & Cpu.MODE_MASK) == Cpu.MODE_64, c));
    }

    /** @return the handler that does what tracking adds to {@code op} in this mode, or {@code op} itself */
    public static Op tracked(Op op, Instruction i, Registry.CpuContext c) {
        if ((c.mode() & Cpu.MODE_IBT) == 0) return op;
        boolean branch = i.mnemonic == Mnemonic.JMP || i.mnemonic == Mnemonic.CALL;
        Op own = branch && i.kind[0] != Instruction.REL ? new Indirect(op, i) : op;
        // breakpoints may stand in place of ENDBR
        boolean free =
                op instanceof EndBranch e && e.here || i.mnemonic == Mnemonic.INT3 || i.mnemonic == Mnemonic.INT1;
        return (c.mode() & Cpu.MODE_ENDBR) == 0 || free ? own : new Missing(own, i);
    }

    /** ENDBR; that of the other mode does nothing. */
    private static final class EndBranch extends Op {
        private final boolean here;
        private final boolean tracked;
        private final boolean ends;

        EndBranch(boolean here, Registry.CpuContext c) {
            this.here = here && c.model().has(Feature.IBT);
            this.tracked = this.here && (c.mode() & Cpu.MODE_IBT) != 0;
            this.ends = this.here && (c.mode() & Cpu.MODE_ENDBR) != 0;
        }

        @Override
        public void execute(Cpu cpu) {
            if (tracked) IndirectBranchTracking.endbranch(cpu);
        }

        @Override
        public boolean endsBlock() {
            return ends;
        }
    }

    private abstract static class Around extends Op {
        final Op inner;

        Around(Op inner, Instruction i) {
            this.inner = inner;
            inner.instruction = i;
            inner.length = i.length;
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }

    /** JMP or CALL near, indirect. */
    private static final class Indirect extends Around {
        private final boolean noTrack;

        Indirect(Op inner, Instruction i) {
            super(inner, i);
            noTrack = i.has(Instruction.NO_TRACK);
        }

        @Override
        public void execute(Cpu cpu) {
            inner.execute(cpu);
            IndirectBranchTracking.near(cpu, noTrack);
        }
    }

    /** Any other instruction where ENDBR must stand; comes before its own faults, #UD included. */
    private static final class Missing extends Around {
        Missing(Op inner, Instruction i) {
            super(inner, i);
        }

        @Override
        public void execute(Cpu cpu) {
            IndirectBranchTracking.missing(cpu, cpu.codeLinear() - length);
            inner.execute(cpu);
        }
    }
}
