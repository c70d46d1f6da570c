package ringside.device.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import ringside.device.apic.IoApic;
import ringside.device.apic.LocalApic;
import ringside.device.chipset.PowerManagement;
import ringside.device.timer.Hpet;

/**
 * Builds the ACPI tables as one image for a given guest physical address: RSDP first, then RSDT, XSDT, FADT, FACS,
 * DSDT, MADT and HPET. Source: ACPI 6.4, chapter 5.
 */
public final class AcpiTables {
    private static final int HEADER = 36,
            RSDT = 0x40,
            XSDT = 0x80,
            FADT = 0xc0,
            MADT = 0x1c0,
            FACS = 0x240,
            DSDT = 0x280,
            HPET = 0x380,
            SIZE = 0x400,
            LONG_MADT = 0x200;
    /** Processors whose entries fit into the MADT's place between the other tables; a longer one comes last. */
    private static final int FEW = 4;

    private static final int FADT_LENGTH = 244;
    /** WBINVD, C1, no fixed power and sleep buttons, reset register. */
    private static final int FADT_FLAGS = 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 10;

    private final ByteBuffer image;
    private final int base;
    private final int processors;
    private final int madt;

    private AcpiTables(int base, int processors) {
        this.base = base;
        this.processors = processors;
        this.madt = processors <= FEW ? MADT : SIZE;
        this.image = ByteBuffer.allocate(madt == MADT ? SIZE : SIZE + LONG_MADT).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * @param base guest physical address of the image, a multiple of 64 below 1 MiB
     * @param processors how many the machine has, with local APIC IDs from 0 on
     */
    public static byte[] build(int base, int processors) {
        AcpiTables t = new AcpiTables(base, processors);
        t.dsdt();
        t.image
                .put(FACS, "FACS".getBytes(StandardCharsets.US_ASCII))
                .putInt(FACS + 4, 64)
                .put(FACS + 32, (byte) 1);
        t.fadt();
        t.madt();
        t.hpet();
        int[] tables = {FADT, t.madt, HPET};
        for (int i = 0; i < tables.length; i++) {
            t.image.putInt(RSDT + HEADER + 4 * i, base + tables[i]);
            t.image.putLong(XSDT + HEADER + 8 * i, base + tables[i]);
        }
        t.finish(RSDT, "RSDT", HEADER + 4 * tables.length, 1);
        t.finish(XSDT, "XSDT", HEADER + 8 * tables.length, 1);
        t.rsdp();
        return t.image.array();
    }

    private void rsdp() {
        image.put(0, "RSD PTR ".getBytes(StandardCharsets.US_ASCII))
                .put(9, "RINGSD".getBytes(StandardCharsets.US_ASCII))
                .put(15, (byte) 2);
        image.putInt(16, base + RSDT).putInt(20, 36).putLong(24, base + XSDT);
        checksum(0, 20, 8);
        checksum(0, 36, 32);
    }

    private void finish(int at, String signature, int length, int revision) {
        image.put(at, signature.getBytes(StandardCharsets.US_ASCII))
                .putInt(at + 4, length)
                .put(at + 8, (byte) revision);
        image.put(at + 10, "RINGSDRINGSIDE".getBytes(StandardCharsets.US_ASCII)).putInt(at + 24, 1);
        image.put(at + 28, "RING".getBytes(StandardCharsets.US_ASCII)).putInt(at + 32, 1);
        checksum(at, length, 9);
    }

    private void checksum(int at, int length, int where) {
        int sum = 0;
        for (int i = 0; i < length; i++) sum += image.get(at + i);
        image.put(at + where, (byte) (image.get(at + where) - sum));
    }

    private void fadt() {
        int f = FADT;
        image.putInt(f + 36, base + FACS).putInt(f + 40, base + DSDT).putShort(f + 46, (short) PowerManagement.SCI);
        image.putInt(f + 56, PowerManagement.EVENT)
                .putInt(f + 64, PowerManagement.CONTROL)
                .putInt(f + 76, PowerManagement.TIMER);
        image.put(f + 88, (byte) 4).put(f + 89, (byte) 2).put(f + 91, (byte) 4);
        image.putShort(f + 96, (short) 0xfff).putShort(f + 98, (short) 0xfff);
        // RTC century register; legacy devices, 8042, no VGA.
        image.put(f + 108, (byte) 0x32).putShort(f + 109, (short) 7).putInt(f + 112, FADT_FLAGS);
        port(f + 116, 0xcf9, 8);
        image.put(f + 128, (byte) 6);
        image.putLong(f + 140, base + DSDT);
        port(f + 148, PowerManagement.EVENT, 32);
        port(f + 172, PowerManagement.CONTROL, 16);
        port(f + 208, PowerManagement.TIMER, 32);
        finish(f, "FACP", FADT_LENGTH, 3);
    }

    /** A generic address structure that names an I/O port. */
    private void port(int at, int port, int bits) {
        image.put(at, (byte) 1)
                .put(at + 1, (byte) bits)
                .put(at + 3, (byte) (bits == 8 ? 1 : bits == 16 ? 2 : 3))
                .putLong(at + 4, port);
    }

    private void madt() {
        ByteBuffer m = image.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(madt + HEADER);
        m.putInt((int) LocalApic.DEFAULT_BASE).putInt(1);
        for (byte n = 0; n < processors; n++) m.put(new byte[] {0, 8, n, n}).putInt(1);
        m.put(new byte[] {1, 12, 0, 0}).putInt((int) IoApic.BASE).putInt(0);
        // IRQ 0 is input 2; SCI is level triggered, active high.
        m.put(new byte[] {2, 10, 0, 0}).putInt(2).putShort((short) 0);
        m.put(new byte[] {2, 10, 0, PowerManagement.SCI})
                .putInt(PowerManagement.SCI)
                .putShort((short) 0xd);
        // NMI on LINT1 of every processor.
        m.put(new byte[] {4, 6, (byte) 0xff, 0, 0, 1});
        finish(madt, "APIC", m.position() - madt, 1);
    }

    /** Source: IA-PC HPET specification 1.0a, 3.2.4. */
    private void hpet() {
        int h = HPET;
        image.putInt(h + 36, Hpet.BLOCK_ID)
                .put(h + 41, (byte) 64)
                .putLong(h + 44, Hpet.BASE)
                .putShort(h + 53, (short) 100);
        finish(h, "HPET", 56, 1);
    }

    // ---- AML ----

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream b = new ByteArrayOutputStream();
        for (byte[] p : parts) b.writeBytes(p);
        return b.toByteArray();
    }

    private static byte[] bytes(int... v) {
        byte[] b = new byte[v.length];
        for (int i = 0; i < v.length; i++) b[i] = (byte) v[i];
        return b;
    }

    private static byte[] text(String s) {
        return s.getBytes(StandardCharsets.US_ASCII);
    }

    /** PkgLength, which counts itself, and the content; up to 4095 bytes. */
    private static byte[] sized(byte[] content) {
        int n = content.length;
        return n + 1 < 64 ? join(bytes(n + 1), content) : join(bytes(0x40 | n + 2 & 15, n + 2 >> 4), content);
    }

    private static byte[] name(String name, byte[] value) {
        return join(bytes(0x08), text(name), value);
    }

    private void dsdt() {
        byte[] s5 = name(
                "_S5_",
                join(bytes(0x12), sized(bytes(4, 0x0a, PowerManagement.S5_TYPE, 0x0a, PowerManagement.S5_TYPE, 0, 0))));
        // I/O 3F8h..3FFh, IRQ 4, end tag.
        byte[] resources = bytes(0x47, 1, 0xf8, 3, 0xf8, 3, 1, 8, 0x22, 0x10, 0, 0x79, 0);
        byte[] com1 = join(
                text("COM1"),
                name("_HID", bytes(0x0c, 0x41, 0xd0, 0x05, 0x01)),
                name("_UID", bytes(1)),
                name("_CRS", join(bytes(0x11), sized(join(bytes(0x0a, resources.length), resources)))));
        byte[] scope = join(bytes(0x10), sized(join(text("\\_SB_"), bytes(0x5b, 0x82), sized(com1))));
        byte[] aml = join(s5, scope);
        image.put(DSDT + HEADER, aml);
        finish(DSDT, "DSDT", HEADER + aml.length, 2);
    }
}
