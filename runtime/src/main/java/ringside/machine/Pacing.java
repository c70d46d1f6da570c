package ringside.machine;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Decides how a halted CPU spends host time. Virtual clock, nobody at a terminal: next to none, virtual time jumps to
 * the next event. Virtual clock with a terminal: jumps while the guest is at work, but once it has sent and received
 * nothing for {@link #GRACE} of virtual time (it sits at a prompt), idle time passes as on the host. Wall clock:
 * virtual time is kept up with the host's whenever the CPU halts.
 */
final class Pacing {
    /** Virtual ns of silence after which an interactive guest counts as resting. */
    private static final long GRACE = 250_000_000L;
    /**
     * Virtual ns of silence after which a guest that nobody types to counts as having nothing to do: it sits at a
     * prompt, or waits for a timer.
     */
    private static final long RESTING = 60_000_000_000L;
    /**
     * Host ns that each of its idle stretches then takes at the least, so that it does not keep a processor of the host
     * busy.
     */
    private static final long REST = 2_000_000L;

    private final boolean wallClock;
    private final Semaphore wakeups = new Semaphore(0);
    private volatile boolean interactive;
    private long hostStart = -1;
    private long lastActive;
    private long lastSent;

    Pacing(boolean wallClock) {
        this.wallClock = wallClock;
    }

    void setInteractive(boolean on) {
        interactive = on;
    }

    /** Input was taken at this virtual time. */
    void active(long now) {
        lastActive = now;
    }

    /** Something happened outside that a waiting machine must see; from any thread. */
    void wake() {
        if (wakeups.availablePermits() == 0) wakeups.release();
    }

    /**
     * @param now virtual time
     * @param next virtual time of the next event, or Long.MAX_VALUE
     * @param sent bytes the guest has sent so far
     * @return the virtual time to go on at, or -1 if nothing can ever wake the CPU
     */
    long idle(long now, long next, long sent) {
        if (sent != lastSent) {
            lastSent = sent;
            lastActive = now;
        }
        if (wallClock) return idleByHost(now, next);
        if (!interactive) {
            if (next == Long.MAX_VALUE) return -1;
            if (next - lastActive > RESTING) await(REST);
            return next;
        }
        if (next != Long.MAX_VALUE && next - lastActive < GRACE) return next;
        long start = System.nanoTime();
        if (!await(next == Long.MAX_VALUE ? Long.MAX_VALUE : next - now)) return next;
        return Math.min(next, now + System.nanoTime() - start);
    }

    private long idleByHost(long now, long next) {
        if (hostStart < 0) hostStart = System.nanoTime() - now;
        long host = System.nanoTime() - hostStart;
        if (next <= host) return Math.max(next, now);
        if (next == Long.MAX_VALUE && !interactive) return -1;
        await(next == Long.MAX_VALUE ? Long.MAX_VALUE : next - Math.max(host, now));
        return Math.min(next, Math.max(now, System.nanoTime() - hostStart));
    }

    /** @return whether it was woken before the time was over */
    private boolean await(long ns) {
        try {
            boolean woken = wakeups.tryAcquire(ns, TimeUnit.NANOSECONDS);
            if (woken) wakeups.drainPermits();
            return woken;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
