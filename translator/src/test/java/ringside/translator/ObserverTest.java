package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import ringside.boot.BootOptions;
import ringside.boot.Loader;
import ringside.cpu.Cpu;
import ringside.cpu.Observer;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.machine.Breakpoints;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.shadow.ShadowEntry;
import ringside.snapshot.StateHash;

/** Observers are told the same by both engines, several at once, and change nothing in the guest. */
class ObserverTest {
    private static final Path DEMO = Path.of("../testdata/demo/demo.elf");

    private static Machine demo(Machine.EngineFactory engine) throws Exception {
        Machine m = new Machine(MachineConfig.standard(), engine);
        Loader.load(m, DEMO, BootOptions.NONE.withAppend("skip=9"));
        return m;
    }

    /** Writes down everything but instructions; those as their number and a sum over their addresses. */
    private static final class Diary implements Observer {
        private final Set<Interest> interests;
        private final List<String> lines = new ArrayList<>();
        private final Instruction decoded = new Instruction();
        private final Map<Long, Integer> lengths = new HashMap<>();
        private final byte[] code = new byte[Instruction.MAX_LENGTH];
        long retired, translated, sum;

        Diary(Set<Interest> interests) {
            this.interests = interests;
        }

        @Override
        public Set<Interest> interests() {
            return interests;
        }

        @Override
        public void retired(Cpu cpu, long rip, int instructions, boolean inRegion) {
            retired += instructions;
            if (inRegion) translated += instructions;
            // each instruction counts, wherever the engine cut the run
            for (int i = 0; i < instructions; i++) {
                sum = sum * 31 + rip;
                rip += lengths.computeIfAbsent(rip, at -> length(cpu, at));
            }
        }

        /** The demo's code does not change. */
        private int length(Cpu cpu, long rip) {
            for (int i = 0; i < code.length; i++) {
                long pa = cpu.mem.probe(rip + i);
                code[i] = pa < 0 ? 0 : (byte) cpu.physical.read(pa, 1);
            }
            int bits = cpu.code64() ? 64 : 32;
            Decoder.decode(code, 0, code.length, bits, decoded);
            return decoded.length;
        }

        private void note(String format, Object... values) {
            lines.add(retired + " " + sum + " " + String.format(format, values));
        }

        @Override
        public boolean event(Cpu cpu, int vector, int error, boolean software) {
            note("event %d %d %b", vector, error, software);
            return false;
        }

        @Override
        public void entered(Cpu cpu, ShadowEntry.Kind kind, int vector, long from, long sp, boolean user) {
            note("entered %s %d from %x", kind, vector, from);
        }

        @Override
        public void returned(Cpu cpu, boolean user) {
            note("returned to %x, user %b", cpu.rip, user);
        }

        @Override
        public void port(Cpu cpu, int port, int bytes, int value, boolean write) {
            note("port %x %d %x %b", port, bytes, value, write);
        }

        @Override
        public void mmio(Cpu cpu, long pa, int bytes, long value, boolean write) {
            note("mmio %x %d %x %b", pa, bytes, value, write);
        }

        @Override
        public void msr(Cpu cpu, int number, long value, boolean write) {
            note("msr %x %x %b", number, value, write);
        }

        @Override
        public void control(Cpu cpu, int register, long old) {
            note("cr%d was %x", register, old);
        }
    }

    private static final Set<Observer.Interest> ALL = EnumSet.of(
            Observer.Interest.EVENTS,
            Observer.Interest.ENTRIES,
            Observer.Interest.INSTRUCTIONS,
            Observer.Interest.PORTS,
            Observer.Interest.MMIO,
            Observer.Interest.MSRS,
            Observer.Interest.CONTROL);

    @Test
    void bothEnginesTellTheSameAndTheGuestDoesNotNotice() throws Exception {
        try (Machine plain = demo(Machine::interpreter);
                Machine a = demo(Machine::interpreter);
                Machine b = demo(Guests.translated(20))) {
            plain.run(Long.MAX_VALUE);
            Diary x = new Diary(ALL);
            Diary y = new Diary(ALL);
            a.cpu().observers.add(x);
            b.cpu().observers.add(y);
            assertEquals(a.run(Long.MAX_VALUE), b.run(Long.MAX_VALUE));
            assertEquals(plain.cpu().instructions(), x.retired, "instructions told");
            assertEquals(x.retired, y.retired);
            assertEquals(x.sum, y.sum, "addresses of all instructions in order");
            assertEquals(x.lines, y.lines);
            assertTrue(x.lines.stream().anyMatch(l -> l.contains("entered SYSCALL")), "system calls");
            assertTrue(x.lines.stream().anyMatch(l -> l.contains("event 14 ")), "page faults");
            assertTrue(
                    y.translated > y.retired / 2, "translated code is observed: " + y.translated + " of " + y.retired);
            assertEquals(StateHash.of(plain), StateHash.of(a));
            assertEquals(StateHash.of(plain), StateHash.of(b));
        }
    }

    @Test
    void twoObserversAreBothToldAndOneThatIsGoneIsNot() throws Exception {
        try (Machine m = demo(Guests.translated(20))) {
            Diary x = new Diary(ALL);
            Diary y = new Diary(ALL);
            m.cpu().observers.add(x);
            m.cpu().observers.add(y);
            m.run(300_000);
            assertEquals(300_000, x.retired);
            assertEquals(x.lines, y.lines);
            m.cpu().observers.remove(x);
            m.run(500_000);
            assertEquals(300_000, x.retired);
            assertEquals(500_000, y.retired);
            assertEquals(x.lines, y.lines.subList(0, x.lines.size()));
            assertNotEquals(x.sum, y.sum);
        }
    }

    @Test
    void breakpointsOfTwoOwnersStopEachAtItsOwn() {
        // l: call f; add rcx, 1; dec r15; jnz l. f: add rcx, 1; ret
        String[] program = {"1000:41bfc8000000e8f50f00004883c10149ffcf75f2ebfe", "2000:4883c101c3"};
        for (Machine.EngineFactory engine :
                List.<Machine.EngineFactory>of(Machine::interpreter, Guests.translated(1))) {
            try (Machine m = PagedGuest.start(engine, program)) {
                Breakpoints one = new Breakpoints(m);
                Breakpoints two = new Breakpoints(m);
                long start = m.cpu().codeLinear();
                one.set(la -> la == start + 6);
                two.set(la -> la == start + 0x1000);
                List<String> hits = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    boolean first = one.breaksAt(m.cpu().codeLinear());
                    Outcome o = first ? one.run(5000) : two.run(5000);
                    assertEquals(Outcome.Reason.STOPPED, o.reason());
                    hits.add(one.breaksAt(m.cpu().codeLinear()) ? "one" : "two");
                }
                assertEquals(List.of("one", "two", "one", "two", "one", "two"), hits);
                two.clear();
                one.run(5000);
                assertTrue(one.hit());
                one.run(5000);
                assertTrue(one.hit(), "the first owner's is still there when the second's is gone");
            }
        }
    }

    @Test
    void loadsAndStoresAreToldOnceEach() {
        // 1000: mov rbx, DATA; 100 times: add qword [rbx], 1; then jmp $
        String[] program = {"1000:bb" + le32(PagedGuest.DATA) + "b9640000004883030148ffc975f7ebfe"};
        for (Machine.EngineFactory engine :
                List.<Machine.EngineFactory>of(Machine::interpreter, Guests.translated(1))) {
            try (Machine m = PagedGuest.start(engine, program)) {
                int[] told = new int[2];
                m.cpu().observers.add(new Observer() {
                    @Override
                    public Set<Interest> interests() {
                        return Set.of(Interest.MEMORY);
                    }

                    @Override
                    public void access(Cpu cpu, long la, int bytes, boolean write) {
                        if (la == PagedGuest.DATA && bytes == 8) told[write ? 1 : 0]++;
                    }
                });
                m.run(1000);
                assertEquals(100, m.memory().read(PagedGuest.DATA, 8));
                assertEquals(100, Math.max(told[0], told[1]), "each read-modify-write");
            }
        }
    }

    private static String le32(long v) {
        return String.format("%08x", Integer.reverseBytes((int) v));
    }
}
