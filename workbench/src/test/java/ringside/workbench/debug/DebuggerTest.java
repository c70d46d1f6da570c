package ringside.workbench.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import ringside.boot.BootOptions;
import ringside.cpu.CpuModel;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.snapshot.StateHash;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.Symbols;
import ringside.workbench.run.Guest;

/**
 * Stopping, stepping, watching and going back do not change what a guest does: on both engines, with the entry kernel,
 * which takes interrupts, exceptions and NMIs all the time.
 */
class DebuggerTest {
    private static final Path KERNEL = Path.of("..", "testdata", "entrykernel", "entry-marker.elf");
    private static final long ALL = Long.MAX_VALUE;

    enum Engine {
        INTERPRETER(Machine::interpreter),
        TRANSLATOR(Translator.factory(TranslatorOptions.after(1)));

        final Machine.EngineFactory factory;

        Engine(Machine.EngineFactory factory) {
            this.factory = factory;
        }
    }

    private static Machine machine(Engine e) throws Exception {
        return new Guest(KERNEL, BootOptions.NONE, new MachineConfig(16 << 20, CpuModel.standard(), Set.of(), false))
                .load(e.factory);
    }

    private static Debugger debugger(Machine m) {
        Debugger d = new Debugger(m, on -> {}, () -> false);
        d.attach(true);
        return d;
    }

    private static Symbols symbols() throws Exception {
        return ElfImage.of(Files.readAllBytes(KERNEL)).symbols();
    }

    private static String endOfAnUnwatchedRun(Engine e) throws Exception {
        try (Machine m = machine(e)) {
            assertEquals(Outcome.Reason.POWER_OFF, m.run(ALL).reason());
            return StateHash.of(m);
        }
    }

    /** As if the kernel had been linked 16 MiB higher than where it runs. */
    @ParameterizedTest
    @EnumSource
    void aBreakpointFollowsAKernelThatMovesItself(Engine e) throws Exception {
        long by = -16 << 20;
        long place = symbols().address("do_nmi");
        try (Machine m = machine(e)) {
            Debugger d = debugger(m);
            long[] told = new long[2];
            d.follow(
                    () -> {
                        assertEquals(-1L >>> 31, m.cpu().rip >>> 31, "asked in the kernel's own range");
                        return by;
                    },
                    n -> {
                        told[0] = n;
                        told[1]++;
                    });
            d.addBreakpoint(place - by);
            assertEquals(Stop.Reason.BREAKPOINT, d.resume(ALL).reason());
            assertEquals(place, m.cpu().rip);
            assertFalse(d.standsAtBreakpoint());
            assertEquals(by, told[0]);
            assertEquals(1, told[1]);
            long first = m.cpu().instructions();
            assertEquals(Stop.Reason.BREAKPOINT, d.resume(ALL).reason());
            assertTrue(m.cpu().instructions() > first);
            assertEquals(Stop.Reason.BREAKPOINT, d.resumeBack().reason());
            assertEquals(first, m.cpu().instructions());
            d.clear();
            assertEquals(Stop.Reason.ENDED, d.resume(ALL).reason());
            assertEquals(endOfAnUnwatchedRun(e), StateHash.of(m));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWatchedRunEndsInTheStateOfAnUnwatchedOne(Engine e) throws Exception {
        Symbols s = symbols();
        try (Machine m = machine(e)) {
            Debugger d = debugger(m);
            d.addBreakpoint(s.address("do_nmi"));
            d.addBreakpoint(s.address("exc_page_fault"));
            d.addWatchpoint(new Watchpoint(s.address("count_page_faults"), 8, Watchpoint.Access.WRITE));
            d.addWatchpoint(new Watchpoint(s.address("count_nmi"), 8, Watchpoint.Access.ANY));
            int stops = 0;
            Stop stop;
            while ((stop = d.resume(ALL)).reason() != Stop.Reason.ENDED) {
                stops++;
                for (int i = 0; i < 3; i++) d.step(i == 1, ALL);
                if (stops % 20 == 0) d.stepBack();
                if (stops % 50 == 0) d.resumeBack();
            }
            assertTrue(stops > 100, "stops: " + stops);
            assertEquals(Outcome.Reason.POWER_OFF, stop.outcome().reason());
            assertEquals(endOfAnUnwatchedRun(e), StateHash.of(m));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStepBackIsTheExactInverseOfAStep(Engine e) throws Exception {
        try (Machine m = machine(e)) {
            Debugger d = debugger(m);
            d.addBreakpoint(symbols().address("do_nmi"));
            assertEquals(Stop.Reason.BREAKPOINT, d.resume(ALL).reason());
            for (int i = 0; i < 150; i++) d.stepBack(); // to before the interrupt and the exceptions on its way
            List<String> hashes = new ArrayList<>();
            List<Position> positions = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                hashes.add(StateHash.of(m));
                positions.add(d.position());
                d.step(false, ALL);
            }
            assertTrue(positions.stream().anyMatch(p -> p.events() > 0), "events are places of their own");
            for (int i = 299; i >= 0; i--) {
                assertEquals(Stop.Reason.STEPPED, d.stepBack().reason());
                assertEquals(positions.get(i), d.position());
                if (i % 7 == 0) assertEquals(hashes.get(i), StateHash.of(m), "at " + positions.get(i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMaskedStepEndsBehindTheInstructionWhateverInterruptComes(Engine e) throws Exception {
        Symbols s = symbols();
        long from = s.address("__entry_text_start");
        try (Machine m = machine(e)) {
            Debugger d = debugger(m);
            for (int v : new int[] {0x41, 0x51, 0x52, 0x61, 0xec}) d.caught().set(v); // its devices
            assertEquals(Stop.Reason.CAUGHT, d.resume(ALL).reason());
            d.caught().clear();
            d.stepBack();
            long user = m.cpu().rip;
            Position before = d.position();
            assertEquals(Stop.Reason.STEPPED, d.step(false, ALL).reason());
            assertTrue(
                    Long.compareUnsigned(m.cpu().rip, from) >= 0,
                    "an unmasked step shows the handler's first instruction");
            assertEquals(before.instructions(), d.position().instructions());
            d.stepBack();
            assertEquals(Stop.Reason.STEPPED, d.step(true, ALL).reason());
            assertTrue(
                    Long.compareUnsigned(m.cpu().rip, from) < 0 || user < 0,
                    String.format("%x -> %x", user, m.cpu().rip));
            assertTrue(d.position().instructions() > before.instructions() + 10, "the handler ran meanwhile");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWatchpointStopsBehindTheVeryInstructionAndGoingBackUndoesIt(Engine e) throws Exception {
        long counter = symbols().address("count_page_faults");
        try (Machine m = machine(e)) {
            Debugger d = debugger(m);
            Watchpoint w = new Watchpoint(counter, 8, Watchpoint.Access.WRITE);
            d.addWatchpoint(w);
            List<Position> places = new ArrayList<>();
            for (long n = 1; n <= 5; n++) {
                Stop s = d.resume(ALL);
                assertEquals(new Stop(Stop.Reason.WATCHPOINT, w, null, null), s);
                assertEquals(n, value(m, counter));
                places.add(d.position());
            }
            for (long n = 5; n >= 1; n--) {
                assertEquals(Stop.Reason.WATCHPOINT, d.resumeBack().reason());
                assertEquals(n - 1, value(m, counter), "the write is undone");
                assertEquals(
                        places.get((int) n - 1).instructions() - 1, d.position().instructions());
            }
            assertEquals(Stop.Reason.BEGINNING, d.resumeBack().reason());
            assertEquals(new Position(0, 0), d.position());
            assertEquals(Stop.Reason.WATCHPOINT, d.resume(ALL).reason());
            assertEquals(places.getFirst(), d.position());
        }
    }

    private static long value(Machine m, long la) {
        return m.cpu().mem.loadAs(0, la, 8);
    }

    @ParameterizedTest
    @EnumSource
    void aBreakpointDoesNotCountAsAnEvent(Engine e) throws Exception {
        try (Machine m = machine(e);
                Machine plain = machine(e)) {
            Debugger d = debugger(m);
            d.addBreakpoint(symbols().address("main"));
            d.resume(ALL);
            plain.run(m.cpu().instructions());
            assertEquals(StateHash.of(plain), StateHash.of(m));
            assertNotEquals(0, m.cpu().instructions());
        }
    }

    @ParameterizedTest
    @EnumSource
    void goingBackFromTheEndOfARunGoesIntoIt(Engine e) throws Exception {
        Symbols s = symbols();
        try (Machine m = machine(e)) {
            Debugger d = debugger(m);
            assertEquals(Stop.Reason.ENDED, d.resume(ALL).reason());
            Position end = d.position();
            d.addBreakpoint(s.address("check_all"));
            assertEquals(Stop.Reason.BREAKPOINT, d.resumeBack().reason());
            assertEquals(s.address("check_all"), m.cpu().rip);
            assertEquals(Stop.Reason.ENDED, d.resume(ALL).reason());
            assertEquals(end, d.position());
        }
    }

    /** A request to stop comes on another thread, and may come when what it was for has been served. */
    @ParameterizedTest
    @EnumSource
    void aRequestToStopThatNobodyWantsChangesNoStepAndNoBreakpoint(Engine e) throws Exception {
        List<Position> quiet = new ArrayList<>();
        try (Machine m = machine(e)) {
            stepsAndStops(m, quiet);
        }
        List<Position> disturbed = new ArrayList<>();
        try (Machine m = machine(e)) {
            AtomicBoolean over = new AtomicBoolean();
            Thread t = Thread.ofPlatform().start(() -> {
                while (!over.get()) {
                    LockSupport.parkNanos(1000);
                    m.requestStop();
                }
            });
            try {
                stepsAndStops(m, disturbed);
            } finally {
                over.set(true);
                t.join();
            }
        }
        assertEquals(quiet, disturbed);
    }

    private static void stepsAndStops(Machine m, List<Position> places) throws Exception {
        Debugger d = debugger(m);
        Symbols s = symbols();
        d.addBreakpoint(s.address("do_nmi"));
        d.addBreakpoint(s.address("do_nmi") + 1);
        d.addBreakpoint(s.address("exc_page_fault"));
        for (int i = 0; i < 60; i++) {
            d.resume(ALL);
            places.add(d.position());
            for (int k = 0; k < 40; k++) {
                d.step(k % 2 == 0, ALL);
                places.add(d.position());
            }
            if (i % 6 == 0) {
                d.stepBack();
                places.add(d.position());
            }
            if (i % 20 == 0) {
                d.resumeBack();
                places.add(d.position());
            }
        }
    }
}
