package ringside.bench;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Segment;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.unwinder.Frame;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Unwinder;
import ringside.unwinder.symbols.Symbols;

/**
 * One unwind of a kernel stack of 20 frames, with a table of a distribution kernel's size (368,000 ORC entries in 16
 * MiB of code). Each frame is a function chosen at random with a frame of its own size. Registers are taken anew for
 * each unwind, as for a machine that has run on.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"})
public class UnwinderBenchmark {
    private static final int FRAMES = 20;
    private static final int ENTRIES = 368_000;
    private static final int CODE = 16 << 20;
    /** Everything is mapped by 2 MiB pages from here: physical 0. */
    private static final long BASE = 0xffff_ffff_8000_0000L;

    private static final long TEXT = BASE + (16 << 20),
            IPS = BASE + (40 << 20),
            TABLE = BASE + (44 << 20),
            STACK = BASE + (8 << 20);

    private Machine machine;
    private GuestView view;
    private Unwinder unwinder;

    @Setup
    public void layOut() {
        machine = Machine.interpreted(new MachineConfig(64 << 20, CpuModel.standard(), Set.of(), false));
        Cpu c = machine.cpu();
        put(0x1000 + 511 * 8, 0x2003);
        put(0x2000 + 510 * 8, 0x3003);
        for (int i = 0; i < 32; i++) put(0x3000 + 8L * i, (long) i << 21 | 0x83);
        c.cr0 = Cpu.CR0_PE | Cpu.CR0_PG;
        c.cr4 = Cpu.CR4_PAE;
        c.efer = Cpu.EFER_LME | Cpu.EFER_LMA;
        c.cr3 = 0x1000;
        c.seg[Cpu.CS].selector = 0x10;
        c.seg[Cpu.CS].usable = true;
        c.seg[Cpu.CS].access = Segment.PRESENT | Segment.CODE_OR_DATA | Segment.CODE | Segment.LONG;
        c.updateMode();
        Random random = new Random(1);
        int step = CODE / ENTRIES;
        int[] size = new int[ENTRIES];
        for (int i = 0; i < ENTRIES; i++) {
            size[i] = 8 * (1 + random.nextInt(24));
            long at = IPS + 4L * i;
            machine.memory().write(at - BASE, 4, TEXT + (long) i * step - at);
            long e = TABLE + 6L * i - BASE;
            machine.memory().write(e, 2, size[i]);
            machine.memory().write(e + 4, 1, 5); // sp
            machine.memory().write(e + 5, 1, i == ENTRIES - 1 ? 1 : 2); // end of stack, or call
        }
        c.rip = TEXT;
        c.gpr[Cpu.RSP] = STACK;
        long sp = STACK;
        int entry = 0;
        for (int f = 0; f < FRAMES - 1; f++) {
            sp += size[entry];
            entry = f == FRAMES - 2 ? ENTRIES - 1 : random.nextInt(ENTRIES - 1);
            put(sp - 8 - BASE, TEXT + (long) entry * step + 1);
        }
        long[] start = {TEXT, IPS, IPS + 4L * ENTRIES, TABLE};
        String[] name = {"text", "__start_orc_unwind_ip", "__stop_orc_unwind_ip", "__start_orc_unwind"};
        Symbols symbols = new Symbols(
                start,
                new long[4],
                new byte[] {'T', 'D', 'D', 'D'},
                i -> name[i],
                List.of(new Symbols.Range(TEXT, TEXT + CODE)));
        view = new GuestView(c);
        unwinder = new Unwinder(KernelModel.with(symbols, view));
        if (orc() != FRAMES) throw new IllegalStateException("the stack has " + orc() + " frames");
    }

    private void put(long pa, long v) {
        machine.memory().write(pa, 8, v);
    }

    /** @return frames */
    @Benchmark
    public int orc() {
        view.refresh();
        int n = 0;
        for (Frame f : unwinder.unwind(Kind.ORC, view)) {
            if (f.address() != 0) n++;
        }
        return n;
    }
}
