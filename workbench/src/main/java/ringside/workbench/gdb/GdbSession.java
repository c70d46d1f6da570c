package ringside.workbench.gdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import ringside.machine.Machine;
import ringside.workbench.debug.Debugger;
import ringside.workbench.debug.Position;
import ringside.workbench.debug.Stop;
import ringside.workbench.debug.Watchpoint;
import ringside.workbench.gdb.Fields.Malformed;
import ringside.workbench.monitor.Monitor;

/**
 * One client, from its first packet to its last: on the machine's thread, which runs the guest when the client says so.
 * All-stop; the one processor is thread 1. Source: GDB manual, appendix E.
 */
final class GdbSession {
    /** How it ended. */
    enum End {
        DETACHED,
        KILLED,
        GONE,
        GUEST_ENDED
    }

    static final int PACKET_SIZE = 0x4000;
    private static final int WAIT_MS = 50;
    private static final String OK = "OK", MALFORMED = "E16", NO_MEMORY = "E0e", NO_THREAD = "E03";
    private static final Stop INTERRUPTED = new Stop(Stop.Reason.INTERRUPTED, null, null, null);
    private static final int SIGINT = 2, SIGTRAP = 5, SIGTERM = 15;

    private final Connection connection;
    private final Debugger debugger;
    private final Machine machine;
    private final Monitor monitor;
    private final GdbServer.Settings settings;
    private final MemoryAccess memory;
    private final Queries queries;
    private final TargetRegisters registers;
    private boolean masked = true;
    /** The guest's tasks at this stop, once somebody asked for them. */
    private List<GuestThread> tasks;
    /** Whose registers the client wants; null for the processor's. */
    private GuestThread chosen;
    /** Why the guest stands; what '?' and every resumption answer. */
    private String standing = "S05";

    private Stop last;
    private Position endedAt;
    private End end;

    GdbSession(Connection connection, Debugger debugger, Monitor monitor, GdbServer.Settings settings) {
        this.connection = connection;
        this.debugger = debugger;
        this.machine = debugger.machine();
        this.monitor = monitor;
        this.settings = settings;
        memory = new MemoryAccess(machine.cpu());
        registers = new TargetRegisters(
                machine.cpu(), settings.wide() || machine.cpu().longMode());
        queries = new Queries(this);
    }

    TargetRegisters registers() {
        return registers;
    }

    MemoryAccess memory() {
        return memory;
    }

    Debugger debugger() {
        return debugger;
    }

    Connection connection() {
        return connection;
    }

    Monitor monitor() {
        return monitor;
    }

    boolean masked() {
        return masked;
    }

    void masked(boolean on) {
        masked = on;
    }

    /** Serves the client until it leaves or the guest's run is over. */
    End serve() throws InterruptedException {
        standing = stopReply(SIGTRAP, "");
        try {
            while (end == null) {
                byte[] packet = connection.receive(WAIT_MS);
                if (packet != null) {
                    String answer = answer(packet);
                    if (answer != null && end == null) connection.send(answer);
                } else if (connection.ended()) {
                    end = End.GONE;
                } else if (settings.over().getAsBoolean()) {
                    connection.send("X0f");
                    end = End.GUEST_ENDED;
                }
            }
        } catch (IOException e) {
            end = End.GONE;
        }
        return end;
    }

    /** @return the answer; null if there is none to give, or it has been given */
    private String answer(byte[] packet) throws IOException {
        String text = new String(packet, StandardCharsets.ISO_8859_1);
        if (text.isEmpty()) return "";
        try {
            return dispatch(text, packet);
        } catch (Malformed e) {
            return MALFORMED;
        }
    }

    private String dispatch(String text, byte[] packet) throws Malformed, IOException {
        Fields f = new Fields(text, 1);
        return switch (text.charAt(0)) {
            case '?' -> standing;
            case 'g' -> allRegisters();
            case 'G' -> writeAll(f.bytes());
            case 'p' -> oneRegister(f.hex(Integer.MAX_VALUE));
            case 'P' -> writeOne(f);
            case 'm' -> read(f.hex(), f.expect(',').hex(Integer.MAX_VALUE), f);
            case 'M' ->
                write(
                        f.hex(),
                        f.expect(',').hex(Integer.MAX_VALUE),
                        f.expect(':').bytes());
            case 'X' -> write(f.hex(), f.expect(',').hex(Integer.MAX_VALUE), binary(f.expect(':'), packet));
            case 'Z', 'z' -> stopAt(text.charAt(0) == 'Z', f);
            case 'c' -> resumeAt(f, false);
            case 's' -> resumeAt(f, true);
            case 'C', 'S' -> {
                f.hex(255); // no signal can be given to a machine
                if (!f.end()) f.expect(';');
                yield resumeAt(f, text.charAt(0) == 'S');
            }
            case 'b' -> back(f);
            case 'v' -> verbose(text);
            case 'q', 'Q' -> queries.answer(text);
            case 'H' -> choose(f);
            case 'T' -> alive(f.rest()) ? OK : NO_THREAD;
            case 'D' -> {
                connection.send(OK);
                end = End.DETACHED;
                yield null;
            }
            case 'k' -> {
                end = End.KILLED;
                yield null;
            }
            default -> "";
        };
    }

    /** @return the thread's part of an identifier: clients may put a process before it */
    private static String withoutProcess(String id) {
        return id.startsWith("p") ? id.substring(id.indexOf('.') + 1) : id;
    }

    /** @return whether this names the one thread, or any */
    static boolean thread(String id) {
        String t = withoutProcess(id);
        return t.equals("0") || t.equals("-1") || t.matches("0*1");
    }

    private String choose(Fields f) throws Malformed {
        boolean registers = f.take('g');
        if (!registers) f.expect('c');
        String id = f.rest();
        GuestThread t = thread(id) ? null : task(id);
        if (t == null && !thread(id)) return NO_THREAD;
        if (registers) chosen = t;
        return OK;
    }

    private boolean alive(String id) {
        return thread(id) || task(id) != null;
    }

    /** @return the guest's tasks that do not run; none if they were not asked to be threads */
    List<GuestThread> tasks() {
        if (tasks == null) tasks = settings.tasks().get();
        return tasks;
    }

    /** @return the task with an identifier as the client writes it, or null */
    GuestThread task(String id) {
        String t = withoutProcess(id);
        if (!t.matches("[0-9a-fA-F]{1,15}")) return null;
        long n = Long.parseLong(t, 16);
        for (GuestThread g : tasks()) {
            if (g.id() == n) return g;
        }
        return null;
    }

    /**
     * @return where the client is to take the kernel's symbols to be: a kernel may lie elsewhere than it was linked for
     */
    String offsets() {
        Long text = settings.text().get();
        return text == null ? "" : String.format("TextSeg=%x", text);
    }

    // ---- registers ----

    private String allRegisters() {
        StringBuilder s = new StringBuilder();
        for (int n = 0; n < registers.all().size(); n++) s.append(value(n));
        return s.toString();
    }

    /** @return a register of the processor, or of the chosen task: x for what it did not leave anywhere */
    private String value(int n) {
        TargetRegisters.Register r = registers.all().get(n);
        if (chosen == null) return HexFormat.of().formatHex(registers.read(n));
        Long v = LeftRegisters.of(chosen.view(), r.name());
        if (v == null) return "xx".repeat(r.bytes());
        StringBuilder s = new StringBuilder();
        for (int k = 0; k < r.bytes(); k++) s.append(String.format("%02x", v >>> 8 * k & 0xff));
        return s.toString();
    }

    private String writeAll(byte[] values) throws Malformed {
        if (chosen != null) return NO_THREAD;
        int size = 0;
        for (TargetRegisters.Register r : registers.all()) size += r.bytes();
        if (values.length != size) throw new Malformed();
        String refused = null;
        for (int n = 0, at = 0; n < registers.all().size(); n++) {
            int bytes = registers.all().get(n).bytes();
            String why = set(n, Arrays.copyOfRange(values, at, at + bytes));
            if (refused == null) refused = why;
            at += bytes;
        }
        changed();
        return refused == null ? OK : refused;
    }

    private String oneRegister(int n) {
        return n < registers.all().size() ? value(n) : "E02";
    }

    private String writeOne(Fields f) throws Malformed {
        int n = f.hex(Integer.MAX_VALUE);
        byte[] value = f.expect('=').bytes();
        if (n >= registers.all().size()) return "E02";
        if (chosen != null) return NO_THREAD;
        if (value.length != registers.all().get(n).bytes()) throw new Malformed();
        String refused = set(n, value);
        changed();
        return refused == null ? OK : refused;
    }

    /** @return null, or the answer that refuses it */
    private String set(int n, byte[] value) {
        try {
            registers.write(n, value);
            return null;
        } catch (TargetRegisters.Refused e) {
            return "E." + e.getMessage();
        }
    }

    private void changed() {
        memory.refresh();
        debugger.changed();
    }

    // ---- memory ----

    private String read(long address, int length, Fields f) throws Malformed {
        f.expectEnd();
        if (length > PACKET_SIZE) throw new Malformed();
        byte[] bytes = memory.read(address, length);
        return bytes.length == 0 && length > 0 ? NO_MEMORY : HexFormat.of().formatHex(bytes);
    }

    private String write(long address, int length, byte[] bytes) throws Malformed {
        if (bytes.length != length) throw new Malformed();
        if (length == 0) return OK;
        if (!memory.write(address, bytes)) return NO_MEMORY;
        debugger.changed();
        return OK;
    }

    private static byte[] binary(Fields f, byte[] packet) {
        return Arrays.copyOfRange(packet, f.position(), packet.length);
    }

    // ---- breakpoints and watchpoints ----

    private String stopAt(boolean set, Fields f) throws Malformed {
        int type = f.hex(9);
        long address = f.expect(',').hex();
        int kind = f.expect(',').hex(1 << 20);
        if (!f.end()) f.expect(';'); // conditions, which nothing here offers to look at
        switch (type) {
            case 0, 1 -> {
                long la = registers.wide() ? address : address & 0xffff_ffffL;
                if (set) debugger.addBreakpoint(la);
                else debugger.removeBreakpoint(la);
            }
            case 2, 3, 4 -> {
                if (kind == 0) throw new Malformed();
                Watchpoint w = new Watchpoint(
                        address,
                        kind,
                        type == 2
                                ? Watchpoint.Access.WRITE
                                : type == 3 ? Watchpoint.Access.READ : Watchpoint.Access.ANY);
                if (set) debugger.addWatchpoint(w);
                else debugger.removeWatchpoint(w);
            }
            default -> {
                return "";
            }
        }
        return OK;
    }

    // ---- running ----

    private String resumeAt(Fields f, boolean step) throws Malformed, IOException {
        if (!f.end()) {
            long rip = f.hex();
            f.expectEnd();
            machine.cpu().rip = rip;
            machine.cpu().attention = true;
            changed();
        }
        return step ? run(() -> debugger.step(masked, settings.limit())) : go();
    }

    private String go() throws IOException {
        return run(() -> debugger.resume(settings.limit()));
    }

    private String back(Fields f) throws Malformed, IOException {
        boolean step = f.take('s');
        if (!step) f.expect('c');
        f.expectEnd();
        return run(step ? debugger::stepBack : debugger::resumeBack);
    }

    private String verbose(String text) throws Malformed, IOException {
        if (text.equals("vCont?")) return "vCont;c;C;s;S;r";
        if (text.startsWith("vKill")) {
            connection.send(OK);
            end = End.KILLED;
            return null;
        }
        if (!text.startsWith("vCont;")) return "";
        Fields f = new Fields(text, 6);
        Fields action = new Fields(f.until(';'), 0);
        char what = action.take('c')
                ? 'c'
                : action.take('C') ? 'C' : action.take('s') ? 's' : action.take('S') ? 'S' : action.take('r') ? 'r' : 0;
        long from = 0;
        long to = 0;
        switch (what) {
            case 'C', 'S' -> action.hex(255);
            case 'r' -> {
                from = action.hex();
                to = action.expect(',').hex();
            }
            case 0 -> throw new Malformed();
            default -> {}
        }
        if (!action.end() && !thread(action.expect(':').rest())) return NO_THREAD;
        long start = from;
        long stop = to;
        return switch (what) {
            case 'c', 'C' -> go();
            case 's', 'S' -> run(() -> debugger.step(masked, settings.limit()));
            default -> run(() -> stepWhileIn(start, stop));
        };
    }

    /** Steps once, and on while the guest stands in a range of addresses. */
    private Stop stepWhileIn(long from, long to) {
        Stop s;
        do {
            s = debugger.step(masked, settings.limit());
        } while (s.reason() == Stop.Reason.STEPPED
                && !connection.wantsAttention()
                && Long.compareUnsigned(machine.cpu().rip, from) >= 0
                && Long.compareUnsigned(machine.cpu().rip, to) < 0);
        return s;
    }

    private interface Run {
        Stop run();
    }

    /** Lets the guest run, and answers when it stands again. */
    private String run(Run r) throws IOException {
        if (last != null
                && last.reason() == Stop.Reason.ENDED
                && debugger.position().equals(endedAt)) {
            end = End.GUEST_ENDED;
            connection.send("W00");
            return null;
        }
        machine.cancelStop();
        Stop s = connection.wantsAttention() || settings.over().getAsBoolean() ? INTERRUPTED : r.run();
        last = s;
        tasks = null;
        chosen = null;
        memory.refresh();
        standing = report(s);
        return standing;
    }

    private String report(Stop s) throws IOException {
        return switch (s.reason()) {
            case STEPPED -> stopReply(SIGTRAP, "");
            // gdb ignores a breakpoint's stop where it knows of none: one that followed the kernel is a plain trap
            case BREAKPOINT ->
                stopReply(
                        SIGTRAP,
                        queries.tellsSoftwareBreakpoints() && debugger.standsAtBreakpoint() ? "swbreak:;" : "");
            case WATCHPOINT ->
                stopReply(
                        SIGTRAP,
                        switch (s.watchpoint().access()) {
                                    case WRITE -> "watch";
                                    case READ -> "rwatch";
                                    case ANY -> "awatch";
                                }
                                + String.format(":%x;", s.watchpoint().address()));
            case CAUGHT -> {
                say("ringside: " + s.text() + "\n");
                yield stopReply(SIGTRAP, "");
            }
            case INTERRUPTED -> stopReply(SIGINT, "");
            case BEGINNING -> stopReply(SIGTRAP, "replaylog:begin;");
            case ENDED -> {
                endedAt = debugger.position();
                say("ringside: the run is over ("
                        + s.outcome().reason().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                        + "). Look around, or go back with reverse-continue; continue ends it.\n");
                yield stopReply(SIGTERM, "");
            }
        };
    }

    /** A stop reply with the registers that every client asks for next. */
    private String stopReply(int signal, String why) {
        StringBuilder s = new StringBuilder(String.format("T%02x%s", signal, why));
        for (String name : registers.wide() ? List.of("rbp", "rsp", "rip") : List.of("ebp", "esp", "eip")) {
            int n = registers.number(name);
            s.append(String.format("%02x:", n))
                    .append(HexFormat.of().formatHex(registers.read(n)))
                    .append(';');
        }
        return s.append("thread:01;").toString();
    }

    /** Shows text at the client's console; only while it waits for the guest, or for a command of the monitor. */
    void say(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < bytes.length; at += PACKET_SIZE / 4) {
            connection.send("O" + HexFormat.of().formatHex(bytes, at, Math.min(bytes.length, at + PACKET_SIZE / 4)));
        }
    }
}
