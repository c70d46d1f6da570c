package ringside.workbench.log;

import java.util.HashMap;
import java.util.Map;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.Tasks;
import ringside.unwinder.symbols.Symbols;
import ringside.workbench.run.KnownKernel;

/**
 * What the guest calls things, as far as it can be told now: addresses by symbols, vectors by their handlers, system
 * calls by the kernel's own table, the current task. A kernel that is not there yet is looked for again after a while.
 * Reads guest memory without side effects; damaged structures of the guest give no names, not errors.
 */
public final class Names {
    /** Instructions after which a kernel that was not found is looked for again. */
    private static final long AGAIN = 50_000_000;

    private static final int CACHE = 1 << 13, MOST_CALLS = 1024, LONGEST = 100;
    private static final String[] EXCEPTIONS = {
        "#DE",
        "#DB",
        "NMI",
        "#BP",
        "#OF",
        "#BR",
        "#UD",
        "#NM",
        "#DF",
        "vector 9",
        "#TS",
        "#NP",
        "#SS",
        "#GP",
        "#PF",
        "vector 15",
        "#MF",
        "#AC",
        "#MC",
        "#XM",
        "#VE",
        "#CP"
    };

    private final Machine machine;
    private final Cpu cpu;
    private final KnownKernel known;
    private final GuestView view;
    private final long[] cached = new long[CACHE];
    private final String[] cachedNames = new String[CACHE];
    private final Map<Integer, String> calls = new HashMap<>();
    private KernelModel kernel;
    private Tasks tasks;
    private long next;
    private long lastTask, lastSpace;
    private Tasks.Task task;

    public Names(Machine machine, KnownKernel known) {
        this.machine = machine;
        this.cpu = machine.cpu();
        this.known = known;
        this.view = new GuestView(cpu);
    }

    /** @return the kernel, or null while it is not known */
    public KernelModel kernel() {
        if (kernel != null || cpu.instructions() < next) return kernel;
        next = cpu.instructions() + AGAIN;
        kernel = known.model(machine, view);
        if (kernel != null && kernel.symbols().count() == 0) kernel = null;
        if (kernel == null && cpu.cpl == 3) next = 0;
        if (kernel != null) tasks = Tasks.of(view, kernel);
        return kernel;
    }

    /** @return {@code function+0x12}, or null */
    public String symbol(long address) {
        if (kernel() == null) return null;
        int slot = (int) (address ^ address >>> 13) & CACHE - 1;
        if (cached[slot] == address) return cachedNames[slot];
        Symbols s = kernel.symbols();
        int i = s.find(address);
        String name = null;
        if (i >= 0) {
            name = shortened(s.name(i));
            if (address != s.start(i)) name += "+0x" + Long.toHexString(address - s.start(i));
        }
        cached[slot] = address;
        cachedNames[slot] = name;
        return name;
    }

    static String shortened(String name) {
        return name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "...";
    }

    /** @return the name of a function, or null */
    private String function(long address) {
        int i = kernel() == null ? -1 : kernel.symbols().find(address);
        return i < 0 ? null : shortened(kernel.symbols().name(i));
    }

    /** @return the exception's mnemonic, or the number with the name of the handler in the IDT */
    public String vector(int vector) {
        if (vector < EXCEPTIONS.length) return EXCEPTIONS[vector];
        String handler = handler(vector);
        return handler == null ? Integer.toString(vector) : vector + " (" + handler + ")";
    }

    private String handler(int vector) {
        if (kernel() == null || !cpu.longMode()) return null;
        view.refresh();
        long gate = cpu.idtBase + 16L * vector;
        long low = view.load(gate, 0);
        String f = function(low & 0xffff | low >>> 32 & 0xffff_0000L | view.load(gate + 8, 0) << 32);
        if (f == null) return null;
        return f.equals("irq_entries_start") || f.equals("spurious_entries_start")
                ? "device interrupt"
                : f.replaceFirst("^asm_(sysvec_|exc_)?", "");
    }

    /** @return the system call's name by the kernel's own table, or its number */
    public String systemCall(int number) {
        String c = calls.get(number);
        if (c != null) return c;
        String name = null;
        Long table = kernel() == null || number < 0 || number >= MOST_CALLS
                ? null
                : kernel.symbols().address("sys_call_table");
        if (table != null) {
            view.refresh();
            String f = function(view.load(table + 8L * number, 0));
            if (f != null && !f.contains("ni_syscall")) name = f.replaceFirst("^__(x64|se|do)_sys_", "");
        }
        if (name == null) return "syscall_" + number;
        calls.put(number, name);
        return name;
    }

    /** @return the current task, or null if it is not known */
    public Tasks.Task task() {
        if (kernel() == null || tasks == null) return null;
        view.refresh();
        long at = tasks.current();
        if (at == 0) return null;
        if (task == null || at != lastTask || cpu.cr3 != lastSpace) {
            task = tasks.at(at);
            lastTask = at;
            lastSpace = cpu.cr3;
        }
        return task;
    }

    /** @return the task at an address, or null */
    Tasks.Task task(long address) {
        if (tasks == null) return null;
        view.refresh();
        return tasks.at(address);
    }

    public GuestView view() {
        view.refresh();
        return view;
    }

    /** @return what an error code says, such as "user write, not present" */
    public static String errorCode(int vector, int error) {
        if (vector == 14) {
            return ((error & 4) != 0 ? "user " : "kernel ")
                    + ((error & 16) != 0 ? "fetch" : (error & 2) != 0 ? "write" : "read")
                    + ((error & 8) != 0 ? ", reserved bit" : (error & 1) != 0 ? ", no permission" : ", not present")
                    + ((error & 64) != 0 ? ", shadow stack" : "");
        }
        if (vector < 10 || vector > 13 || error == 0) return null;
        return ((error & 2) != 0
                        ? "IDT vector " + (error >> 3)
                        : ((error & 4) != 0 ? "LDT" : "GDT") + " selector " + Integer.toHexString(error & 0xfff8))
                + ((error & 1) != 0 ? ", during delivery" : "");
    }
}
