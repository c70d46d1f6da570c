package ringside.translator.frontend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.interpreter.core.Block;
import ringside.interpreter.core.Op;

/**
 * What the frontend hands on: the code of one region as basic blocks without overlap, in address order. Offsets count
 * bytes from the start of the 4 KiB page that holds the hot block, so that the plan is free of linear addresses; where
 * code of other pages is joined to it, translated code looks whether they are mapped there.
 *
 * @param mode the MODE bits it was decoded for
 * @param pages the pages that it lies in, the hot one first
 * @param entries indices of the nodes at which the region may be entered; the first is the one that was hot
 * @param indirect indices of the nodes that its indirect branches have led to
 * @param sources the decoded blocks it was made from; the region is void as soon as one of them is
 * @param smaller for one that joins regions, what to make if it is too large, or null
 * @param joined whether it joins several regions
 * @param name what profilers of the JVM show, letters and digits
 */
public record RegionPlan(
        int mode,
        List<Page> pages,
        List<Node> nodes,
        int[] entries,
        int[] indirect,
        List<Block> sources,
        RegionPlan smaller,
        boolean joined,
        String name) {
    /**
     * A page of code.
     *
     * @param offset of its first byte
     * @param host its host address
     * @param pa its guest physical address
     */
    public record Page(int offset, long host, long pa) {}

    /** A plan whose code lies in one page. */
    public RegionPlan(int mode, long host, long pa, List<Node> nodes, int[] entries, List<Block> sources) {
        this(mode, List.of(new Page(0, host, pa)), nodes, entries, new int[0], sources, null, false, "");
    }

    /** @return the same code by another name */
    public RegionPlan named(String to) {
        RegionPlan less = smaller == null ? null : smaller.named(to);
        return new RegionPlan(mode, pages, nodes, entries, indirect, sources, less, joined, to);
    }

    /** @return guest physical address of the first page */
    public long pagePa() {
        return pages.getFirst().pa;
    }

    /** @return host address of the code at an offset in one of the pages */
    public long host(int offset) {
        for (Page p : pages) if (p.offset == (offset & -4096)) return p.host + (offset & 0xfff);
        throw new IllegalArgumentException("offset " + offset);
    }

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

    /** @return whether it may become smaller: a join has no further way */
    public boolean shrinks() {
        return !joined || smaller != null;
    }

    /**
     * @return the plan without the half of its nodes that lies farthest from the hot one, or with half of its only node
     */
    public RegionPlan shorter() {
        if (joined) return smaller;
        int hot = entries[0];
        if (nodes.size() == 1) {
            Node n = nodes.get(0);
            int keep = Math.max(1, n.ops.length / 2);
            Node half = new Node(n.offset, Arrays.copyOf(n.ops, keep), Arrays.copyOf(n.offsets, keep + 1), EXIT, EXIT);
            return with(List.of(half), entries);
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
        return with(kept, left);
    }

    private RegionPlan with(List<Node> kept, int[] left) {
        return new RegionPlan(mode, pages, kept, left, indirect, sources, null, false, name);
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
