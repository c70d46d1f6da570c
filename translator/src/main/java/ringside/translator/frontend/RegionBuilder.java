package ringside.translator.frontend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.decoder.Mnemonic;
import ringside.interpreter.BlockCache;
import ringside.interpreter.core.Block;
import ringside.interpreter.core.Op;

/**
 * Collects a region on the CPU's thread: blocks reached from the hot one by direct branches in the same 4 KiB page,
 * breadth first, as far as they have been executed (so cold paths stay out). Blocks that overlap are cut where the
 * later one starts. Reads decoded blocks only; no side effect on the guest.
 */
public final class RegionBuilder {
    private final BlockCache blocks;
    private final int maxInstructions;

    public RegionBuilder(BlockCache blocks, int maxInstructions) {
        this.blocks = blocks;
        this.maxInstructions = maxInstructions;
    }

    /**
     * @return the region around the block, of at most {@code limit} instructions where more than one block is concerned
     */
    public RegionPlan plan(Block root, int limit) {
        long page = root.host & -4096L;
        boolean flat64 = (root.mode & Cpu.MODE_MASK) == Cpu.MODE_64;
        boolean inlines = flat64
                || (root.mode & (Cpu.MODE_MASK | Cpu.MODE_FLAT | Cpu.MODE_STACK32))
                        == (Cpu.MODE_32 | Cpu.MODE_FLAT | Cpu.MODE_STACK32);
        TreeMap<Integer, Block> found = new TreeMap<>();
        List<Block> queue = new ArrayList<>();
        found.put((int) (root.host & 0xfff), root);
        queue.add(root);
        List<Integer> returns = new ArrayList<>();
        int size = root.ops.length;
        int most = Math.min(limit, maxInstructions);
        for (int q = 0; q < queue.size() && inlines && root.nextPageHost == 0; q++) {
            Block b = queue.get(q);
            int end = (int) (b.host & 0xfff) + b.length;
            Op last = b.ops[b.ops.length - 1];
            boolean ends = last.endsBlock();
            boolean call = ends && last.instruction.mnemonic == Mnemonic.CALL;
            int[] successors = {ends ? directTarget(last, end) : -1, falls(last) || call ? end : -1};
            for (int s : successors) {
                if (s < 0 || s >= 4096 || found.containsKey(s)) continue;
                Block t = blocks.find(page + s, root.mode);
                if (t == null || t.nextPageHost != 0 || size + t.ops.length > most) continue;
                if (call && s == end) returns.add(s);
                found.put(s, t);
                queue.add(t);
                size += t.ops.length;
            }
        }
        List<Integer> entries = new ArrayList<>();
        entries.add((int) (root.host & 0xfff));
        entries.addAll(returns);
        List<RegionPlan.Page> pages = List.of(new RegionPlan.Page(0, page, root.pa & -4096L));
        return cut(root.mode, pages, found, entries, List.of(), null, false);
    }

    /**
     * Cuts blocks where they overlap.
     *
     * @param found the blocks by their offsets from the start of the first page
     * @param entries offsets of blocks, as {@link RegionPlan#entries}
     * @param indirect offsets of blocks, as {@link RegionPlan#indirect}
     */
    public static RegionPlan cut(
            int mode,
            List<RegionPlan.Page> pages,
            TreeMap<Integer, Block> found,
            List<Integer> entries,
            List<Integer> indirect,
            RegionPlan smaller,
            boolean joined) {
        Map<Integer, Integer> index = new HashMap<>();
        for (int start : found.keySet()) index.put(start, index.size());
        List<RegionPlan.Node> nodes = new ArrayList<>();
        for (Map.Entry<Integer, Block> f : found.entrySet()) {
            Block b = f.getValue();
            int at = f.getKey();
            int[] offsets = new int[b.ops.length + 1];
            offsets[0] = at;
            int n = 0;
            while (n < b.ops.length && (n == 0 || !index.containsKey(at))) {
                at += b.ops[n++].length;
                offsets[n] = at;
            }
            Op last = b.ops[n - 1];
            int next = falls(last) ? index.getOrDefault(at, RegionPlan.EXIT) : RegionPlan.EXIT;
            int taken = last.endsBlock() ? index.getOrDefault(target(last, at), RegionPlan.EXIT) : RegionPlan.EXIT;
            nodes.add(new RegionPlan.Node(
                    f.getKey(),
                    java.util.Arrays.copyOf(b.ops, n),
                    java.util.Arrays.copyOf(offsets, n + 1),
                    next,
                    taken));
        }
        return new RegionPlan(
                mode,
                pages,
                nodes,
                entries.stream().mapToInt(index::get).toArray(),
                indirect.stream().mapToInt(index::get).toArray(),
                List.copyOf(found.values()),
                smaller,
                joined,
                "");
    }

    private static boolean conditional(Mnemonic m) {
        return InstructionInfo.of(m).flow() == InstructionInfo.Flow.CONDITIONAL_JUMP;
    }

    /** Whether control may reach the next instruction without leaving the region. */
    public static boolean falls(Op last) {
        return !last.endsBlock() || conditional(last.instruction.mnemonic) || BlockEnd.of(last) == BlockEnd.CONTINUES;
    }

    /** @return offset of the target of a JMP, Jcc or CALL, or a number outside the page */
    private static int directTarget(Op last, int end) {
        int t = target(last, end);
        return t < 0 || t > 4095 ? -1 : t;
    }

    /** No offset of a target. */
    public static final int NOWHERE = Integer.MIN_VALUE;

    /** @return offset of the target of a JMP, Jcc or CALL that is known, or {@link #NOWHERE} */
    public static int target(Op last, int end) {
        Instruction in = last.instruction;
        boolean jumps = in.mnemonic == Mnemonic.JMP || in.mnemonic == Mnemonic.CALL || conditional(in.mnemonic);
        if (!jumps || in.kind[0] != Instruction.REL) return NOWHERE;
        long t = end + in.imm;
        return t != (int) t ? NOWHERE : (int) t;
    }
}
