package ringside.workbench.profile;

import java.util.HashMap;
import java.util.Map;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.shadow.ShadowEntry.Kind;
import ringside.unwinder.symbols.Symbols;

/**
 * Names of entries: exceptions by the manual's letters, interrupts by the kernel's function that the IDT leads to,
 * system calls by the function in the kernel's own table.
 */
final class EntryNames {
    private static final String[] EXCEPTIONS = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "CSO", "#TS", "#NP", "#SS", "#GP", "#PF", "15",
        "#MF", "#AC", "#MC", "#XM", "#VE", "#CP"
    };
    private static final int SYSTEM_CALLS = 1024;

    private final Map<Integer, String> handlers = new HashMap<>();
    private final Map<Long, String> calls = new HashMap<>();

    private EntryNames() {}

    /** Reads the names from the guest's memory as it is now. */
    static EntryNames of(Cpu cpu, GuestView view, Symbols symbols) {
        EntryNames n = new EntryNames();
        if (!cpu.longMode()) return n;
        byte[] gate = new byte[16];
        for (int v = 0; v < 256 && v * 16 + 15 <= cpu.idtLimit; v++) {
            if (view.read(cpu.idtBase + v * 16L, gate, 0, 16) != 16) continue;
            long target = little(gate, 0, 2) | little(gate, 6, 2) << 16 | little(gate, 8, 4) << 32;
            int i = symbols.find(target);
            if (i >= 0) n.handlers.put(v, symbols.name(i).replaceFirst("^asm_(sysvec_|exc_)?", ""));
        }
        Long table = symbols.address("sys_call_table");
        byte[] word = new byte[8];
        for (int c = 0; table != null && c < SYSTEM_CALLS; c++) {
            if (view.read(table + 8L * c, word, 0, 8) != 8) break;
            int i = symbols.find(little(word, 0, 8));
            if (i < 0) break;
            n.calls.put((long) c, symbols.name(i).replaceFirst("^__(x64|ia32|do)_sys_|^sys_", ""));
        }
        return n;
    }

    private static long little(byte[] b, int at, int bytes) {
        long v = 0;
        for (int i = 0; i < bytes; i++) v |= (b[at + i] & 0xffL) << 8 * i;
        return v;
    }

    String name(EntryKey k) {
        if (k.kind() == Kind.SYSCALL) {
            String call = calls.get(k.number());
            return "syscall " + k.number() + (call == null ? "" : " " + call);
        }
        if (k.kind() == Kind.SYSENTER) return "sysenter " + k.number();
        if (k.systemCall()) return "int 80h " + k.number();
        if (k.vector() < 0) return "(all others)";
        String handler = handlers.get(k.vector());
        return (k.vector() < 32 ? exception(k.vector()) : String.format("vector %02Xh", k.vector()))
                + (handler == null ? "" : " " + handler);
    }

    static String exception(int vector) {
        return vector < 0 || vector >= EXCEPTIONS.length ? "exception " + vector : EXCEPTIONS[vector];
    }
}
