package ringside.device.firmware;

import ringside.device.acpi.AcpiTables;
import ringside.device.apic.LocalApic;
import ringside.machine.Machine;
import ringside.memory.PhysicalMemory;

/**
 * Leaves the machine as PC firmware does when it starts a kernel: ACPI tables and real-mode handlers in the ROM area, interrupt controllers
 * and timer 0 programmed, memory sizes in CMOS. No firmware code runs.
 */
public final class Firmware {
    private static final int ACPI = 0xf0000;
    private static final int MASTER_MASK = 0xb8, SLAVE_MASK = 0x8e;

    private Firmware() {}

    public static void install(Machine m) {
        PhysicalMemory memory = m.memory();
        memory.write(ACPI, AcpiTables.build(ACPI));
        RealModeCode.install(memory);
        m.board().pic().initialise(MASTER_MASK, SLAVE_MASK);
        LocalApic apic = m.board().apic();
        apic.write(0xf0, 4, 0x1ff);
        apic.write(0x350, 4, 0x8700);
        apic.write(0x360, 4, 0x8400);
        // Counter 0: rate generator, 65536.
        m.ports().out(0x43, 1, 0x34);
        m.ports().out(0x40, 1, 0);
        m.ports().out(0x40, 1, 0);
        long low = memory.lowSize();
        cmos(m, 0x15, 640);
        cmos(m, 0x17, (int) Math.min(Math.max(0, low - (1 << 20)) >> 10, 0xffff));
        cmos(m, 0x30, (int) Math.min(Math.max(0, low - (1 << 20)) >> 10, 0xffff));
        cmos(m, 0x34, (int) Math.min(Math.max(0, low - (16 << 20)) >> 16, 0xffff));
    }

    private static void cmos(Machine m, int at, int v) {
        m.board().rtc().setRam(at, v);
        m.board().rtc().setRam(at + 1, v >> 8);
    }
}
