package ringside.translator.region;

import java.util.List;
import ringside.cpu.Cpu;
import ringside.interpreter.core.Op;
import ringside.translator.frontend.RegionPlan;

/**
 * A compiled region: the base of every generated class. Code is free of linear addresses; {@code base} says where its
 * page lies. Belongs to one CPU's code cache.
 */
public abstract class Region {
    /**
     * Results of {@link #run}: the dispatcher looks up CS:RIP again; the interpreter must execute the rest of the node;
     * a near return was executed; the exit with link number {@code result - LINKS} was taken.
     */
    public static final int DONE = 0, STEP = 1, RETURN = 2, LINKS = 3;

    private RegionPlan plan;
    private int[] faultOffset;
    private int[] faultLeft;
    private Op[][] faultOps;
    private Op[] left;
    private int leftAt;
    private Link[] links;
    private int mode;
    private int bytes;
    /**
     * The MODE bits that it was translated for; {@link #VOID} once any of its code was overwritten or the cache
     * dropped.
     */
    public int runnable = VOID;

    /** No MODE bits. */
    private static final int VOID = -1;

    /** A larger one around it was asked for. */
    public boolean joinAsked;
    /** Times it was entered. */
    public long entries;
    /** Instructions retired in it, if somebody wants to know. */
    public long retired;
    /** RIP of the entry where it was entered last, if somebody wants to know. */
    public long rip;

    /**
     * Runs guest code until it leaves the region; RIP, registers, flags and budget are those of the exact instruction
     * at which it left.
     *
     * @param base RIP that belongs to byte 0 of the first page of the plan
     * @param budget instructions that may be retired, at least those of the entry's node
     * @param entry number of the entry
     */
    public abstract int run(Cpu cpu, long base, int budget, int entry);

    /** Called once after definition. @param faultPoints byte offset and instructions to give back, by number */
    public final void describe(RegionPlan plan, List<int[]> faultPoints, Op[][] faultOps, List<Link> links, int bytes) {
        this.faultOps = faultOps;
        this.links = links.toArray(Link[]::new);
        this.plan = plan;
        this.mode = plan.mode();
        this.runnable = mode;
        this.bytes = bytes;
        faultOffset = new int[faultPoints.size()];
        faultLeft = new int[faultPoints.size()];
        for (int i = 0; i < faultOffset.length; i++) {
            faultOffset[i] = faultPoints.get(i)[0];
            faultLeft[i] = faultPoints.get(i)[1];
        }
    }

    /** Called by generated code: makes RIP and budget those before the instruction with that number. */
    public final int leave(Cpu cpu, long base, int budget, int at) {
        left = faultOps[at];
        leftAt = left.length - faultLeft[at];
        if ((mode & Cpu.MODE_OBSERVED) != 0) cpu.observers.cut(faultLeft[at]);
        long rip = base + faultOffset[at];
        cpu.rip = plan.mode64() ? rip : rip & 0xffff_ffffL;
        cpu.budget = budget + faultLeft[at];
        return STEP;
    }

    /** Called by generated code that is observed, before the instructions of a node. @param rip of the first */
    public static void begin(Cpu cpu, long rip, int count) {
        cpu.observers.begin(rip, count, true);
    }

    /** Called by generated code behind a call to a place in the region: keeps what will run when it returns. */
    public final void expect(Cpu cpu, int result) {
        cpu.shadow.expect(links[result - LINKS].back);
    }

    /** @return after STEP, the node that was left; the instructions from {@link #leftAt} on are still to be executed */
    public final Op[] left() {
        return left;
    }

    public final int leftAt() {
        return leftAt;
    }

    /** @return the links of its exits */
    public final List<Link> links() {
        return List.of(links);
    }

    /** @return the link of an exit by {@link #run}'s result */
    public final Link link(int result) {
        return links[result - LINKS];
    }

    /** @return the MODE bits that it was translated for */
    public final int mode() {
        return mode;
    }

    public final RegionPlan plan() {
        return plan;
    }

    /** @return size of the class, in bytes */
    public final int bytes() {
        return bytes;
    }

    public final boolean valid() {
        return runnable != VOID;
    }

    public final void invalidate() {
        runnable = VOID;
        for (Link l : links) {
            l.cut();
            if (l.back != null) l.back.cut();
        }
    }
}
