package ringside.translator.region;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import ringside.cpu.Cpu;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Block;
import ringside.interpreter.core.Op;
import ringside.translator.frontend.RegionBuilder;
import ringside.translator.frontend.RegionPlan;

/**
 * The second generation: where an indirect branch keeps going to other places, one region is made of the hot blocks of
 * all of them, in whatever pages they lie, so that it stays inside. Works on the CPU's thread, from what the first
 * generation's regions and links have seen.
 */
public final class RegionJoiner {
    /** Regions looked at for one that joins them. */
    private static final int MOST_REGIONS = 48;
    /** A block that is so many times colder than the hottest of its region is left out. */
    private static final int COLDER = 16;
    /** Instructions of the plans that are tried, one after the other, until one fits into a method. */
    private static final int[] SIZES = {160, 125, 100, 75, 50};

    /** An indirect branch to fewer places follows its link nearly each time. */
    private static final int FEWEST_PLACES = 3;

    private static final int MOST_ENTRIES = 64;

    private RegionJoiner() {}

    private record Place(Region region, int delta) {}

    /**
     * @param root the region that has the indirect branch
     * @return the plan of a region that does what {@code root} does and more, or null if there is nothing to join
     */
    public static RegionPlan plan(Region root) {
        RegionPlan first = root.plan();
        if ((first.mode() & Cpu.MODE_MASK) != Cpu.MODE_64) return null;
        TreeMap<Integer, Block> blocks = new TreeMap<>();
        TreeMap<Integer, RegionPlan.Page> pages = new TreeMap<>();
        Set<Integer> indirect = new HashSet<>();
        Set<Region> seen = new HashSet<>();
        Queue<Place> places = new ArrayDeque<>();
        places.add(new Place(root, 0));
        while (!places.isEmpty() && seen.size() < MOST_REGIONS) {
            Place p = places.poll();
            if (!seen.add(p.region) || !add(p, blocks, pages)) continue;
            for (Link l : p.region.links()) {
                // what is called stays outside
                if (l.back == null) follow(p, l, first.mode(), places, indirect);
            }
        }
        if (indirect.size() < FEWEST_PLACES) return null;
        int[] entries = Arrays.stream(first.entries())
                .map(e -> first.nodes().get(e).offset())
                .toArray();
        RegionPlan plan = null;
        for (int i = SIZES.length - 1; i >= 0; i--)
            plan = select(first, entries, blocks, pages, indirect, SIZES[i], plan);
        return plan;
    }

    /** @return whether the region's code can stand where the place says */
    private static boolean add(Place p, TreeMap<Integer, Block> blocks, TreeMap<Integer, RegionPlan.Page> pages) {
        RegionPlan plan = p.region.plan();
        RegionPlan.Page page = plan.pages().getFirst();
        RegionPlan.Page there = pages.get(p.delta);
        if (there != null && there.host() != page.host()) return false;
        if (there == null) pages.put(p.delta, new RegionPlan.Page(p.delta, page.host(), page.pa()));
        Set<Integer> entries = new HashSet<>();
        for (int e : plan.entries()) entries.add(plan.nodes().get(e).offset());
        Set<Integer> offsets = new HashSet<>();
        for (RegionPlan.Node n : plan.nodes()) offsets.add(n.offset());
        int most = plan.sources().stream().mapToInt(b -> b.heat).max().orElse(0);
        for (Block b : plan.sources()) {
            int offset = (int) (b.host & 0xfff);
            boolean cold = b.heat < most / COLDER && !entries.contains(offset);
            if (!cold && offsets.contains(offset)) blocks.putIfAbsent(p.delta + offset, b);
        }
        return true;
    }

    private static void follow(Place from, Link l, int mode, Queue<Place> places, Set<Integer> indirect) {
        for (Link.Target t : l.targets()) {
            Region r = t.region();
            long at = from.delta + t.delta();
            long delta = at - t.offset();
            if ((delta & 0xfff) != 0) continue;
            if (!r.valid() || r.mode() != mode || r.plan().joined() || Math.abs(at) > 1 << 30) continue;
            if (l.target == Link.INDIRECT) indirect.add((int) at);
            places.add(new Place(r, (int) delta));
        }
    }

    /** Takes blocks along the ways that lead from the entries, until there are enough. */
    private static RegionPlan select(
            RegionPlan first,
            int[] entries,
            TreeMap<Integer, Block> blocks,
            TreeMap<Integer, RegionPlan.Page> pages,
            Set<Integer> indirect,
            int limit,
            RegionPlan smaller) {
        TreeMap<Integer, Block> found = new TreeMap<>();
        List<Integer> queue = new ArrayList<>();
        List<Integer> enter = new ArrayList<>();
        for (int e : entries) {
            Block b = blocks.get(e);
            if (b == null) return smaller;
            if (enter.contains(e)) continue;
            enter.add(e);
            found.put(e, b);
            queue.add(e);
        }
        int size = found.values().stream().mapToInt(b -> b.ops.length).sum();
        boolean jumps = false;
        for (int q = 0; q < queue.size(); q++) {
            int at = queue.get(q);
            Block b = found.get(at);
            int end = at + b.length;
            Op last = b.ops[b.ops.length - 1];
            List<Integer> next = new ArrayList<>();
            boolean call = last.endsBlock() && last.instruction.mnemonic == Mnemonic.CALL;
            if (last.endsBlock()) next.add(RegionBuilder.target(last, end));
            if (call || RegionBuilder.falls(last)) next.add(end);
            boolean indirectly = last.endsBlock()
                    && (call || last.instruction.mnemonic == Mnemonic.JMP)
                    && RegionBuilder.target(last, end) == RegionBuilder.NOWHERE;
            if (indirectly) {
                jumps = true;
                next.addAll(indirect);
            }
            for (int s : next) {
                Block t = blocks.get(s);
                if (t == null || found.containsKey(s) || size + t.ops.length > limit) continue;
                found.put(s, t);
                queue.add(s);
                size += t.ops.length;
            }
            if (call && found.containsKey(end) && !enter.contains(end) && enter.size() < MOST_ENTRIES) enter.add(end);
        }
        // with some of the places outside, there would be two copies of the code, and the larger one seldom stays
        // inside
        if (!jumps || !found.keySet().containsAll(indirect)) return smaller;
        Set<Integer> used = new HashSet<>();
        for (int at : found.keySet()) used.add(at & -4096);
        List<RegionPlan.Page> in = new ArrayList<>();
        in.add(pages.get(0));
        for (RegionPlan.Page p : pages.values()) if (p.offset() != 0 && used.contains(p.offset())) in.add(p);
        return RegionBuilder.cut(
                first.mode(), in, found, enter, indirect.stream().sorted().toList(), smaller, true);
    }
}
