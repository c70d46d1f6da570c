package ringside.translator.analysis;

import ringside.decoder.InstructionInfo;
import ringside.decoder.InstructionInfo.Unit;
import ringside.interpreter.core.Op;
import ringside.translator.frontend.RegionPlan;

/**
 * Which instructions of a region set arithmetic flags that something can see. Flags are dead only before
 * an instruction of the same node that sets them all, with nothing in between that reads them, may fault, or may leave:
 * every node's start is an exit (the budget may end there), calls, returns and all memory accesses are readers.
 */
public final class FlagLiveness {
    private final boolean[][] live;

    public FlagLiveness(RegionPlan plan) {
        live = new boolean[plan.nodes().size()][];
        for (int n = 0; n < live.length; n++) {
            Op[] ops = plan.nodes().get(n).ops();
            boolean[] l = new boolean[ops.length];
            boolean now = true;
            for (int i = ops.length - 1; i >= 0; i--) {
                l[i] = now;
                now = mayBeSeen(ops[i]) || !overwrites(ops[i]) && (now || !ignores(ops[i]));
            }
            live[n] = l;
        }
    }

    /** @return whether flags set by instruction {@code index} of the node are visible behind it */
    public boolean live(int node, int index) {
        return live[node][index];
    }

    /** Whether the state before this instruction may be seen: it may fault or is not inlined. */
    private static boolean mayBeSeen(Op op) {
        if (op.undefined() || op.endsBlock()) return true;
        InstructionInfo info = InstructionInfo.of(op.instruction);
        return info.traps() || info.readsMemory(op.instruction) || info.writesMemory(op.instruction);
    }

    /** Whether no flag decides what it does, so that flags dead behind it are dead before it. */
    private static boolean ignores(Op op) {
        InstructionInfo info = InstructionInfo.of(op.instruction);
        return info.unit() == Unit.INTEGER && (info.flagsRead() & InstructionInfo.ARITHMETIC) == 0;
    }

    /** Whether all six flags are set without regard to their old values. */
    private static boolean overwrites(Op op) {
        InstructionInfo info = InstructionInfo.of(op.instruction);
        int defined = InstructionInfo.ARITHMETIC & ~InstructionInfo.AF;
        return info.unit() == Unit.INTEGER
                && (info.flagsRead() & InstructionInfo.ARITHMETIC) == 0
                && (info.flagsWritten() & defined) == defined;
    }
}
