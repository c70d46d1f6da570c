package ringside.translator.analysis;

import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Op;
import ringside.translator.frontend.RegionPlan;

/**
 * Which instructions of a region set arithmetic flags that something can see. Flags are dead only between two
 * instructions of a node that both set them all, with nothing in between that reads them, may fault, or may leave:
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
                now = !overwrites(ops[i]) || mayBeSeen(ops[i]);
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
        return op.undefined() || op.endsBlock() || op.instruction.memoryOperand() >= 0;
    }

    /** Whether all six flags are set without regard to their old values. */
    private static boolean overwrites(Op op) {
        Mnemonic m = op.instruction.mnemonic;
        return switch (m) {
            case ADD, SUB, CMP, AND, OR, XOR, TEST, NEG -> true;
            default -> false;
        };
    }
}
