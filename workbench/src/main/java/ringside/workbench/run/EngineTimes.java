package ringside.workbench.run;

import ringside.cpu.Engine;

/**
 * Finds out by sampling, once a millisecond of host time, which share of a run is spent in translated code. Costs the
 * run nothing.
 */
public final class EngineTimes implements AutoCloseable {
    private static final long PERIOD_MILLIS = 1;

    private final Engine engine;
    private final Thread sampler;
    private volatile boolean done;
    private long samples, translated;

    /** @param wanted false makes one that does nothing */
    public EngineTimes(Engine engine, boolean wanted) {
        this.engine = engine;
        sampler = wanted ? Thread.ofPlatform().daemon().name("engine-times").start(this::sample) : null;
    }

    private void sample() {
        while (!done) {
            samples++;
            if (engine.inTranslatedCode()) translated++;
            try {
                Thread.sleep(PERIOD_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** @return the share of samples, 0 to 1, that found the CPU in translated code; valid once closed */
    public double translatedShare() {
        return samples == 0 ? 0 : (double) translated / samples;
    }

    @Override
    public void close() {
        done = true;
        if (sampler == null) return;
        try {
            sampler.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
