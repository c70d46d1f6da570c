package ringside.translator.cache;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import ringside.translator.frontend.RegionPlan;
import ringside.translator.region.Region;

/**
 * Makes regions from plans on a daemon thread of its own, which is there while there are plans. Plans are immutable
 * copies of what the CPU's thread decoded; finished regions wait in a queue until that thread collects them, so it
 * alone decides when they take effect.
 */
public final class TranslationThread {
    /** Plans that wait at most: a guest may make code faster than it can be translated. */
    static final int MOST = 1 << 10;
    /**
     * How long the thread waits for a plan, in ms; then it ends, so that a machine that nobody closed can be collected.
     */
    private static final long IDLE = 2000;

    private final ThreadPoolExecutor thread;
    private final ConcurrentLinkedQueue<Region> finished = new ConcurrentLinkedQueue<>();
    private final Function<RegionPlan, Region> translate;
    private volatile boolean some;
    private volatile Throwable failure;

    public TranslationThread(Function<RegionPlan, Region> translate) {
        this(translate, IDLE);
    }

    TranslationThread(Function<RegionPlan, Region> translate, long idle) {
        this.translate = translate;
        thread = new ThreadPoolExecutor(
                1,
                1,
                idle,
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(MOST),
                Thread.ofPlatform().daemon().name("ringside translator").factory());
        thread.allowCoreThreadTimeOut(true);
    }

    /** @return false if too many wait already; the plan is then forgotten */
    public boolean submit(RegionPlan plan) {
        try {
            thread.execute(() -> make(plan));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void make(RegionPlan plan) {
        try {
            Region r = translate.apply(plan);
            if (r != null) finished.add(r);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        some = true;
    }

    /** Ends the thread behind the translation it is at; plans that wait are forgotten. */
    public void close() {
        thread.shutdownNow();
    }

    /** @return whether there is a thread at the moment */
    boolean alive() {
        return thread.getPoolSize() > 0;
    }

    /** @return whether {@link #poll} has something to give */
    public boolean ready() {
        return some;
    }

    /** @return a finished region or null; throws what a translation failed with */
    public Region poll() {
        some = false;
        if (failure instanceof Error e) throw e;
        if (failure instanceof RuntimeException e) throw e;
        return finished.poll();
    }
}
