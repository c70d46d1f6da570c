package ringside.translator.region;

/**
 * Where an exit of a region, or the return from a call in it, led the last time: the region there and its entry.
 * Followed without a look at the block cache if the region is still valid and the target's page is mapped as it was.
 * Belongs to the CPU's thread.
 */
public final class Link {
    /** The target lies in the page of the region that is left, so that no mapping need be checked. */
    public final boolean near;
    /** For a call, the link of its return address, otherwise null. */
    public final Link back;

    private Region region;
    private long host;
    private int entry, offset;
    /** The region it belongs to is void; it leads nowhere, so that void regions do not hold each other. */
    private boolean cut;

    public Link(boolean near, Link back) {
        this.near = near;
        this.back = back;
    }

    /**
     * @param host host address of the target
     * @param entry number of the region's entry
     * @param offset of the target in its page
     */
    public void lead(Region region, long host, int entry, int offset) {
        if (cut) return;
        this.region = region;
        this.host = host;
        this.entry = entry;
        this.offset = offset;
    }

    /** @return the region if it is still valid, or null */
    public Region region() {
        Region r = region;
        return r != null && r.valid() ? r : null;
    }

    /** Forgets where it leads, for good. */
    void cut() {
        cut = true;
        region = null;
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
