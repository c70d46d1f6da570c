package ringside.device.timer;

import ringside.state.StateVisitor;

/**
 * One counter of an 8254. Nothing runs between accesses: count and output are functions of the clock tick at which the
 * present count was loaded, so {@link #output} and {@link #count} take the current tick.
 *
 * <p>Invariant: {@link #base} is the tick at which the counter held {@link #loaded} in its present run; while the gate
 * holds the count (modes 0, 2, 3, 4), {@link #held} is the number of ticks counted so far, otherwise -1. Source: Intel
 * 8254 data sheet, "Mode Definitions".
 */
final class PitChannel {
    private static final int LATCH = 0, LOW = 1, HIGH = 2, BOTH = 3;

    private final String name;
    private int mode = 3;
    /** The mode's three bits as they were written: bit 2 says nothing in modes 2 and 3. */
    private int modeBits = 3;

    private boolean bcd;
    private int access = BOTH;
    private boolean gate;
    /** Count register: what the program wrote last, 1..65536. */
    private int written = 0x10000;
    /** What the counting element was loaded with. */
    private int loaded = 0x10000;
    /** Counting, or ready for a gate edge, since a count was written. */
    private boolean running;
    /** Modes 1 and 5: a gate edge has started the count. Mode 4: the strobe may still come. */
    private boolean triggered;

    private long base;
    private long held = -1;
    /** Modes 2 and 3: tick at which {@link #written} replaces {@link #loaded}, or -1. */
    private long reloadAt = -1;

    private boolean writeHigh, readHigh;
    private int lowByte;
    private int latchedCount = -1;
    private int latchedStatus = -1;

    PitChannel(String name, boolean gate) {
        this.name = name;
        this.gate = gate;
    }

    boolean gate() {
        return gate;
    }

    /** Writes the control word for this counter (bits 5:0: access, mode, BCD). */
    void control(int v, long now) {
        int a = v >> 4 & 3;
        if (a == LATCH) {
            latchCount(now);
            return;
        }
        access = a;
        modeBits = v >> 1 & 7;
        mode = modeBits > 5 ? modeBits - 4 : modeBits;
        bcd = (v & 1) != 0;
        running = triggered = false;
        reloadAt = -1;
        held = -1;
        writeHigh = readHigh = false;
        latchedCount = latchedStatus = -1;
    }

    void latchCount(long now) {
        if (latchedCount < 0) latchedCount = count(now);
    }

    void latchStatus(long now) {
        if (latchedStatus >= 0) return;
        settle(now);
        boolean isNull = !running || reloadAt >= 0 || now < base || waitsForGate() && !triggered;
        latchedStatus = (output(now) ? 0x80 : 0) | (isNull ? 0x40 : 0) | access << 4 | modeBits << 1 | (bcd ? 1 : 0);
    }

    private boolean waitsForGate() {
        return mode == 1 || mode == 5;
    }

    // ---- the data port ----

    int read(long now) {
        if (latchedStatus >= 0) {
            int s = latchedStatus;
            latchedStatus = -1;
            return s;
        }
        int c = latchedCount >= 0 ? latchedCount : count(now);
        if (access == LOW || access == HIGH) {
            latchedCount = -1;
            return access == LOW ? c & 0xff : c >> 8 & 0xff;
        }
        readHigh = !readHigh;
        if (readHigh) return c & 0xff;
        latchedCount = -1;
        return c >> 8 & 0xff;
    }

    void write(int v, long now) {
        switch (access) {
            case LOW -> load(v, now);
            case HIGH -> load(v << 8, now);
            default -> {
                writeHigh = !writeHigh;
                if (writeHigh) {
                    lowByte = v;
                    // Mode 0: the first byte stops the count.
                    if (mode == 0) running = false;
                } else {
                    load(lowByte | v << 8, now);
                }
            }
        }
    }

    private int modulus() {
        return bcd ? 10000 : 0x10000;
    }

    private void load(int raw, long now) {
        int n = bcd ? (raw >> 12 & 15) * 1000 + (raw >> 8 & 15) * 100 + (raw >> 4 & 15) * 10 + (raw & 15) : raw;
        written = n == 0 ? modulus() : n;
        boolean was = running;
        running = true;
        switch (mode) {
            case 0, 4 -> {
                start(now + 1);
                triggered = true;
                held = gate ? -1 : 0;
            }
            case 1, 5 -> {}
            default -> {
                if (!was) {
                    start(now + 1);
                    held = gate ? -1 : 0;
                } else if (held < 0) {
                    settle(now);
                    reloadAt = mode == 2 ? base + period(now) * loaded : halfEnd(now);
                }
            }
        }
    }

    private void start(long tick) {
        loaded = written;
        base = tick;
        reloadAt = -1;
    }

    /** Modes 2 and 3: number of the period after the present one. */
    private long period(long now) {
        return Math.max(0, now - base) / loaded + 1;
    }

    /** Mode 3: the tick at which the present half of the square wave ends. */
    private long halfEnd(long now) {
        long t = Math.max(0, now - base);
        long start = base + t / loaded * loaded;
        int high = (loaded + 1) / 2;
        return t % loaded < high ? start + high : start + loaded;
    }

    /** Makes a new count that became due the present one. In mode 3 a half wave may go on with the new count. */
    private void settle(long now) {
        if (reloadAt < 0 || now < reloadAt) return;
        boolean lowHalf = mode == 3 && (reloadAt - base) % loaded != 0;
        base = lowHalf ? reloadAt - (written + 1) / 2 : reloadAt;
        loaded = written;
        reloadAt = -1;
    }

    void setGate(boolean level, long now) {
        if (level == gate) return;
        settle(now);
        gate = level;
        if (!running) return;
        switch (mode) {
            case 0, 4 -> {
                if (!level) {
                    held = Math.max(0, now - base);
                } else {
                    base = now - held;
                    held = -1;
                }
            }
            case 1, 5 -> {
                if (level) {
                    start(now + 1);
                    triggered = true;
                }
            }
            default -> {
                if (level) {
                    start(now + 1);
                    held = -1;
                } else {
                    held = Math.max(0, now - base) % loaded;
                }
            }
        }
    }

    private long elapsed(long now) {
        return held >= 0 ? held : Math.max(0, now - base);
    }

    // ---- what the outside sees ----

    boolean output(long now) {
        settle(now);
        if (!running) return mode != 0;
        long t = elapsed(now);
        return switch (mode) {
            case 0 -> t >= loaded;
            case 1 -> !triggered || now >= base && t >= loaded;
            case 2 -> held >= 0 || t % loaded != loaded - 1;
            case 3 -> held >= 0 || t % loaded < (loaded + 1) / 2;
            default -> !triggered || held >= 0 || t != loaded;
        };
    }

    /** @return the first tick after {@code now} at which the output may change, or -1 if it never does by itself */
    long nextChange(long now) {
        settle(now);
        if (!running || held >= 0) return -1;
        if (now < base) return base;
        long t = now - base;
        return switch (mode) {
            case 0, 1 -> (mode == 0 || triggered) && t < loaded ? base + loaded : -1;
            case 2 -> {
                long r = t % loaded;
                yield now + (r < loaded - 1 ? loaded - 1 - r : 1);
            }
            case 3 -> halfEnd(now);
            default -> !triggered || t > loaded ? -1 : t < loaded ? base + loaded : base + loaded + 1;
        };
    }

    /** @return the counting element as the data port shows it, binary or BCD */
    int count(long now) {
        settle(now);
        if (!running && mode != 0) return encode(written);
        long t = elapsed(now);
        long c = switch (mode) {
            case 2 -> loaded - t % loaded;
            case 3 -> {
                long r = t % loaded;
                int high = (loaded + 1) / 2;
                long steps = r < high ? r : r - high;
                yield Math.max(loaded - (loaded & 1) - 2 * steps, 2);
            }
            default -> waitsForGate() && !triggered ? loaded : Math.floorMod(loaded - t, (long) modulus());
        };
        return encode((int) c);
    }

    private int encode(int n) {
        if (!bcd) return n & 0xffff;
        n %= 10000;
        return n / 1000 << 12 | n / 100 % 10 << 8 | n / 10 % 10 << 4 | n % 10;
    }

    void visit(StateVisitor v) {
        v.enter(name);
        mode = v.i32("mode", mode);
        modeBits = v.i32("modeBits", modeBits);
        bcd = v.flag("bcd", bcd);
        access = v.i32("access", access);
        gate = v.flag("gate", gate);
        written = v.i32("written", written);
        loaded = v.i32("loaded", loaded);
        running = v.flag("running", running);
        triggered = v.flag("triggered", triggered);
        base = v.i64("base", base);
        held = v.i64("held", held);
        reloadAt = v.i64("reloadAt", reloadAt);
        writeHigh = v.flag("writeHigh", writeHigh);
        readHigh = v.flag("readHigh", readHigh);
        lowByte = v.i32("lowByte", lowByte);
        latchedCount = v.i32("latchedCount", latchedCount);
        latchedStatus = v.i32("latchedStatus", latchedStatus);
        v.leave();
    }
}
