package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static ringside.unwinder.SyntheticGuest.DATA;
import static ringside.unwinder.SyntheticGuest.OTHER_STACK;
import static ringside.unwinder.SyntheticGuest.STACK;
import static ringside.unwinder.SyntheticGuest.function;
import static ringside.unwinder.SyntheticGuest.names;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.unwinder.linux.LinuxKernel;

/**
 * Stacks on which Linux's probes have put their trampolines, with the kernel's lists laid out as its headers have them:
 * callers come from the lists of the task that is unwound.
 */
class TrampolinesTest {
    private static final long IPS = DATA, ENTRIES = DATA + 0x800, BTF = DATA + 0x1000, VARIABLES = DATA + 0x3000;
    /** current_task, the per-CPU variable; two tasks; what their lists hold; the list of BPF code. */
    private static final long CURRENT = VARIABLES + 8, TASK = VARIABLES + 0x100, OTHER_TASK = VARIABLES + 0x200;

    private static final long LISTS = VARIABLES + 0x300, OTHER_LISTS = VARIABLES + 0x500, BPF_LIST = VARIABLES + 0x800;
    private static final long OPS_LIST = VARIABLES + 0x810, OPS = VARIABLES + 0x820;
    private static final long GENERATED = 0xffff_ffff_c000_0000L;
    private static final long GRAPH = function(40), PROBE = function(41), FTRACE = function(42), REGS = function(43);
    private static final int CALL = 0x205, END = 0x100;

    private final SyntheticGuest guest = new SyntheticGuest();
    private final BtfBuilder types = new BtfBuilder();

    TrampolinesTest() {
        guest.cpu.seg[Cpu.GS].base = VARIABLES;
        guest.put(CURRENT, TASK);
        guest.map(guest.root, GENERATED);
    }

    /** Every function is one with an rbp frame; f62 has no caller; f44 has an 8-byte frame without rbp. */
    private KernelModel kernel(GuestView v, String probe) {
        record Entry(long from, int spOffset, int bpOffset, int fields) {}
        List<Entry> l = new ArrayList<>();
        for (int f = 0; f < SyntheticGuest.FUNCTIONS; f++) {
            if (f == 62) {
                l.add(new Entry(function(f), 0, 0, END));
            } else if (f == 42 || f == 43) {
                l.add(new Entry(function(f), 0x28, 0, CALL));
            } else {
                l.add(new Entry(function(f), 8, 0, CALL));
                l.add(new Entry(function(f) + 4, 16, -16, CALL - 1 | 0x10));
            }
        }
        ByteBuffer ips = ByteBuffer.allocate(4 * l.size()).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer entries = ByteBuffer.allocate(6 * l.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < l.size(); i++) {
            Entry e = l.get(i);
            ips.putInt((int) (e.from - (IPS + 4 * i)));
            entries.putShort((short) e.spOffset).putShort((short) e.bpOffset).putShort((short) e.fields);
        }
        guest.put(IPS, ips.array());
        guest.put(ENTRIES, entries.array());
        byte[] btf = types.section();
        guest.put(BTF, btf);
        return LinuxKernel.with(
                SyntheticGuest.symbols(
                        "__start_orc_unwind_ip",
                        IPS,
                        "__stop_orc_unwind_ip",
                        IPS + ips.capacity(),
                        "__start_orc_unwind",
                        ENTRIES,
                        "__start_BTF",
                        BTF,
                        "__stop_BTF",
                        BTF + btf.length,
                        "current_task",
                        8L,
                        "bpf_kallsyms",
                        BPF_LIST,
                        "ftrace_ops_list",
                        OPS_LIST,
                        "ftrace_caller",
                        FTRACE,
                        "ftrace_regs_caller",
                        REGS,
                        "return_to_handler",
                        GRAPH,
                        probe,
                        PROBE),
                v);
    }

    private Trace trace(GuestView v, Kind kind) {
        return new Unwinder(kernel(v, "arch_rethook_trampoline")).trace(kind, v);
    }

    /** A chain of rbp frames f0 .. f3 and f62 on a stack, one word of which a trampoline has replaced. */
    private GuestView chain(long stack, int replaced, long trampoline, long task) {
        for (int f = 0; f < 4; f++) {
            guest.put(stack + 0x100 + 0x20 * f, f == 3 ? 0 : stack + 0x120 + 0x20 * f);
            guest.put(stack + 0x108 + 0x20 * f, f + 1 == replaced ? trampoline : function(f == 3 ? 62 : f + 1) + 0x20);
        }
        guest.at(function(0) + 0x20, STACK + 0x80, STACK + 0x100);
        GuestView v = new GuestView(guest.cpu);
        return task == 0
                ? v
                : v.elsewhere(v.cr3(), function(0) + 0x20, stack + 0x80, stack + 0x100)
                        .ofTask(task);
    }

    private void graphTypes(boolean words) {
        int entry = types.struct(
                "ftrace_ret_stack",
                32,
                "ret",
                0,
                BtfBuilder.LONG,
                "func",
                8,
                BtfBuilder.LONG,
                "retp",
                24,
                BtfBuilder.LONG);
        types.struct(
                "task_struct",
                0x80,
                "curr_ret_stack",
                0x10,
                BtfBuilder.LONG,
                "ret_stack",
                0x18,
                types.pointer(words ? BtfBuilder.LONG : entry));
    }

    /** @param entries return address and stack word of each, the oldest first */
    private void graphEntries(long task, long at, boolean words, long... entries) {
        guest.put(task + 0x18, at);
        long place = at;
        for (int i = 0; i < entries.length; i += 2) {
            guest.put(place, entries[i]);
            guest.put(place + 24, entries[i + 1]);
            place += 32;
            if (words) guest.put(place, 4 | 1 << 12);
            if (words) place += 8;
        }
        guest.put4(task + 0x10 - 0, words ? (int) (place - at) / 8 : entries.length / 2 - 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"ORC", "FRAME_POINTER"})
    void aTracedFunctionsCallerComesFromTheReturnStack(Kind kind) {
        for (boolean words : new boolean[] {false, true}) {
            TrampolinesTest t = new TrampolinesTest();
            t.graphTypes(words);
            t.graphEntries(TASK, LISTS, words, function(9) + 0x30, STACK + 0x900, function(2) + 0x20, STACK + 0x128);
            Trace trace = t.trace(t.chain(STACK, 2, GRAPH, 0), kind);
            assertEquals(List.of("f0+20", "f1+20", "f2+20", "f3+20", "f62+20"), names(trace), trace.verdict());
            assertTrue(trace.reliable() || kind != Kind.ORC, trace.verdict());
            assertEquals(GRAPH, trace.frames().get(2).stored());
            assertEquals("f40", trace.frames().get(2).hook());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSleepingTasksCallerComesFromItsOwnReturnStack(boolean words) {
        graphTypes(words);
        graphEntries(TASK, LISTS, words, function(9) + 0x30, OTHER_STACK + 0x128);
        graphEntries(OTHER_TASK, OTHER_LISTS, words, function(2) + 0x20, OTHER_STACK + 0x128);
        Trace t = trace(chain(OTHER_STACK, 2, GRAPH, OTHER_TASK), Kind.ORC);
        assertEquals(List.of("f0+20", "f1+20", "f2+20", "f3+20", "f62+20"), names(t), t.verdict());
        assertTrue(t.reliable(), t.verdict());
    }

    /** A traced function that jumps to another one has two entries for one stack word; the later leads to the first. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tailCallsOfTracedFunctionsLeadToTheFirstCaller(boolean words) {
        graphTypes(words);
        graphEntries(TASK, LISTS, words, function(2) + 0x20, STACK + 0x128, GRAPH, STACK + 0x128);
        assertEquals("f2+20", names(trace(chain(STACK, 2, GRAPH, 0), Kind.ORC)).get(2));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTrampolineThatRunsKnowsWhereItGoes(boolean words) {
        graphTypes(words);
        long slot = STACK + 0x108;
        guest.put(STACK + 0x120, STACK + 0x140);
        chain(STACK, 0, 0, 0);
        // the entry is still there, then it has been taken off: what lies above the newest one
        for (int taken = 0; taken < 2; taken++) {
            graphEntries(TASK, LISTS, words, function(9) + 0x30, STACK + 0x900, function(1) + 0x20, slot);
            if (taken == 1) guest.put4(TASK + 0x10, words ? 5 : 0);
            Trace t = trace(guest.at(GRAPH + 0x10, slot + 8 - 0x18, STACK + 0x120), Kind.ORC);
            assertEquals(List.of("f40+10", "f1+20", "f2+20", "f3+20", "f62+20"), names(t), t.verdict());
            assertTrue(t.reliable(), t.verdict());
        }
    }

    private void nodes(String struct, String link, String slot, String path) {
        types.struct(struct, 0x40, link, 8, BtfBuilder.LONG, "ret_addr", 0x20, BtfBuilder.LONG, slot, 0x28, 1);
        int head = types.struct("llist_head", 8, "first", 0, BtfBuilder.LONG);
        types.struct("task_struct", 0x80, path, 0x30, head);
    }

    /** Nodes of a task, the newest first: return address and stack word of each. */
    private void nodes(long task, long at, long... entries) {
        long link = task + 0x30;
        for (int i = 0; i < entries.length; i += 2) {
            long node = at + 0x20 * i;
            guest.put(link, node + 8);
            link = node + 8;
            guest.put(node + 0x20, entries[i]);
            guest.put(node + 0x28, entries[i + 1]);
        }
        guest.put(link, 0);
    }

    @Test
    void rethooksAreThoseOfTheTaskThatIsUnwound() {
        nodes("rethook_node", "llist", "frame", "rethooks");
        nodes(TASK, LISTS, function(9) + 0x30, OTHER_STACK + 0x128, function(2) + 0x20, STACK + 0x128);
        nodes(OTHER_TASK, OTHER_LISTS, function(5) + 0x20, OTHER_STACK + 0x128);
        for (Kind kind : new Kind[] {Kind.ORC, Kind.FRAME_POINTER}) {
            Trace running = trace(chain(STACK, 2, PROBE, 0), kind);
            assertEquals(List.of("f0+20", "f1+20", "f2+20", "f3+20", "f62+20"), names(running), running.verdict());
            Trace sleeping = trace(chain(OTHER_STACK, 2, PROBE, OTHER_TASK), kind);
            assertEquals(List.of("f0+20", "f1+20", "f5+20", "f3+20", "f62+20"), names(sleeping), sleeping.verdict());
        }
    }

    @Test
    void kretprobesBeforeRethooksHaveInstances() {
        nodes("kretprobe_instance", "llist", "fp", "kretprobe_instances");
        nodes(TASK, LISTS, function(2) + 0x20, STACK + 0x128);
        GuestView v = chain(STACK, 2, PROBE, 0);
        Trace t = new Unwinder(kernel(v, "__kretprobe_trampoline")).trace(Kind.ORC, v);
        assertEquals(List.of("f0+20", "f1+20", "f2+20", "f3+20", "f62+20"), names(t), t.verdict());
    }

    @Test
    void aCallerThatNoListKnowsIsMissingAndTheTraceSaysSo() {
        nodes("rethook_node", "llist", "frame", "rethooks");
        nodes(TASK, LISTS, function(9) + 0x30, STACK + 0x900);
        for (Kind kind : new Kind[] {Kind.ORC, Kind.FRAME_POINTER}) {
            Trace t = trace(chain(STACK, 2, PROBE, 0), kind);
            assertFalse(t.reliable());
            assertTrue(t.warnings().stream().anyMatch(w -> w.kind() == Warning.Kind.RETURN_REPLACED), t.verdict());
        }
    }

    /** Lists that lead back to themselves, or nowhere, end. */
    @Test
    void damagedListsEnd() {
        nodes("rethook_node", "llist", "frame", "rethooks");
        guest.put(TASK + 0x30, LISTS + 8);
        guest.put(LISTS + 8, LISTS + 8);
        assertFalse(trace(chain(STACK, 2, PROBE, 0), Kind.ORC).reliable());
        guest.put(LISTS + 8, 0x1234_5678_9abcL);
        assertFalse(trace(chain(STACK, 2, PROBE, 0), Kind.ORC).reliable());
    }

    private void bpf(long symbol, long from, long to, String name) {
        guest.put(symbol, from);
        guest.put(symbol + 8, to);
        guest.put(symbol + 0x10, (name + "\0").getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void bpfProgramsHaveTheKernelsNamesAndTheirFramesAreReliable() {
        types.struct(
                "bpf_ksym",
                0x100,
                "start",
                0,
                BtfBuilder.LONG,
                "end",
                8,
                BtfBuilder.LONG,
                "name",
                0x10,
                2,
                "lnode",
                0x80,
                BtfBuilder.LONG);
        long symbol = VARIABLES + 0x900;
        bpf(symbol, GENERATED, GENERATED + 0x100, "bpf_prog_0123456789abcdef_look");
        guest.put(BPF_LIST, symbol + 0x80);
        guest.put(symbol + 0x80, BPF_LIST);
        // nop5, xor eax, eax, the frame, sub; a call at 40h; at 60h the way out
        guest.write(GENERATED, 0x0f, 0x1f, 0x44, 0, 0, 0x31, 0xc0, 0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x20);
        for (int i = 15; i < 0x60; i++) guest.write(GENERATED + i, 0x90);
        guest.write(GENERATED + 0x3b, 0xe8, 0, 0, 0, 0);
        guest.write(GENERATED + 0x60, 0xc9, 0xc3);
        chain(STACK, 1, GENERATED + 0x40, 0);
        guest.put(STACK + 0x128, function(2) + 0x20);
        Trace t = trace(guest.at(function(0) + 0x20, STACK + 0x80, STACK + 0x100), Kind.ORC);
        String name = "bpf_prog_0123456789abcdef_look";
        assertEquals(List.of("f0+20", name + "+40", "f2+20", "f3+20", "f62+20"), names(t));
        assertTrue(t.reliable(), t.verdict());
        assertEquals(name + "+0x40/0x100 [bpf]", t.frames().get(1).toString());
        // interrupted before the frame, in it, and behind LEAVE
        guest.put(STACK + 0xf8, function(1) + 0x20);
        t = trace(guest.at(GENERATED + 5, STACK + 0xf8, STACK + 0x100), Kind.ORC);
        assertEquals(List.of(name + "+5", "f1+20"), names(t).subList(0, 2), t.verdict());
        assertTrue(t.reliable(), t.verdict());
        guest.put(STACK + 0x108, function(1) + 0x20);
        t = trace(guest.at(GENERATED + 0x20, STACK + 0x80, STACK + 0x100), Kind.ORC);
        assertEquals(List.of(name + "+20", "f1+20"), names(t).subList(0, 2), t.verdict());
        assertTrue(t.reliable(), t.verdict());
        t = trace(guest.at(GENERATED + 0x61, STACK + 0x108, STACK + 0x120), Kind.ORC);
        assertEquals(List.of(name + "+61", "f1+20"), names(t).subList(0, 2), t.verdict());
        assertTrue(t.reliable(), t.verdict());
        // the program is gone and another one lies there
        bpf(symbol, GENERATED + 0x10, GENERATED + 0x200, "bpf_trampoline_6442");
        t = trace(guest.at(function(0) + 0x20, STACK + 0x80, STACK + 0x100), Kind.ORC);
        assertEquals("f1+20", names(t).get(1));
        assertEquals(
                "bpf_trampoline_6442+0x30/0x1f0 [bpf]",
                trace(guest.at(GENERATED + 0x40, STACK + 0x80, STACK + 0x100), Kind.ORC)
                        .frames()
                        .getFirst()
                        .toString());
    }

    /** ftrace's copies have the rows of the code that they are copies of, found by their bytes. */
    @Test
    void ftracesCopiesAreUnwoundAsTheirOriginals() {
        types.struct("ftrace_ops", 0x40, "next", 8, 1, "trampoline", 0x10, 1, "trampoline_size", 0x18, BtfBuilder.LONG);
        guest.put(OPS_LIST, OPS);
        guest.put(OPS + 8, 0);
        guest.put(OPS + 0x10, GENERATED);
        guest.put(OPS + 0x18, 0x80);
        for (int i = 0; i < 0x80; i++) {
            int b = i == 0x3b ? 0xe8 : 0x40 + (i & 7);
            guest.write(REGS + i, b);
            guest.write(GENERATED + i, b);
        }
        chain(STACK, 0, 0, 0);
        guest.put(STACK + 0x108, GENERATED + 0x40);
        guest.put(STACK + 0x110 + 0x20, function(2) + 0x20);
        Trace t = trace(guest.at(function(0) + 0x20, STACK + 0x80, STACK + 0x100), Kind.ORC);
        assertEquals("ftrace_trampoline+40", names(t).get(1));
        assertEquals("f2+20", names(t).get(2), t.verdict());
        assertEquals(
                "ftrace_trampoline+0x40/0x80 [__builtin__ftrace]",
                t.frames().get(1).toString());
    }
}
