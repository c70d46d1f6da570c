package ringside.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.cpu.Segment;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/**
 * A guest that does one thing over and over: a loop of src/main/asm/events.s, which counts in R15 how often. In 64-bit
 * mode at level 0, with paging: the first 2 MiB one to one in pages of 4 KiB but for one that is not mapped, 1 GiB from
 * 40000000h that is the same 2 MiB throughout, and the local APIC. Data at 9000h (RBX), stack below F000h.
 */
final class EventGuest implements AutoCloseable {
    /** Events of one {@link #run}. */
    static final int EVENTS = 1000;

    private static final int CODE = 0x10000, DATA = 0x9000, STACK = 0xf000, UNMAPPED = 0xb000;
    private static final int GDT = 0x7000, IDT = 0x8000;
    /** Page tables: PML4, its table, that of the first GiB, of the first 2 MiB, of the second GiB, of the APIC's. */
    private static final int PML4 = 0x1000, PDPT = 0x2000, LOW = 0x3000, FIRST = 0x4000, ALIAS = 0x5000, APIC = 0x6000;

    private static final int ROW = 64, NAME = 24;
    private static final int FOR_ALL = 7, LARGE = 0x80;

    private final Machine machine;
    /** Instructions of so many events; always the same, as all is exact. */
    private final long instructions;

    /**
     * A guest that has done its first events.
     *
     * @param event a name of {@link #names}
     */
    EventGuest(String event, Machine.EngineFactory engine) {
        try (Machine m = load(event, Machine::interpreter)) {
            to(m, EVENTS);
            long start = m.cpu().instructions();
            to(m, 2 * EVENTS);
            instructions = m.cpu().instructions() - start;
            machine = load(event, engine);
            machine.run(start);
        }
    }

    private static void to(Machine m, long events) {
        for (int i = 0; count(m) < events; i++) {
            m.run(m.cpu().instructions() + 1);
            if (i > 10_000_000) throw new IllegalStateException("the event does not happen");
        }
    }

    static Machine.EngineFactory engine(String name) {
        return name.equals("interpreter")
                ? Machine::interpreter
                : Translator.factory(TranslatorOptions.after(20).withBackground(false));
    }

    Machine machine() {
        return machine;
    }

    /** Has the event happen {@link #EVENTS} times. @return how often it has happened so far */
    long run() {
        long before = count(machine);
        Outcome o = machine.run(machine.cpu().instructions() + instructions);
        long now = count(machine);
        // a guest that has ended does nothing, and very fast
        if (now != before + EVENTS) throw new IllegalStateException((now - before) + " events, then " + o);
        return now;
    }

    private static long count(Machine m) {
        return m.cpu().gpr[15];
    }

    @Override
    public void close() {
        machine.close();
    }

    // ---- the image ----

    private static ByteBuffer image() {
        try (InputStream in = EventGuest.class.getResourceAsStream("events.bin")) {
            return ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(ByteBuffer image, int row) {
        return new String(image.array(), row * ROW + NAME, ROW - NAME, StandardCharsets.US_ASCII).replace("\0", "");
    }

    /** {@return the events there are} */
    static List<String> names() {
        ByteBuffer image = image();
        List<String> names = new ArrayList<>();
        for (int row = 0; image.getLong(row * ROW) != 0; row++) names.add(name(image, row));
        return names;
    }

    private static Machine load(String event, Machine.EngineFactory engine) {
        MachineConfig standard = MachineConfig.standard();
        Machine m = new Machine(new MachineConfig(8 << 20, standard.model(), standard.devices(), false), engine);
        ByteBuffer image = image();
        m.memory().write(CODE, image.array());
        tables(m);
        // the board's own timer is not asked for
        m.ports().out(0x21, 1, 0xff);
        m.memory().write(GDT + 8, 8, 0x00af_9b00_0000_ffffL);
        m.memory().write(GDT + 16, 8, 0x00cf_9300_0000_ffffL);
        int row = names().indexOf(event);
        if (row < 0) throw new IllegalArgumentException("no event " + event);
        int vector = (int) image.getLong(row * ROW + 8);
        if (vector != 0)
            m.memory()
                    .write(
                            IDT + vector * 16,
                            8,
                            image.getLong(row * ROW + 16) & 0xffff
                                    | 8L << 16
                                    | 0x8eL << 40
                                    | image.getLong(row * ROW + 16) >>> 16 << 48);
        Cpu cpu = m.cpu();
        start(cpu);
        cpu.rip = image.getLong(row * ROW);
        return m;
    }

    private static void tables(Machine m) {
        entry(m, PML4, 0, PDPT | FOR_ALL);
        entry(m, PDPT, 0, LOW | FOR_ALL);
        entry(m, PDPT, 1, ALIAS | FOR_ALL);
        entry(m, PDPT, 3, APIC | FOR_ALL);
        entry(m, LOW, 0, FIRST | FOR_ALL);
        for (int i = 0; i < 512; i++) {
            if (i << 12 != UNMAPPED) entry(m, FIRST, i, (long) i << 12 | FOR_ALL);
            entry(m, ALIAS, i, 2 << 20 | LARGE | FOR_ALL);
        }
        entry(m, APIC, 0xfee0_0000L >> 21 & 511, 0xfee0_0000L | LARGE | FOR_ALL);
    }

    private static void entry(Machine m, int table, long index, long value) {
        m.memory().write(table + index * 8, 8, value);
    }

    private static void start(Cpu cpu) {
        for (Segment s : cpu.seg) {
            s.usable = true;
            s.base = 0;
            s.limit = 0xffff_ffffL;
            s.access = Segment.PRESENT | Segment.CODE_OR_DATA | Segment.WRITABLE | Segment.ACCESSED | Segment.BIG;
        }
        Segment code = cpu.seg[Cpu.CS];
        code.access = Segment.PRESENT
                | Segment.CODE_OR_DATA
                | Segment.CODE
                | Segment.READABLE
                | Segment.ACCESSED
                | Segment.LONG;
        code.selector = 8;
        for (int i : new int[] {Cpu.SS, Cpu.DS, Cpu.ES}) cpu.seg[i].selector = 16;
        cpu.gdtBase = GDT;
        cpu.gdtLimit = 23;
        cpu.idtBase = IDT;
        cpu.idtLimit = 0xfff;
        cpu.cr4 = Cpu.CR4_PAE | Cpu.CR4_OSFXSR;
        cpu.efer = Cpu.EFER_LME | Cpu.EFER_LMA | Cpu.EFER_SCE;
        cpu.cr3 = PML4;
        cpu.cr0 = Cpu.CR0_PE | Cpu.CR0_ET | Cpu.CR0_PG & 0xffff_ffffL;
        cpu.mem.flushAll();
        cpu.updateMode();
        cpu.gpr[Cpu.RBX] = DATA;
        cpu.gpr[Cpu.RSP] = STACK;
    }
}
