package ringside.device.firmware;

import ringside.bus.PortBus;
import ringside.device.acpi.AcpiTables;
import ringside.device.apic.LocalApic;
import ringside.device.interrupt.PicPair;
import ringside.device.rtc.Mc146818;
import ringside.memory.PhysicalMemory;

/**
 * Leaves the machine as PC firmware does when it starts a kernel: ACPI tables and real-mode handlers in the ROM area,
 * interrupt controllers and timer 0 programmed, memory sizes in CMOS. No firmware code runs.
 */
public final class Firmware {
    private static final int ACPI = 0xf0000;
    private static final int MASTER_MASK = 0xb8, SLAVE_MASK = 0x8e;

    private Firmware() {}

    /**
     * @param processors how many the machine has
     * @param apic of the boot processor
     */
    public static void install(
            PhysicalMemory memory, PortBus ports, int processors, PicPair pic, LocalApic apic, Mc146818 rtc) {
        memory.write(ACPI, AcpiTables.build(ACPI, processors));
        RealModeCode.install(memory);
        pic.initialise(MASTER_MASK, SLAVE_MASK);
        apic.write(0xf0, 4, 0x1ff);
        apic.write(0x350, 4, 0x8700);
        apic.write(0x360, 4, 0x8400);
        // Counter 0: rate generator, 65536.
        ports.out(0x43, 1, 0x34);
        ports.out(0x40, 1, 0);
        ports.out(0x40, 1, 0);
        long low = memory.lowSize();
        cmos(rtc, 0x15, 640);
        cmos(rtc, 0x17, (int) Math.min(Math.max(0, low - (1 << 20)) >> 10, 0xffff));
        cmos(rtc, 0x30, (int) Math.min(Math.max(0, low - (1 << 20)) >> 10, 0xffff));
        cmos(rtc, 0x34, (int) Math.min(Math.max(0, low - (16 << 20)) >> 16, 0xffff));
    }

    private static void cmos(Mc146818 rtc, int at, int v) {
        rtc.setRam(at, v);
        rtc.setRam(at + 1, v >> 8);
    }
}
