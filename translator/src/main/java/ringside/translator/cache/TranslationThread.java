package ringside.translator.cache;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import ringside.translator.Region;
import ringside.translator.frontend.RegionPlan;

/**
 * Makes regions from plans on a daemon thread of its own. Plans are immutable copies of what the CPU's thread decoded; finished regions wait in a queue
 * until that thread collects them, so it alone decides when they take effect.
 */
public final class TranslationThread {
    /** Plans that wait at most: a guest may make code faster than it can be translated. */
    static final int MOST = 1 << 10;
    private final BlockingQueue<RegionPlan> plans = new LinkedBlockingQueue<>(MOST);
    private final ConcurrentLinkedQueue<Region> finished = new ConcurrentLinkedQueue<>();
    private final Function<RegionPlan, Region> translate;
    private Thread thread;
    private volatile boolean some;
    private volatile RuntimeException failure;

    public TranslationThread(Function<RegionPlan, Region> translate) {
        this.translate = translate;
    }

    /** @return false if too many wait already; the plan is then forgotten */
    public boolean submit(RegionPlan plan) {
        if (thread == null) {
            thread = new Thread(this::work, "ringside translator");
            thread.setDaemon(true);
            thread.start();
        }
        return plans.offer(plan);
    }

    private void work() {
        try {
            while (true) {
                finished.add(translate.apply(plans.take()));
                some = true;
            }
        } catch (InterruptedException ex) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException ex) {
            failure = ex;
            some = true;
        }
    }

    /** @return whether {@link #poll} has something to give */
    public boolean ready() {
        return some;
    }

    /** @return a finished region or null; rethrows what ended the thread */
    public Region poll() {
        some = false;
        if (failure != null) throw failure;
        return finished.poll();
    }
}
