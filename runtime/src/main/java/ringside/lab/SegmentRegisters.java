package ringside.lab;

import java.util.Map;
import ringside.cpu.Cpu;
import ringside.cpu.Segment;
import ringside.cpu.SegmentLoading;
import ringside.memory.GuestFault;

/**
 * The segment registers among {@link Registers}: es cs ss ds fs gs ldtr tr, each with _base and _limit. A selector is
 * loaded as MOV, LLDT or LTR would, in protected mode from the GDT that the processor has; base and limit are the
 * hidden part that such a load fills, and may be set by themselves where the mode uses them.
 */
final class SegmentRegisters {
    static final String[] NAMES = {"es", "cs", "ss", "ds", "fs", "gs"};

    private SegmentRegisters() {}

    static void add(Map<String, Registers.Register> m) {
        for (int i = 0; i < NAMES.length; i++) {
            int s = i;
            String name = NAMES[s];
            Registers.add(m, name, 16, c -> c.seg[s].selector, (c, v) -> {
                if (s == Cpu.CS) {
                    loadCode(c, (int) v);
                } else {
                    SegmentLoading.load(c, s, (int) v);
                }
            });
            Registers.add(m, name + "_base", 64, c -> c.seg[s].base, (c, v) -> base(c, s, v));
            Registers.add(m, name + "_limit", 32, c -> c.seg[s].limit, (c, v) -> {
                if (c.code64())
                    throw new LabException("register " + name + "_limit: 64-bit mode has no segment limits");
                limit(c, c.seg[s], name, v);
            });
        }
        Registers.add(m, "ldtr", 16, c -> c.ldtr.selector, (c, v) -> SegmentLoading.loadLdt(c, (int) v));
        Registers.add(
                m,
                "ldtr_base",
                64,
                c -> c.ldtr.base,
                (c, v) -> system(c, c.ldtr, "ldtr").base = Registers.canonical(c, v));
        Registers.add(m, "ldtr_limit", 32, c -> c.ldtr.limit, (c, v) -> limit(c, system(c, c.ldtr, "ldtr"), "ldtr", v));
        Registers.add(m, "tr", 16, c -> c.tr.selector, (c, v) -> SegmentLoading.loadTask(c, (int) v));
        Registers.add(
                m, "tr_base", 64, c -> c.tr.base, (c, v) -> system(c, c.tr, "tr").base = Registers.canonical(c, v));
        Registers.add(m, "tr_limit", 32, c -> c.tr.limit, (c, v) -> limit(c, system(c, c.tr, "tr"), "tr", v));
    }

    private static void base(Cpu c, int s, long v) {
        String name = NAMES[s];
        if (c.code64() && s < Cpu.FS)
            throw new LabException("register " + name + "_base: in 64-bit mode only fs and gs have a base");
        if (!c.longMode() && v >>> 32 != 0 || c.longMode() && s < Cpu.FS && v >>> 32 != 0)
            throw new LabException("register " + name + "_base: " + Registers.hex(v)
                    + " does not fit into the 32 bits it has in this mode");
        c.seg[s].base = Registers.canonical(c, v);
        c.updateMode();
    }

    private static void limit(Cpu c, Segment s, String name, long v) {
        if (v > 0xf_ffff && (v & 0xfff) != 0xfff)
            throw new LabException("register " + name + "_limit: " + Registers.hex(v)
                    + " is no limit of a descriptor; above 0xfffff it counts pages and ends in fff");
        s.limit = v;
        c.updateMode();
    }

    private static Segment system(Cpu c, Segment s, String name) {
        if (!c.protectedMode()) throw new LabException("register " + name + ": real mode has none");
        if (!s.usable)
            throw new LabException("register " + name
                    + ": it holds no segment; give it a selector of a table of yours (gdtr_base, gdtr_limit) first");
        return s;
    }

    /**
     * CS has no load by itself; what a far jump would accept is taken, as long as it is code of the experiment's mode
     * and level.
     */
    private static void loadCode(Cpu c, int selector) {
        Segment cs = c.seg[Cpu.CS];
        if (!c.protectedMode()) {
            cs.selector = selector;
            cs.base = (long) selector << 4;
            return;
        }
        Segment code;
        try {
            code = SegmentLoading.find(c, selector);
        } catch (GuestFault f) {
            throw new LabException("register cs: the table that selector " + Registers.hex(selector)
                    + " is in is not in memory; map it with map (--map) and fill it with mem (--mem)");
        }
        if (code == null) throw new LabException("register cs: the table has no selector " + Registers.hex(selector));
        if (!code.code() || (code.access & Segment.PRESENT) == 0)
            throw new LabException(
                    "register cs: selector " + Registers.hex(selector) + " names no code segment that is present");
        int dpl = code.dpl();
        if ((selector & 3) != c.cpl || ((code.access & Segment.CONFORMING) != 0 ? dpl > c.cpl : dpl != c.cpl)) {
            throw new LabException("register cs: selector " + Registers.hex(selector) + " is not one of level " + c.cpl
                    + "; cpl (--cpl) says what level it is");
        }
        if (c.longMode() && code.isLong() != cs.isLong()) {
            throw new LabException("register cs: selector " + Registers.hex(selector) + " is code of "
                    + (code.isLong() ? "64-bit" : "compatibility") + " mode; mode (--mode) says which it is");
        }
        code.access |= Segment.ACCESSED;
        cs.copyFrom(code);
        c.updateMode();
    }
}
