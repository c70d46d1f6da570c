package ringside.cli;

import java.util.Iterator;
import ringside.cpu.Cpu;
import ringside.cpu.GuestShadowStack;
import ringside.shadow.ShadowEntry;

/**
 * The guest's architectural shadow stack (CET) beside the calls that the processor executed, as text; for a
 * control-protection fault they tell what was overwritten.
 */
final class ShadowStacksText {
    private static final int ROWS = 64;

    private ShadowStacksText() {}

    /** @return empty if the running code has no architectural shadow stack */
    static String of(Cpu cpu) {
        GuestShadowStack guest = GuestShadowStack.current(cpu);
        if (guest == null) return "";
        StringBuilder out = new StringBuilder(String.format(
                "Shadow stack of CPL %d (SSP %016x)      | calls executed, and what their stack words hold now%n",
                cpu.cpl, guest.ssp()));
        Iterator<GuestShadowStack.Word> words = guest.iterator();
        Iterator<ShadowEntry> calls = cpu.shadow.chain().iterator();
        for (int i = 0; i < ROWS && (words.hasNext() || calls.hasNext()); i++) {
            String left = "";
            if (words.hasNext()) {
                GuestShadowStack.Word w = words.next();
                left = String.format(
                        "%016x: %016x%s", w.slot(), w.value(), w.kind() == GuestShadowStack.Kind.POINTER ? " ^" : "");
            }
            String right = "";
            if (calls.hasNext()) {
                ShadowEntry e = calls.next();
                right = e.kind().entry()
                        ? String.format("%s from %016x", e.kind(), e.address())
                        : String.format("%016x: %016x, %s", e.slot(), e.address(), now(cpu, e));
            }
            out.append(String.format(" %-36s  | %s%n", left, right).stripTrailing())
                    .append('\n');
        }
        return out.toString();
    }

    private static String now(Cpu cpu, ShadowEntry e) {
        long pa = cpu.mem.probe(e.slot());
        if (pa == -1 || cpu.physical.ramPage(pa) == 0) return "not mapped";
        long v = cpu.physical.read(pa, 8);
        return v == e.address() ? "the same" : String.format("OVERWRITTEN by %016x", v);
    }
}
