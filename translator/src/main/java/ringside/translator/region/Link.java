package ringside.translator.region;

import java.util.ArrayList;
import java.util.List;

/**
 * Where an exit of a region, or the return from a call in it, led the last time: the region there and its entry.
 * Followed without a look at the block cache if the region is still valid and the target's page is mapped as it was.
 * Belongs to the CPU's thread.
 */
public final class Link {
    /** In place of {@link #target}: another one each time; one that code behind it cannot be joined to. */
    public static final long INDIRECT = Long.MIN_VALUE, FAR = Long.MAX_VALUE;
    /** Targets of an indirect branch that are remembered. */
    private static final int MOST_TARGETS = 24;

    /** The target lies in the page of the branch, so that no mapping need be checked. */
    public final boolean near;
    /** Offset of the target from the start of its region's first page, or {@link #INDIRECT} or {@link #FAR}. */
    public final long target;
    /** For a call, the link of its return address, otherwise null. */
    public final Link back;
    /** Times an indirect branch led elsewhere than the time before; steers translation only. */
    public int changes;

    /** The region it led to, which may be void by now, or null. */
    public Region region;

    private long host;
    private int entry, offset;
    /** The region it belongs to is void; it leads nowhere, so that void regions do not hold each other. */
    private boolean cut;

    private List<Target> targets = List.of();

    /**
     * A place where it led.
     *
     * @param delta offset of the place from the start of the first page of the link's own region
     * @param offset of the place from the start of the first page of {@code region}
     */
    public record Target(Region region, long delta, int offset) {}

    public Link(boolean near, long target, Link back) {
        this.near = near;
        this.target = target;
        this.back = back;
    }

    /**
     * @param host host address of the target
     * @param entry number of the region's entry
     * @param offset of the target in its region
     */
    public void lead(Region region, long host, int entry, int offset) {
        if (cut) return;
        this.region = region;
        this.host = host;
        this.entry = entry;
        this.offset = offset;
    }

    /** Remembers where an indirect branch led. */
    public void remember(Region region, long delta, int offset) {
        if (cut || targets.size() >= MOST_TARGETS) return;
        for (int i = 0; i < targets.size(); i++) {
            Target t = targets.get(i);
            if (t.delta != delta) continue;
            if (t.region != region) targets.set(i, new Target(region, delta, offset));
            return;
        }
        if (targets.isEmpty()) targets = new ArrayList<>();
        targets.add(new Target(region, delta, offset));
    }

    /** @return the places where it led, as far as they are known and could be joined to its region */
    public List<Target> targets() {
        if (target == INDIRECT) return targets;
        return region == null || target == FAR ? List.of() : List.of(new Target(region, target, offset));
    }

    /** Forgets where it leads, for good. */
    void cut() {
        cut = true;
        region = null;
        targets = List.of();
    }

    public long host() {
        return host;
    }

    public int entry() {
        return entry;
    }

    public int offset() {
        return offset;
    }
}
