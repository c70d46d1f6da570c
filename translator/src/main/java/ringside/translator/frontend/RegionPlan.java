package ringside.translator.frontend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.interpreter.core.Block;
import ringside.interpreter.core.Op;

/**
 * What the frontend hands on: the code of one region as basic blocks without overlap, in address order. Offsets count
 * bytes from the start of the 4 KiB page that holds the code, so that the plan is free of linear addresses.
 *
 * @param mode the MODE bits it was decoded for
 * @param pageHost host address of the page
 * @param pagePa guest physical address of the page
 * @param entries indices of the nodes at which the region may be entered; the first is the one that was hot
 * @param sources the decoded blocks it was made from; the region is void as soon as one of them is
 */
public record RegionPlan(int mode, long pageHost, long pagePa, List<Node> nodes, int[] entries, List<Block> sources) {
    /** Value of {@link Node#next} and {@link Node#taken}: control leaves the region. */
    public static final int EXIT = -1;

    /**
     * A basic block: only its first instruction is jumped to, only its last jumps.
     *
     * @param offset of its first byte
     * @param ops its instructions
     * @param offsets of each instruction, and of the byte behind the last
     * @param next index of the node that follows without a jump, or EXIT
     * @param taken index of the node that the direct branch at its end goes to, or EXIT
     */
    public record Node(int offset, Op[] ops, int[] offsets, int next, int taken) {
        public int end() {
            return offsets[offsets.length - 1];
        }
    }

    public boolean mode64() {
        return (mode & Cpu.MODE_MASK) == Cpu.MODE_64;
    }

    /**
     * @return whether addresses are plain and stack and operands are 32 or 64 bits, so that instructions can be inlined
     */
    public boolean inlines() {
        return mode64()
                || (mode & (Cpu.MODE_MASK | Cpu.MODE_FLAT | Cpu.MODE_STACK32))
                        == (Cpu.MODE_32 | Cpu.MODE_FLAT | Cpu.MODE_STACK32);
    }

    /**
     * @return the plan without the half of its nodes that lies farthest from the hot one, or with half of its only node
     */
    public RegionPlan shorter() {
        int hot = entries[0];
        if (nodes.size() == 1) {
            Node n = nodes.get(0);
            int keep = Math.max(1, n.ops.length / 2);
            Node half = new Node(n.offset, Arrays.copyOf(n.ops, keep), Arrays.copyOf(n.offsets, keep + 1), EXIT, EXIT);
            return new RegionPlan(mode, pageHost, pagePa, List.of(half), entries, sources);
        }
        int count = nodes.size() / 2;
        int first = Math.max(0, Math.min(hot - count / 2, nodes.size() - count));
        List<Node> kept = new ArrayList<>();
        for (Node n : nodes.subList(first, first + count)) {
            kept.add(new Node(n.offset, n.ops, n.offsets, shift(n.next, first, count), shift(n.taken, first, count)));
        }
        int[] left = Arrays.stream(entries)
                .map(e -> shift(e, first, count))
                .filter(e -> e != EXIT)
                .toArray();
        return new RegionPlan(mode, pageHost, pagePa, kept, left, sources);
    }

    private static int shift(int node, int first, int count) {
        return node >= first && node < first + count ? node - first : EXIT;
    }

    public int instructions() {
        int n = 0;
        for (Node k : nodes) n += k.ops.length;
        return n;
    }
}
