package ringside.translator.cache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import ringside.interpreter.core.Block;
import ringside.memory.PhysicalMemory;
import ringside.translator.frontend.RegionPlan;
import ringside.translator.region.Region;

/**
 * The compiled regions of one CPU. A block's {@code compiled} field names its entry; regions are void as soon as their
 * page is written to, and all are dropped when there are too many. Used by the CPU's thread only.
 */
public final class CodeCache implements PhysicalMemory.CodeListener {
    /**
     * Where a block enters a region.
     *
     * @param offset of the block from the start of the region's first page
     * @param host host address of the block
     */
    public record Entry(Region region, int index, int offset, long host) {}

    private static final int RECENT_BITS = 13;

    private final int capacity;
    private final Consumer<Region> dropped;
    /** By host address and mode, the newest of those that share a slot. */
    private final Entry[] recent = new Entry[1 << RECENT_BITS];

    private final Map<Long, List<Region>> byPage = new HashMap<>();
    private int held;
    private long evictions;

    /** @param dropped is told of every region that becomes void */
    public CodeCache(int capacity, Consumer<Region> dropped) {
        this.capacity = capacity;
        this.dropped = dropped;
    }

    /** @return the regions that are held */
    public Collection<Region> regions() {
        Set<Region> all = Collections.newSetFromMap(new IdentityHashMap<>());
        byPage.values().forEach(all::addAll);
        return all;
    }

    /**
     * {@return a valid entry at a host address for a mode, or null} It may know fewer than there are.
     */
    public Entry at(long host, int mode) {
        Entry e = recent[slot(host, mode)];
        return e != null && e.region.valid() && e.region.mode() == mode && e.host() == host ? e : null;
    }

    private static int slot(long host, int mode) {
        return (int) ((host ^ (long) mode << 20) * 0x9E37_79B9_7F4A_7C15L >>> 64 - RECENT_BITS);
    }

    /** Makes a region's entries known. @return false if its code has changed since it was read */
    public boolean install(Region r) {
        RegionPlan plan = r.plan();
        for (Block b : plan.sources()) {
            if (!b.valid) return false;
        }
        if (held >= capacity) dropAll();
        held++;
        for (RegionPlan.Page p : plan.pages())
            byPage.computeIfAbsent(p.pa(), k -> new ArrayList<>()).add(r);
        if (plan.joined()) replace(r);
        for (int i = 0; i < plan.entries().length; i++) {
            int offset = plan.nodes().get(plan.entries()[i]).offset();
            for (Block b : plan.sources()) {
                if (b.host != plan.host(offset)) continue;
                if (i > 0 && b.compiled instanceof Entry old && old.region.valid()) continue;
                Entry e = new Entry(r, i, offset, b.host);
                b.compiled = e;
                recent[slot(e.host(), r.mode())] = e;
            }
        }
        return true;
    }

    @Override
    public void codeWritten(long page) {
        List<Region> regions = byPage.get(page);
        if (regions == null) return;
        for (Region r : List.copyOf(regions)) remove(r);
    }

    private void remove(Region r) {
        for (RegionPlan.Page p : r.plan().pages()) {
            List<Region> there = byPage.get(p.pa());
            there.remove(r);
            if (there.isEmpty()) byPage.remove(p.pa());
        }
        held--;
        drop(r);
    }

    /** Makes the region void that another does all of: each of its entries is one of the other's. */
    private void replace(Region by) {
        Set<Long> entries = hosts(by.plan());
        for (Block b : by.plan().sources()) {
            if (!(b.compiled instanceof Entry old) || !old.region.valid()) continue;
            if (entries.containsAll(hosts(old.region.plan()))) remove(old.region);
        }
    }

    /** @return host addresses of a plan's entries */
    private static Set<Long> hosts(RegionPlan plan) {
        return Arrays.stream(plan.entries())
                .mapToObj(e -> plan.host(plan.nodes().get(e).offset()))
                .collect(Collectors.toSet());
    }

    /** Makes a region void; nothing here holds it any more. */
    private void drop(Region r) {
        r.invalidate();
        dropped.accept(r);
        RegionPlan plan = r.plan();
        for (int entry : plan.entries()) {
            int slot = slot(plan.host(plan.nodes().get(entry).offset()), r.mode());
            if (recent[slot] != null && recent[slot].region == r) recent[slot] = null;
        }
    }

    /** Drops every region; their classes are unloaded when nothing runs in them. */
    public void dropAll() {
        evictions++;
        for (List<Region> l : byPage.values()) {
            for (Region r : l) if (r.valid()) forget(r);
        }
        byPage.clear();
        held = 0;
    }

    /** Makes a region void, and the blocks that enter it cold again. */
    private void forget(Region r) {
        drop(r);
        for (Block b : r.plan().sources()) {
            b.compiled = null;
            b.entries = 0;
        }
    }

    /** @return regions that are held */
    public int held() {
        return held;
    }

    public long evictions() {
        return evictions;
    }
}
