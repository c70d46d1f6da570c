package ringside.device.rtc;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import ringside.bus.BytePortDevice;
import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.InterruptLine;
import ringside.bus.PortBus;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * The real-time clock and its battery-backed RAM at ports 70h/71h, interrupt 8. The calendar is computed from virtual
 * time when it is read; only interrupts that are enabled are events.
 *
 * <p>Invariant: while the clock runs, its time is {@link #seconds} plus the whole seconds since {@link #phase}. Source:
 * Motorola MC146818 data sheet.
 */
public final class Mc146818 implements Device, BytePortDevice {
    private static final int INDEX = 0x70, DATA = 0x71;
    private static final int SECONDS = 0,
            SECONDS_ALARM = 1,
            MINUTES = 2,
            MINUTES_ALARM = 3,
            HOURS = 4,
            HOURS_ALARM = 5,
            WEEKDAY = 6,
            DAY = 7,
            MONTH = 8,
            YEAR = 9,
            A = 10,
            B = 11,
            C = 12,
            D = 13,
            CENTURY = 0x32;
    private static final int A_UPDATING = 0x80;
    private static final int B_SET = 0x80, B_PERIODIC = 0x40, B_ALARM = 0x20, B_UPDATE = 0x10, B_BINARY = 4, B_24H = 2;
    private static final int C_REQUEST = 0x80, C_PERIODIC = 0x40, C_ALARM = 0x20, C_UPDATE = 0x10;
    private static final int D_VALID = 0x80;
    private static final long SECOND = 1_000_000_000L;
    /** The update-in-progress bit announces an update this long before (virtual ns). */
    private static final long UPDATE_NOTICE = 244_000;

    private static final long CRYSTAL_HZ = 32768;
    private static final int DAY_SECONDS = 86400;

    private final Clock clock;
    private final EventQueue events;
    private final InterruptLine irq8;
    private final EventQueue.Event periodic = new EventQueue.Event(this::periodicTick);
    private final EventQueue.Event update = new EventQueue.Event(this::secondTick);
    private final byte[] ram = new byte[128];
    private int index;
    private long seconds;
    private long phase;
    /** Virtual time up to which the flags of register C have been worked out. */
    private long flagsKnown;

    private boolean raised;

    /** @param epochSeconds the calendar time at virtual time 0, seconds since 1970 UTC */
    public Mc146818(Clock clock, EventQueue events, InterruptLine irq8, long epochSeconds) {
        this.clock = clock;
        this.events = events;
        this.irq8 = irq8;
        this.seconds = epochSeconds;
        ram[A] = 0x26;
        ram[B] = B_24H;
        ram[D] = (byte) D_VALID;
        storeCalendar();
    }

    @Override
    public void attach(Wiring board) {
        PortBus ports = board.ports();
        ports.claimBytes(INDEX, 2, this);
    }

    /** Sets a byte of the battery-backed RAM as firmware does. */
    public int ram(int at) {
        return ram[at] & 0xff;
    }

    public void setRam(int at, int v) {
        ram[at] = (byte) v;
    }

    // ---- time ----

    private boolean frozen() {
        return (ram[B] & B_SET) != 0 || (ram[A] & 0x70) > 0x20;
    }

    private long secondsAt(long now) {
        return seconds + Math.floorDiv(now - phase, SECOND);
    }

    /** Brings the calendar registers up to date. */
    private void refresh() {
        if (!frozen()) storeCalendar();
    }

    private void storeCalendar() {
        LocalDateTime t = LocalDateTime.ofEpochSecond(secondsAt(clock.now()), 0, ZoneOffset.UTC);
        ram[SECONDS] = encode(t.getSecond());
        ram[MINUTES] = encode(t.getMinute());
        ram[HOURS] = encodeHour(t.getHour());
        ram[WEEKDAY] = encode(t.getDayOfWeek().getValue() % 7 + 1);
        ram[DAY] = encode(t.getDayOfMonth());
        ram[MONTH] = encode(t.getMonthValue());
        ram[YEAR] = encode(t.getYear() % 100);
        ram[CENTURY] = encode(t.getYear() / 100);
    }

    /**
     * Takes the calendar registers as the time of this moment. A date that does not exist leaves the clock as it was.
     */
    private void loadCalendar() {
        try {
            int year = decode(ram[CENTURY]) * 100 + decode(ram[YEAR]);
            LocalDateTime t = LocalDateTime.of(
                    year,
                    decode(ram[MONTH]),
                    decode(ram[DAY]),
                    decodeHour(ram[HOURS]),
                    decode(ram[MINUTES]),
                    decode(ram[SECONDS]));
            seconds = t.toEpochSecond(ZoneOffset.UTC) - Math.floorDiv(clock.now() - phase, SECOND);
        } catch (DateTimeException e) {
            storeCalendar();
        }
    }

    private byte encode(int v) {
        return (byte) ((ram[B] & B_BINARY) != 0 ? v : v / 10 << 4 | v % 10);
    }

    private int decode(int raw) {
        raw &= 0xff;
        return (ram[B] & B_BINARY) != 0 ? raw : (raw >> 4) * 10 + (raw & 15);
    }

    private byte encodeHour(int h) {
        if ((ram[B] & B_24H) != 0) return encode(h);
        return (byte) (encode((h + 11) % 12 + 1) | (h >= 12 ? 0x80 : 0));
    }

    private int decodeHour(int raw) {
        if ((ram[B] & B_24H) != 0) return decode(raw);
        return decode(raw & 0x7f) % 12 + ((raw & 0x80) != 0 ? 12 : 0);
    }

    // ---- flags and interrupts ----

    /** Virtual ns of the periodic rate, 0 if it is off. */
    private long period() {
        int rate = ram[A] & 15;
        if (rate == 0 || (ram[A] & 0x70) != 0x20) return 0;
        if (rate < 3) rate += 7;
        return (SECOND << rate - 1) / CRYSTAL_HZ;
    }

    /** Sets the flags of what has happened since they were last looked at, enabled or not. */
    private void workOutFlags() {
        long now = clock.now();
        long p = period();
        if (p > 0 && Math.floorDiv(now - phase, p) > Math.floorDiv(flagsKnown - phase, p)) ram[C] |= C_PERIODIC;
        if (!frozen()) {
            long from = secondsAt(flagsKnown) + 1;
            long to = secondsAt(now);
            if (to >= from) ram[C] |= C_UPDATE;
            for (long s = Math.max(from, to - DAY_SECONDS + 1); s <= to && (ram[C] & C_ALARM) == 0; s++) {
                if (alarmAt(s)) ram[C] |= C_ALARM;
            }
        }
        flagsKnown = now;
        updateLine();
    }

    private boolean alarmAt(long s) {
        int day = (int) Math.floorMod(s, (long) DAY_SECONDS);
        return matches(ram[SECONDS_ALARM], encode(day % 60))
                && matches(ram[MINUTES_ALARM], encode(day / 60 % 60))
                && matches(ram[HOURS_ALARM], encodeHour(day / 3600));
    }

    /** An alarm byte from C0h up matches everything. */
    private static boolean matches(byte alarm, byte value) {
        return (alarm & 0xc0) == 0xc0 || alarm == value;
    }

    private void updateLine() {
        boolean level = (ram[B] & ram[C] & (C_PERIODIC | C_ALARM | C_UPDATE)) != 0;
        ram[C] = (byte) (level ? ram[C] | C_REQUEST : ram[C] & ~C_REQUEST);
        if (level != raised) {
            raised = level;
            irq8.set(level);
        }
    }

    private void periodicTick() {
        workOutFlags();
        schedule();
    }

    private void secondTick() {
        workOutFlags();
        schedule();
    }

    private void schedule() {
        long now = clock.now();
        long p = period();
        if (p > 0 && (ram[B] & B_PERIODIC) != 0)
            events.schedule(periodic, phase + (Math.floorDiv(now - phase, p) + 1) * p);
        else events.cancel(periodic);
        if (!frozen() && (ram[B] & (B_ALARM | B_UPDATE)) != 0)
            events.schedule(update, phase + (Math.floorDiv(now - phase, SECOND) + 1) * SECOND);
        else events.cancel(update);
    }

    // ---- ports ----

    @Override
    public int in(int port) {
        if (port == INDEX) return 0xff;
        switch (index) {
            case SECONDS, MINUTES, HOURS, WEEKDAY, DAY, MONTH, YEAR, CENTURY -> refresh();
            case A -> {
                boolean soon = !frozen() && Math.floorMod(clock.now() - phase, SECOND) >= SECOND - UPDATE_NOTICE;
                return ram[A] & 0x7f | (soon ? A_UPDATING : 0);
            }
            case C -> {
                workOutFlags();
                int v = ram[C] & 0xff;
                ram[C] = 0;
                updateLine();
                return v;
            }
            default -> {}
        }
        return ram[index] & 0xff;
    }

    @Override
    public void out(int port, int v) {
        if (port == INDEX) {
            index = v & 0x7f;
            return;
        }
        switch (index) {
            case SECONDS, MINUTES, HOURS, WEEKDAY, DAY, MONTH, YEAR, CENTURY -> {
                refresh();
                ram[index] = (byte) v;
                if (!frozen()) loadCalendar();
            }
            case A -> {
                workOutFlags();
                boolean was = frozen();
                refresh();
                ram[A] = (byte) (v & 0x7f);
                // The divider chain comes out of reset half a second before its first update.
                if (was && !frozen()) restart(clock.now() - SECOND / 2);
                schedule();
            }
            case B -> {
                workOutFlags();
                boolean was = frozen();
                refresh();
                ram[B] = (byte) ((v & B_SET) != 0 ? v & ~B_UPDATE : v);
                if (was && !frozen()) restart(phase);
                updateLine();
                schedule();
            }
            case C, D -> {}
            default -> ram[index] = (byte) v;
        }
    }

    private void restart(long newPhase) {
        phase = newPhase;
        loadCalendar();
        flagsKnown = clock.now();
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("rtc");
        v.bytes("ram", ram);
        index = v.i32("index", index);
        seconds = v.i64("seconds", seconds);
        phase = v.i64("phase", phase);
        flagsKnown = v.i64("flagsKnown", flagsKnown);
        raised = v.flag("raised", raised);
        events.visit(v, "periodic", periodic);
        events.visit(v, "update", update);
        v.leave();
    }
}
