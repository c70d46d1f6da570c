package ringside.workbench.fuzz;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import ringside.boot.BootException;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Vector;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.LabException;
import ringside.lab.PcLab;
import ringside.lab.Result;
import ringside.lab.Stop;
import ringside.machine.Machine;
import ringside.snapshot.Snapshot;
import ringside.workbench.exec.CaseSpec;

/**
 * Runs one case on two engines and on the host's processor, compares everything, and makes a case that differs smaller.
 */
public final class Fuzzer implements AutoCloseable {
    private final Lab reference;
    private final Lab tested;
    /** Null if there is none to compare with. */
    private final HostProcessor host;

    private long compared;
    private List<HostComparison.Difference> hostSaid = List.of();

    private static final long PC_MEMORY = 2 << 20;
    /** Nanoseconds of processor time. */
    private static final long MOST_CPU = 60_000_000_000L;

    private final CpuModel model;
    private final Machine.EngineFactory translator;
    private final ScheduledThreadPoolExecutor watchdog = new ScheduledThreadPoolExecutor(
            1, r -> Thread.ofPlatform().daemon().name("watchdog").unstarted(r));
    private PcLab referencePc;
    private PcLab testedPc;

    public Fuzzer(CpuModel model, Machine.EngineFactory translator, HostProcessor host) {
        this(model, model, translator, host);
    }

    /** @param other the processor that the second engine has, for tests that want differences */
    public Fuzzer(CpuModel model, CpuModel other, Machine.EngineFactory translator, HostProcessor host) {
        this.model = model;
        this.translator = translator;
        this.host = host;
        watchdog.setRemoveOnCancelPolicy(true);
        reference = new Lab(Machine::interpreter, model, LAB_MEMORY);
        tested = new Lab(translator, other, LAB_MEMORY);
    }

    private static final long LAB_MEMORY = 4 << 20;

    /**
     * @return the last case, with what the host's processor did differently in it, if that did, as its field "expect"
     */
    public Map<String, Object> withExpectation(Map<String, Object> fields) {
        Map<String, Object> c = new LinkedHashMap<>(fields);
        Map<String, Object> m = new LinkedHashMap<>();
        hostSaid.forEach(d -> m.put(d.what(), "0x" + d.theirs()));
        if (!m.isEmpty()) c.put("expect", m);
        return c;
    }

    /** @return cases that were compared with the host's processor */
    public long comparedWithHost() {
        return compared;
    }

    /** @return what differs, at most a few lines; empty if nothing does or the case cannot be set up */
    public List<String> differences(Map<String, Object> fields) {
        Experiment e;
        try {
            e = CaseSpec.of(fields).experiment();
        } catch (LabException | IOException | BootException x) {
            return List.of();
        }
        hostSaid = List.of();
        try {
            if (CaseSpec.of(fields).pc()) return machines(e);
            byte[] request = null;
            Cpu cpu = reference.setUp(e);
            if (host != null && cpu.cpl == 3 && cpu.longMode() && (e.mode().bits() == 64 || host.runs32BitCode()))
                request = HostProcessor.request(cpu, e.mode().bits(), reference.pages());
            Result a = reference.finish(null);
            List<String> d = engines(e, a);
            return d.isEmpty() && request != null ? host(e, a.stop(), request) : d;
        } catch (LabException x) {
            return List.of();
        } catch (IOException x) {
            throw new java.io.UncheckedIOException(x);
        }
    }

    /** A case on a whole PC: everything is compared, devices and all of RAM. */
    private List<String> machines(Experiment e) {
        if (referencePc == null) {
            referencePc = new PcLab(Machine::interpreter, model, PC_MEMORY);
            testedPc = new PcLab(translator, model, PC_MEMORY);
        }
        Stop a;
        Stop b;
        try {
            a = watched(referencePc, e);
        } catch (LabException x) {
            throw x;
        } catch (RuntimeException x) {
            return List.of("the interpreter failed: " + trace(x));
        }
        try {
            b = watched(testedPc, e);
        } catch (RuntimeException x) {
            return List.of("the translator failed: " + trace(x));
        }
        List<String> d = new ArrayList<>();
        if (a.reason() == Stop.Reason.STOPPED || b.reason() == Stop.Reason.STOPPED)
            d.add("does not end: interpreter " + a.reason() + ", translator " + b.reason());
        if (!a.equals(b)) d.add("stop: " + a + " / " + b);
        d.addAll(Snapshot.differences(referencePc.machine(), testedPc.machine(), 20));
        return d;
    }

    private static String trace(RuntimeException x) {
        return x
                + java.util.Arrays.stream(x.getStackTrace())
                        .limit(6)
                        .map(f -> " < " + f)
                        .collect(java.util.stream.Collectors.joining());
    }

    /** Runs with a limit on processor time, so that a run that hangs is a difference. */
    private Stop watched(PcLab lab, Experiment e) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long me = Thread.currentThread().threadId();
        long start = threads.getThreadCpuTime(me);
        ScheduledFuture<?> end = watchdog.scheduleWithFixedDelay(
                () -> {
                    if (threads.getThreadCpuTime(me) - start > MOST_CPU) lab.stop();
                },
                5,
                5,
                TimeUnit.SECONDS);
        try {
            return lab.stopOf(e);
        } finally {
            end.cancel(false);
        }
    }

    private List<String> engines(Experiment e, Result a) {
        Result b;
        try {
            b = tested.run(e);
        } catch (RuntimeException x) {
            return List.of("the translator failed: " + x);
        }
        return compare(a, b);
    }

    /** @param request the case as it was before the reference ran it */
    private List<String> host(Experiment e, Stop stop, byte[] request) throws IOException {
        boolean ended = stop.reason() == Stop.Reason.HLT
                || stop.reason() == Stop.Reason.EXCEPTION
                || stop.reason() == Stop.Reason.INTERRUPT && stop.vector() != 0x80;
        if (!ended) return List.of();
        HostProcessor.Answer answer = host.run(request);
        if (answer == null) return List.of();
        compared++;
        List<HostComparison.Difference> d =
                HostComparison.differences(reference.processor(), stop, reference.pages(), answer);
        if (d.isEmpty()
                || HostComparison.notOurs(HostProcessor.first(request), stop, answer, bytes(reference.processor())))
            return List.of();
        boolean[] excused = new boolean[1];
        UndefinedFlags flags = new UndefinedFlags();
        Instruction[] last = new Instruction[1];
        boolean[] approximate = new boolean[1];
        reference.run(e, (c, i) -> {
            excused[0] |= HostComparison.excused(c, i, bytes(c))
                    || approximate[0] && (i == null || i.mnemonic != Mnemonic.HLT);
            approximate[0] |= i != null && HostComparison.transcendental(i);
            if (last[0] != null) flags.executed(last[0]);
            last[0] = i;
        });
        if ((stop.vector() == Vector.DB || stop.reason() == Stop.Reason.INTERRUPT) && last[0] != null)
            flags.executed(last[0]);
        if (excused[0] || flags.used() || HostComparison.either(reference.processor(), stop, answer, last[0]))
            return List.of();
        d.removeIf(x -> x.what().equals("rflags")
                && ((Long.parseUnsignedLong(x.ours(), 16) ^ Long.parseUnsignedLong(x.theirs(), 16)) & ~flags.mask())
                        == 0);
        if (approximate[0]) d.removeIf(HostComparison::rounding);
        if (d.isEmpty()) return List.of();
        hostSaid = d;
        List<String> lines = new ArrayList<>(List.of("against the processor of this machine:"));
        d.forEach(x -> lines.add(x.toString()));
        return lines;
    }

    private static byte[] bytes(Cpu c) {
        byte[] b = new byte[Instruction.MAX_LENGTH];
        int n = 0;
        for (; n < b.length; n++) {
            long pa = c.mem.probe(c.codeLinear() + n);
            if (pa < 0) break;
            c.physical.read(pa, b, n, 1);
        }
        return java.util.Arrays.copyOf(b, n);
    }

    private static List<String> compare(Result a, Result b) {
        List<String> d = new ArrayList<>();
        if (!a.stop().equals(b.stop())) d.add("stop: " + a.stop() + " / " + b.stop());
        if (a.instructions() != b.instructions()) d.add("instructions: " + a.instructions() + " / " + b.instructions());
        a.registers().forEach((n, v) -> {
            if (!v.equals(b.registers().get(n)))
                d.add(n + ": " + v.toString(16) + " / " + b.registers().get(n).toString(16));
        });
        if (!memory(a).equals(memory(b))) d.add("memory: " + memory(a) + " / " + memory(b));
        return d;
    }

    private static List<String> memory(Result r) {
        return r.memory().stream()
                .map(m -> Long.toHexString(m.address()) + "=" + HexFormat.of().formatHex(m.bytes()))
                .toList();
    }

    /** Most host seconds to make one case smaller. */
    private static final double MINIMISE = 60;

    public Map<String, Object> minimise(Map<String, Object> fields) {
        return minimise(fields, () -> false, c -> {});
    }

    /**
     * Makes a case smaller.
     *
     * @param enough whether to be content with what there is
     * @param smaller gets each case on the way that still differs
     * @return a case that still differs, as small as the {@link Minimiser} makes it
     */
    public Map<String, Object> minimise(
            Map<String, Object> fields, BooleanSupplier enough, Consumer<Map<String, Object>> smaller) {
        return new Minimiser(
                        c -> {
                            if (enough.getAsBoolean() || differences(c).isEmpty()) return false;
                            smaller.accept(withExpectation(c));
                            return true;
                        },
                        MINIMISE)
                .minimise(fields);
    }

    public static String json(Map<String, Object> fields) throws IOException {
        return JSON.std.asString(fields);
    }

    @Override
    public void close() {
        watchdog.shutdownNow();
        reference.close();
        tested.close();
        if (referencePc != null) referencePc.close();
        if (testedPc != null) testedPc.close();
    }
}
