package ringside.device;

import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.InterruptLine;
import ringside.bus.MmioDevice;
import ringside.bus.PortBus;

/** What a board offers to a device that is put on it. */
public interface Wiring {
    /** {@return the port space, in which the device claims its ports} */
    PortBus ports();

    /**
     * Maps a device's window into the physical address space.
     *
     * @param address guest physical, a multiple of 4 KiB
     * @param bytes likewise
     * @param device who answers in the window
     */
    void window(long address, long bytes, MmioDevice device);

    /**
     * {@return a new driver of it, which several devices may share}
     *
     * @param wire 0..15 (ISA) or 16..23 (I/O APIC only)
     */
    InterruptLine line(int wire);

    /** {@return virtual time, in nanoseconds} */
    Clock clock();

    /** {@return where things that happen later are put} */
    EventQueue events();

    /** {@return the number of the processor that is accessing a port or a window, or that ran last} */
    int accessor();

    /** Pulls the reset line, as port CF9h does. */
    void reset();
}
