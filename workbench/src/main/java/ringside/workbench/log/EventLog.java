package ringside.workbench.log;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.Observer;
import ringside.decoder.Decoder;
import ringside.decoder.Formatter;
import ringside.decoder.Instruction;
import ringside.machine.Machine;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.linux.Tasks;

/**
 * Writes one line for each event of the chosen kinds, and keeps the last ones for the end of a bad run. An observer: it
 * changes nothing in the guest, and both engines give the same lines.
 */
public final class EventLog implements Observer {
    private static final int MOST_TASKS = 4096;

    private final Machine machine;
    private final Cpu cpu;
    private final Names names;
    private final Set<LogKind> kinds;
    private final LogFilter filter;
    private final LogLine line;
    private final OutputStream out;
    private final int keep;
    private final ArrayDeque<String> last = new ArrayDeque<>();
    /** System calls that have not returned, by task. */
    private final Map<Long, Integer> calls = new HashMap<>();

    private final byte[] bytes = new byte[Instruction.MAX_LENGTH];
    private Set<Interest> interests;
    private long switchTo;
    private long retired;
    private Tasks.Task task;
    private long lines;

    /**
     * @param out where the lines go, or null
     * @param keep lines that are kept for {@link #last}
     */
    public EventLog(
            Machine machine,
            Names names,
            Set<LogKind> kinds,
            LogFilter filter,
            boolean json,
            OutputStream out,
            int keep) {
        this.machine = machine;
        this.cpu = machine.cpu();
        this.names = names;
        this.kinds = kinds;
        this.filter = filter;
        this.line = new LogLine(json);
        this.out = out;
        this.keep = keep;
    }

    /** Begins to listen. */
    public void start() {
        interests = EnumSet.noneOf(Interest.class);
        for (LogKind k : kinds) interests.add(k.interest);
        retired = cpu.instructions();
        cpu.observers.add(this);
    }

    /** Listens no more; what was written is flushed. */
    public void stop() {
        cpu.observers.remove(this);
        flush();
    }

    public void flush() {
        try {
            if (out != null) out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return the last lines, the oldest first */
    public List<String> last() {
        return new ArrayList<>(last);
    }

    /** @return lines written so far */
    public long lines() {
        return lines;
    }

    @Override
    public Set<Interest> interests() {
        return interests;
    }

    // ---- lines ----

    /** @return whether the kind is wanted, and the current task too; then a line has been begun */
    private boolean begin(LogKind kind, long instruction) {
        if (!kinds.contains(kind)) return false;
        task = names.task();
        if (!filter.isEmpty()) {
            if (task == null && (filter.asks("pid") || filter.asks("comm"))) return false;
            if (task != null && !(filter.passes("pid", task.pid()) && filter.passes("comm", task.comm()))) return false;
        }
        line.begin(instruction, kind, task == null ? null : task.comm(), task == null ? 0 : task.pid());
        return true;
    }

    private boolean begin(LogKind kind) {
        return begin(kind, cpu.instructions());
    }

    private void end() {
        StringBuilder s = line.end();
        lines++;
        if (keep > 0) {
            if (last.size() == keep) last.removeFirst();
            last.add(s.substring(0, s.length() - 1));
        }
        if (out == null) return;
        try {
            for (int i = 0; i < s.length(); i++) out.write(s.charAt(i));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LogLine at(long address) {
        return line.address("at", address, names.symbol(address));
    }

    // ---- what happens ----

    @Override
    public boolean event(Cpu c, int vector, int error, boolean software) {
        LogKind kind = vector == 2 && !software ? LogKind.NMI : vector < 32 ? LogKind.EXCEPTION : LogKind.INT;
        if (!filter.passes("vector", vector) || !filter.passes("at", c.codeLinear()) || !begin(kind)) return false;
        line.text("name", names.vector(vector));
        if (software) line.text("by", "by instruction");
        if (error >= 0) {
            line.hex("error", error);
            line.text("meaning", decoded(vector, error));
        }
        if (vector == 14) line.hex("cr2", c.cr2);
        at(c.codeLinear()).number("cpl", c.cpl);
        end();
        return false;
    }

    private static String decoded(int vector, int error) {
        String m = Names.errorCode(vector, error);
        return m == null ? null : "(" + m + ")";
    }

    @Override
    public void entered(Cpu c, ShadowEntry.Kind kind, int vector, long from, long sp, boolean user) {
        // AMD's SYSCALL of 32-bit code
        boolean fast32 = kind == ShadowEntry.Kind.SYSCALL && !c.code64();
        boolean compat = fast32
                || kind == ShadowEntry.Kind.SYSENTER
                || kind == ShadowEntry.Kind.SOFTWARE_INTERRUPT && vector == 0x80;
        if (kind != ShadowEntry.Kind.SYSCALL && !compat || !user) return;
        int number = (int) c.gpr[Cpu.RAX];
        String name = compat ? "compat_" + number : names.systemCall(number);
        if (!filter.passes("syscall", name) || !begin(LogKind.SYSCALL)) return;
        if (task != null && calls.size() < MOST_TASKS) calls.put(task.address(), number);
        line.text("name", name);
        // ECX is not the caller's there, so that the second argument is in EBP and the sixth on the stack
        int[] arguments = fast32
                ? new int[] {Cpu.RBX, Cpu.RBP, Cpu.RDX, Cpu.RSI, Cpu.RDI}
                : compat
                        ? new int[] {Cpu.RBX, Cpu.RCX, Cpu.RDX, Cpu.RSI, Cpu.RDI, Cpu.RBP}
                        : new int[] {Cpu.RDI, Cpu.RSI, Cpu.RDX, 10, 8, 9};
        for (int i = 0; i < arguments.length; i++) line.hex("a" + i, c.gpr[arguments[i]]);
        line.hex("from", from);
        end();
    }

    @Override
    public void returned(Cpu c, boolean user) {
        if (!user) return;
        Tasks.Task t = names.task();
        Integer number = t == null ? null : calls.remove(t.address());
        if (number == null) return;
        String name = names.systemCall(number);
        if (!filter.passes("syscall", name) || !begin(LogKind.SYSCALL)) return;
        line.text("name", name).number("returned", c.gpr[Cpu.RAX]);
        end();
    }

    @Override
    public void port(Cpu c, int port, int size, int value, boolean write) {
        if (!filter.passes("port", port) || !begin(LogKind.IO)) return;
        line.text("direction", write ? "out" : "in")
                .hex("port", port)
                .number("bytes", size)
                .hex("value", value & -1L >>> 64 - 8 * size);
        at(c.codeLinear());
        end();
    }

    @Override
    public void mmio(Cpu c, long pa, int size, long value, boolean write) {
        if (!begin(LogKind.MMIO)) return;
        line.text("direction", write ? "write" : "read")
                .hex("physical", pa)
                .number("bytes", size)
                .hex("value", value);
        at(c.codeLinear());
        end();
    }

    @Override
    public void msr(Cpu c, int number, long value, boolean write) {
        if (!filter.passes("msr", number & 0xffff_ffffL) || !begin(LogKind.MSR)) return;
        line.text("direction", write ? "write" : "read")
                .hex("msr", number & 0xffff_ffffL)
                .hex("value", value);
        at(c.codeLinear());
        end();
    }

    @Override
    public void control(Cpu c, int register, long old) {
        if (!begin(LogKind.CR)) return;
        long now = switch (register) {
            case 0 -> c.cr0;
            case 3 -> c.cr3;
            case 4 -> c.cr4;
            default -> c.bus.taskPriority();
        };
        line.text("register", "cr" + register).hex("old", old).hex("new", now);
        at(c.codeLinear());
        end();
    }

    @Override
    public boolean breaksAt(long la) {
        return switchTo != 0 && la == switchTo;
    }

    @Override
    public void breakpoint(Cpu c) {
        c.observers.passOnce();
        if (!begin(LogKind.TASK)) return;
        Tasks.Task to = names.task(c.gpr[Cpu.RSI]);
        if (to == null) return;
        line.text("to", "-> " + to.comm() + "/" + to.pid());
        end();
    }

    /**
     * Looks for the kernel's change of tasks, as soon as its symbols are known; to be called between two runs of the
     * machine.
     */
    public void look() {
        if (switchTo != 0 || !kinds.contains(LogKind.TASK) || names.kernel() == null) return;
        Long a = names.kernel().symbols().address("__switch_to");
        if (a == null) return;
        switchTo = a;
        cpu.observers.changed();
    }

    /** @return whether {@link #look} is still of use */
    public boolean looks() {
        return kinds.contains(LogKind.TASK) && switchTo == 0;
    }

    @Override
    public void retired(Cpu c, long rip, int instructions, boolean translated) {
        long at = rip;
        for (int i = 0; i < instructions; i++) {
            retired++;
            Instruction in = decoded(at);
            if (filter.passes("at", at) && begin(LogKind.INSN, retired)) {
                line.address("at", at, names.symbol(at))
                        .text("text", in == null ? "(unreadable)" : Formatter.format(in, at));
                end();
            }
            if (in == null) {
                retired += instructions - i - 1;
                return;
            }
            at += in.length;
        }
    }

    private Instruction decoded(long la) {
        int n = names.view().read(la, bytes, 0, bytes.length);
        Instruction in = new Instruction();
        int bits = cpu.code64() ? 64 : (cpu.mode & Cpu.MODE_MASK) == Cpu.MODE_32 ? 32 : 16;
        return n > 0 && Decoder.decode(bytes, 0, n, bits, in) > 0 ? in : null;
    }

    @Override
    public void access(Cpu c, long la, int size, boolean write) {
        if (!filter.passes("at", la) || !begin(LogKind.MEM)) return;
        line.text("direction", write ? "write" : "read").hex("address", la).number("bytes", size);
        end();
    }

    @Override
    public void translated(Cpu c, long pa, int blocks, int instructions) {
        if (!begin(LogKind.TRANSLATE)) return;
        line.text("what", "translated").hex("page", pa).number("blocks", blocks).number("instructions", instructions);
        end();
    }

    @Override
    public void dropped(Cpu c, long pa) {
        if (!begin(LogKind.TRANSLATE)) return;
        if (pa == -1) line.text("what", "dropped everything");
        else line.text("what", "dropped").hex("page", pa);
        end();
    }
}
