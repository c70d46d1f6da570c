package ringside.cli;

import java.io.PrintStream;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.memory.LinearMemory;
import ringside.snapshot.StateHash;
import ringside.workbench.run.EngineTimes;

/** The figures of {@code --stats}, on standard error. */
final class Statistics {
    private Statistics() {}

    static void print(Machine m, String engine, Outcome o, long hostNanos, EngineTimes times) {
        PrintStream e = Output.messages();
        long n = m.cpu().instructions();
        e.println();
        line(e, "engine", engine);
        line(e, "outcome", o.reason().toString());
        line(e, "guest instructions", String.format("%,d", n));
        line(e, "virtual time", String.format("%.6f s (idle %.6f s)", m.now() / 1e9, m.idleTime() / 1e9));
        line(e, "host time", String.format("%.3f s", hostNanos / 1e9));
        double share = times.translatedShare();
        line(
                e,
                "time in translated code",
                String.format("%.3f s (%.0f %%, sampled)", share * hostNanos / 1e9, 100 * share));
        line(e, "time in interpreter, devices", String.format("%.3f s", (1 - share) * hostNanos / 1e9));
        line(e, "speed", String.format("%.1f million instructions/s", n * 1e3 / hostNanos));
        LinearMemory mem = m.cpu().mem;
        line(e, "TLB fills", String.format("%,d", mem.fills));
        line(
                e,
                "TLB dropped",
                String.format(
                        "%,d times all, %,d an address space, %,d a page",
                        mem.flushes, mem.spaceFlushes, mem.pageFlushes));
        line(e, "address spaces kept", String.format("%,d CR3 writes that dropped nothing", mem.spaceSwitches));
        line(
                e,
                "blocks decoded",
                String.format("%,d (code pages dropped after writes: %,d)", m.blocks().built, m.blocks().pagesDropped));
        m.engine().report((name, value) -> line(e, name, value));
        for (int v = 0; v < 256; v++) {
            if (m.cpu().deliveries[v] != 0)
                line(e, String.format("vector %02Xh", v), String.format("%,d", m.cpu().deliveries[v]));
        }
        line(e, "state hash", StateHash.of(m));
    }

    private static void line(PrintStream e, String name, String value) {
        e.printf("%-28s %s%n", name, value);
    }
}
