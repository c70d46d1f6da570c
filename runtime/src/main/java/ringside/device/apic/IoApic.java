package ringside.device.apic;

import ringside.bus.MmioDevice;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * An I/O APIC with 24 inputs: index and data register, redirection table, EOI register. Inputs are asserted or not; the
 * polarity bit is kept and has no effect, as the board's wires are all told in logical levels.
 * Source: Intel 82093AA data sheet; EOI register: Intel ICH data sheets.
 */
public final class IoApic implements Device, MmioDevice {
    public static final long BASE = 0xfec0_0000L;
    public static final int WINDOW = 0x1000, PINS = 24;
    private static final int SELECT = 0x00, DATA = 0x10, EOI = 0x40;
    private static final int INDEX_ID = 0, INDEX_VERSION = 1, INDEX_ARBITRATION = 2, INDEX_TABLE = 0x10;
    private static final int VERSION = 0x20 | PINS - 1 << 16;
    private static final long MASKED = 1 << 16,
            LEVEL = 1 << 15,
            REMOTE_IRR = 1 << 14,
            STATUS = 1 << 12,
            LOGICAL = 1 << 11;
    private static final long WRITABLE = 0xff00_0000_0001_afffL;

    /** Where ExtINT pins get their vector: the 8259 pair's acknowledge cycle. */
    public interface ExternalVector {
        int acknowledge();
    }

    private final ApicBus bus;
    private final ExternalVector pic;
    private int select;
    private int id;
    private int lines;
    private final long[] table = new long[PINS];

    public IoApic(ApicBus bus, ExternalVector pic) {
        this.bus = bus;
        this.pic = pic;
        for (int i = 0; i < PINS; i++) table[i] = MASKED;
        bus.add(this);
    }

    /** Drives an input. */
    public void setLine(int pin, boolean asserted) {
        int bit = 1 << pin;
        boolean was = (lines & bit) != 0;
        lines = asserted ? lines | bit : lines & ~bit;
        if (!asserted) return;
        if ((table[pin] & LEVEL) != 0) service(pin);
        else if (!was && (table[pin] & MASKED) == 0) deliver(pin);
    }

    /** Delivers a level-triggered input that is asserted, not masked and not being served. */
    private void service(int pin) {
        long e = table[pin];
        if ((lines & 1 << pin) == 0 || (e & (MASKED | LEVEL | REMOTE_IRR)) != LEVEL) return;
        if (deliver(pin)) table[pin] |= REMOTE_IRR;
    }

    private boolean deliver(int pin) {
        long e = table[pin];
        int mode = (int) (e >> 8) & 7;
        int vector = (int) e & 0xff;
        if (mode == Message.EXTINT) {
            vector = pic.acknowledge();
            mode = Message.FIXED;
        }
        boolean level = (e & LEVEL) != 0 && mode <= Message.LOWEST;
        bus.send(new Message((int) (e >>> 56), (e & LOGICAL) != 0, false, mode, vector, level));
        return level;
    }

    /** @return whether an input that is not masked delivers NMI */
    public boolean nmiMayCome() {
        for (long e : table) {
            if ((e & (MASKED | 0x700)) == Message.NMI << 8) return true;
        }
        return false;
    }

    /** A processor ended this vector. */
    void endOfInterrupt(int vector) {
        for (int pin = 0; pin < PINS; pin++) {
            if ((table[pin] & (LEVEL | REMOTE_IRR)) == (LEVEL | REMOTE_IRR) && (table[pin] & 0xff) == vector) {
                table[pin] &= ~REMOTE_IRR;
                service(pin);
            }
        }
    }

    @Override
    public long read(long offset, int bytes) {
        return switch ((int) offset) {
            case SELECT -> select;
            case DATA -> bytes == 4 ? Integer.toUnsignedLong(readIndexed()) : 0;
            default -> 0;
        };
    }

    private int readIndexed() {
        return switch (select) {
            case INDEX_ID, INDEX_ARBITRATION -> id << 24;
            case INDEX_VERSION -> VERSION;
            default -> {
                int pin = select - INDEX_TABLE >> 1;
                if (select < INDEX_TABLE || pin >= PINS) yield 0;
                yield (int) ((select & 1) != 0 ? table[pin] >>> 32 : table[pin]);
            }
        };
    }

    @Override
    public void write(long offset, int bytes, long value) {
        switch ((int) offset) {
            case SELECT -> select = (int) value & 0xff;
            case DATA -> {
                if (bytes == 4) writeIndexed(value & 0xffff_ffffL);
            }
            case EOI -> endOfInterrupt((int) value & 0xff);
            default -> {}
        }
    }

    private void writeIndexed(long v) {
        if (select == INDEX_ID) id = (int) (v >> 24) & 15;
        int pin = select - INDEX_TABLE >> 1;
        if (select < INDEX_TABLE || pin >= PINS) return;
        long old = table[pin];
        long e = (select & 1) != 0 ? old & 0xffff_ffffL | v << 32 : old & 0xffff_ffff_0000_0000L | v;
        e = e & WRITABLE | old & (REMOTE_IRR | STATUS);
        if ((e & LEVEL) == 0) e &= ~REMOTE_IRR;
        table[pin] = e;
        service(pin);
    }

    @Override
    public void attach(Wiring board) {
        board.window(BASE, WINDOW, this);
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("ioapic");
        select = v.i32("select", select);
        id = v.i32("id", id);
        lines = v.i32("lines", lines);
        v.longs("table", table);
        v.leave();
    }
}
