package ringside.workbench.profile;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.shadow.ShadowEntry.Kind;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.Btf;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.Symbols;

/**
 * Names of entries: exceptions by the manual's letters, interrupts by the kernel's function that the IDT leads to,
 * lines of devices by what their drivers called them, system calls by the function in the kernel's own tables. Read
 * from the guest's memory; what is damaged there gives no name, never an error, and at most {@link #LONGEST}
 * characters.
 */
final class EntryNames {
    private static final String[] EXCEPTIONS = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "CSO", "#TS", "#NP", "#SS", "#GP", "#PF", "15",
        "#MF", "#AC", "#MC", "#XM", "#VE", "#CP"
    };
    private static final String[] VSYSCALLS = {"gettimeofday", "time", "getcpu", "?"};
    private static final int LONGEST = 60, MOST_ACTIONS = 8;
    private final Map<Integer, String> handlers = new HashMap<>(), lines = new HashMap<>();
    private final Map<Long, String> calls = new HashMap<>(), compatCalls = new HashMap<>();

    /** Reads what can be read now; what was read before stays where it cannot. */
    void read(Cpu cpu, GuestView view, KernelModel model) {
        if (!cpu.longMode()) return;
        view.refresh();
        Symbols symbols = model.symbols();
        byte[] gate = new byte[16];
        for (int v = 0; v < 256 && v * 16 + 15 <= cpu.idtLimit; v++) {
            if (view.read(cpu.idtBase + v * 16L, gate, 0, 16) != 16) continue;
            long target = little(gate, 0, 2) | little(gate, 6, 2) << 16 | little(gate, 8, 4) << 32;
            int i = symbols.find(target);
            if (i >= 0) handlers.put(v, shortened(symbols.name(i).replaceFirst("^asm_(sysvec_|exc_)?", "")));
        }
        calls(calls, "sys_call_table", view, symbols);
        calls(compatCalls, "ia32_sys_call_table", view, symbols);
        LinuxKernel linux = LinuxKernel.of(model);
        if (linux != null && linux.types() != null) lines(view, symbols, linux.types());
    }

    private static void calls(Map<Long, String> into, String name, GuestView view, Symbols symbols) {
        Long table = symbols.address(name);
        byte[] word = new byte[8];
        for (int c = 0; table != null && c < EntryKey.MOST_CALLS; c++) {
            if (view.read(table + 8L * c, word, 0, 8) != 8) break;
            int i = symbols.find(little(word, 0, 8));
            if (i < 0) break;
            String n = symbols.name(i);
            if (!n.endsWith("ni_syscall"))
                into.put((long) c, shortened(n.replaceFirst("^__(x64|ia32|do|se)_(compat_)?sys_|^sys_", "")));
        }
    }

    /** Device interrupts: Linux' table from vector to descriptor, whose actions have the drivers' names. */
    private void lines(GuestView view, Symbols symbols, Btf types) {
        Long table = symbols.address("vector_irq");
        int action = types.offset("irq_desc", "action").orElse(-1);
        int number = types.offset("irq_desc", "irq_data", "irq").orElse(-1);
        int name = types.offset("irqaction", "name").orElse(-1);
        int next = types.offset("irqaction", "next").orElse(-1);
        if (table == null || action < 0 || number < 0 || name < 0 || next < 0) return;
        for (int v = 32; v < 256; v++) {
            // an unused vector has a small negative number there
            long descriptor = view.load(view.kernelGs() + table + 8L * v, 0);
            if (descriptor >= 0 || descriptor > -4096) continue;
            StringBuilder s = new StringBuilder();
            long a = view.load(descriptor + action, 0);
            for (int i = 0; i < MOST_ACTIONS && a < 0 && a < -4096; i++) {
                String one = text(view, view.load(a + name, 0));
                if (one == null) break;
                if (!s.isEmpty()) s.append(',');
                s.append(one);
                a = view.load(a + next, 0);
            }
            if (!s.isEmpty()) lines.put(v, shortened("IRQ " + (int) view.load(descriptor + number, 0) + " " + s));
        }
    }

    private static String text(GuestView view, long at) {
        byte[] b = new byte[LONGEST];
        int n = at == 0 ? 0 : view.read(at, b, 0, b.length);
        int length = 0;
        while (length < n && b[length] != 0) length++;
        return length == 0 ? null : Recorder.printable(new String(b, 0, length, StandardCharsets.ISO_8859_1));
    }

    static String shortened(String s) {
        return s.length() <= LONGEST ? s : s.substring(0, LONGEST) + "...";
    }

    private static long little(byte[] b, int at, int bytes) {
        long v = 0;
        for (int i = 0; i < bytes; i++) v |= (b[at + i] & 0xffL) << 8 * i;
        return v;
    }

    String name(EntryKey k) {
        return switch (k.abi()) {
            case SYSCALL64 -> call("syscall ", k, calls);
            case X32 -> call("x32 syscall ", k, calls);
            case SYSCALL32 -> call("compat syscall ", k, compatCalls);
            case SYSENTER -> call("sysenter ", k, compatCalls);
            case INT80 -> call("int 80h ", k, compatCalls);
            case VSYSCALL -> "vsyscall " + VSYSCALLS[(int) k.number() & 3];
            case NONE -> event(k);
        };
    }

    private static String call(String how, EntryKey k, Map<Long, String> names) {
        if (k.number() >= EntryKey.MOST_CALLS) return how + "with a number that is none";
        String name = names.get(k.number());
        return how + k.number() + (name == null ? "" : " " + name);
    }

    private String event(EntryKey k) {
        if (k.vector() < 0) return "(all others)";
        if (k.kind() == Kind.NMI) return "NMI";
        String line = lines.get(k.vector()), handler = handlers.get(k.vector());
        boolean device = handler != null && handler.matches("(irq|spurious)_entries_start|.*common_interrupt");
        return (k.vector() < 32 ? exception(k.vector()) : String.format("vector %02Xh", k.vector()))
                + (line != null && (device || handler == null) ? " " + line : handler == null ? "" : " " + handler)
                + (k.kind() == Kind.SOFTWARE_INTERRUPT ? " (INT n)" : "");
    }

    static String exception(int vector) {
        return vector < 0 || vector >= EXCEPTIONS.length ? "exception " + vector : EXCEPTIONS[vector];
    }
}
