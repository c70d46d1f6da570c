package ringside.device.interrupt;

import ringside.state.StateVisitor;

/**
 * One 8259A programmable interrupt controller: eight inputs, one INT output. Two of them make a {@link PicPair}.
 *
 * <p>Invariant: {@link #output()} is a function of IRR, ISR, IMR and the priority settings only, so the pair recomputes
 * the wiring after every call. An edge is latched in IRR until it is acknowledged, as the boards do on which kernels
 * grew up. Source: Intel 8259A data sheet, "Programming the 8259A".
 */
final class Pic8259 {
    // ICW1
    private static final int ICW1_IC4 = 0x01, ICW1_LTIM = 0x08, ICW1 = 0x10;
    // ICW4
    private static final int ICW4_AEOI = 0x02, ICW4_SFNM = 0x10;
    // OCW3
    private static final int OCW3 = 0x08,
            OCW3_RIS = 0x01,
            OCW3_RR = 0x02,
            OCW3_P = 0x04,
            OCW3_SMM = 0x20,
            OCW3_ESMM = 0x40;

    private final boolean master;
    /** Bits that ELCR lets software switch to level triggering. */
    private final int elcrMask;

    private int lines;
    private int irr, isr, imr;
    private int vectorBase;
    /** Which initialisation word the data port expects: 0 none, 2, 3, 4. */
    private int expect;

    private boolean needIcw4;
    private boolean autoEoi, specialFullyNested, specialMask, rotateOnAutoEoi;
    private boolean readIsr, poll, levelTriggered;
    /** The input with the highest priority. */
    private int highest;

    private int elcr;

    Pic8259(boolean master) {
        this.master = master;
        this.elcrMask = master ? 0xf8 : 0xde;
    }

    private int level() {
        return levelTriggered ? 0xff : elcr;
    }

    /** Drives an input. */
    void setLine(int n, boolean high) {
        int bit = 1 << n;
        if ((level() & bit) != 0) {
            irr = high ? irr | bit : irr & ~bit;
        } else if (high && (lines & bit) == 0) {
            irr |= bit;
        }
        lines = high ? lines | bit : lines & ~bit;
    }

    /** @return the distance of the most urgent set bit from the top of the priority order, 8 if none is set */
    private int priority(int bits) {
        if (bits == 0) return 8;
        int p = 0;
        while ((bits & 1 << ((p + highest) & 7)) == 0) p++;
        return p;
    }

    /** @return the input to be served now, or -1 */
    int request() {
        int p = priority(irr & ~imr);
        if (p == 8) return -1;
        int serving = isr;
        if (specialMask) serving &= ~imr;
        if (specialFullyNested && master) serving &= ~(1 << PicPair.CASCADE);
        return p < priority(serving) ? (p + highest) & 7 : -1;
    }

    boolean output() {
        return request() >= 0;
    }

    /** The processor's acknowledge cycle for input n. */
    void acknowledge(int n) {
        int bit = 1 << n;
        if (autoEoi) {
            if (rotateOnAutoEoi) highest = (n + 1) & 7;
        } else {
            isr |= bit;
        }
        if ((level() & bit) == 0) irr &= ~bit;
    }

    int vector(int n) {
        return vectorBase | n;
    }

    /** @param a0 0 command port, 1 data port */
    int read(int a0) {
        if (poll) {
            poll = false;
            int n = request();
            if (n < 0) return 0;
            acknowledge(n);
            return 0x80 | n;
        }
        if (a0 == 1) return imr;
        return readIsr ? isr : irr;
    }

    void write(int a0, int v) {
        if (a0 == 0) {
            if ((v & ICW1) != 0) {
                initialise(v);
            } else if ((v & OCW3) != 0) {
                if ((v & OCW3_P) != 0) poll = true;
                if ((v & OCW3_RR) != 0) readIsr = (v & OCW3_RIS) != 0;
                if ((v & OCW3_ESMM) != 0) specialMask = (v & OCW3_SMM) != 0;
            } else {
                endOfInterrupt(v >> 5, v & 7);
            }
            return;
        }
        switch (expect) {
            case 2 -> {
                vectorBase = v & 0xf8;
                expect = 3;
            }
            case 3 -> expect = needIcw4 ? 4 : 0;
            case 4 -> {
                autoEoi = (v & ICW4_AEOI) != 0;
                specialFullyNested = (v & ICW4_SFNM) != 0;
                expect = 0;
            }
            default -> imr = v & 0xff;
        }
    }

    private void initialise(int icw1) {
        imr = 0;
        isr = 0;
        levelTriggered = (icw1 & ICW1_LTIM) != 0;
        irr = lines & level();
        highest = 0;
        autoEoi = specialFullyNested = specialMask = rotateOnAutoEoi = readIsr = poll = false;
        needIcw4 = (icw1 & ICW1_IC4) != 0;
        expect = 2;
    }

    /** OCW2: {@code command} is R, SL, EOI. */
    private void endOfInterrupt(int command, int n) {
        switch (command) {
            case 0, 4 -> rotateOnAutoEoi = command == 4;
            case 1, 5 -> {
                int p = priority(specialMask ? isr & ~imr : isr);
                if (p == 8) return;
                int served = (p + highest) & 7;
                isr &= ~(1 << served);
                if (command == 5) highest = (served + 1) & 7;
            }
            case 3 -> isr &= ~(1 << n);
            case 6 -> highest = (n + 1) & 7;
            case 7 -> {
                isr &= ~(1 << n);
                highest = (n + 1) & 7;
            }
            default -> {}
        }
    }

    int elcr() {
        return elcr;
    }

    void setElcr(int v) {
        elcr = v & elcrMask;
        irr = irr & ~elcr | lines & elcr;
    }

    void visit(StateVisitor v) {
        v.enter(master ? "master" : "slave");
        lines = v.i32("lines", lines);
        irr = v.i32("irr", irr);
        isr = v.i32("isr", isr);
        imr = v.i32("imr", imr);
        vectorBase = v.i32("vectorBase", vectorBase);
        expect = v.i32("expect", expect);
        needIcw4 = v.flag("needIcw4", needIcw4);
        autoEoi = v.flag("autoEoi", autoEoi);
        specialFullyNested = v.flag("specialFullyNested", specialFullyNested);
        specialMask = v.flag("specialMask", specialMask);
        rotateOnAutoEoi = v.flag("rotateOnAutoEoi", rotateOnAutoEoi);
        readIsr = v.flag("readIsr", readIsr);
        poll = v.flag("poll", poll);
        levelTriggered = v.flag("levelTriggered", levelTriggered);
        highest = v.i32("highest", highest);
        elcr = v.i32("elcr", elcr);
        v.leave();
    }
}
