package ringside.workbench.run;

import java.util.EnumMap;
import java.util.Map;
import ringside.cpu.Engine;

/**
 * Finds out by sampling, once a millisecond of host time, what the engine is at, and how old translated code is that
 * runs. Costs the run nothing.
 */
public final class EngineTimes implements AutoCloseable {
    private static final long PERIOD_MILLIS = 1;

    /**
     * Ages of translated code, by the entries so far: HotSpot interprets young code, compiles it quickly, and well only
     * later.
     */
    public enum Age {
        UNDER_100(100),
        UNDER_2000(2_000),
        UNDER_20000(20_000),
        OLDER(Long.MAX_VALUE);

        private final long end;

        Age(long end) {
            this.end = end;
        }

        private static Age of(long entries) {
            for (Age a : values()) if (entries < a.end) return a;
            return OLDER;
        }
    }

    private final Engine engine;
    private final Thread sampler;
    private volatile boolean done;
    private long samples;
    private final Map<Engine.Work, Long> works = new EnumMap<>(Engine.Work.class);
    private final Map<Age, Long> ages = new EnumMap<>(Age.class);

    /** @param wanted false makes one that does nothing */
    public EngineTimes(Engine engine, boolean wanted) {
        this.engine = engine;
        sampler = wanted ? Thread.ofPlatform().daemon().name("engine-times").start(this::sample) : null;
    }

    private void sample() {
        while (!done) {
            samples++;
            Engine.Work w = engine.work();
            works.merge(w, 1L, Long::sum);
            if (w == Engine.Work.TRANSLATED) ages.merge(Age.of(engine.age()), 1L, Long::sum);
            try {
                Thread.sleep(PERIOD_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** @return the share of samples, 0 to 1, that found the engine at this work; valid once closed */
    public double share(Engine.Work w) {
        return share(works.getOrDefault(w, 0L));
    }

    /** @return the share of all samples, 0 to 1, that found it in translated code of this age; valid once closed */
    public double share(Age a) {
        return share(ages.getOrDefault(a, 0L));
    }

    private double share(long n) {
        return samples == 0 ? 0 : (double) n / samples;
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
