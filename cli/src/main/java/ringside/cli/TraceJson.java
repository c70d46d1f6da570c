package ringside.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import ringside.cpu.Cpu;
import ringside.guest.GuestState;
import ringside.unwinder.Frame;
import ringside.unwinder.KernelModel;
import ringside.unwinder.PtRegs;
import ringside.unwinder.Trace;
import ringside.unwinder.Warning;
import ringside.unwinder.linux.Tasks;

/**
 * Traces as JSON; addresses and registers are texts, {@code "0x..."}, because 64-bit numbers are not safe in every
 * reader.
 */
final class TraceJson {
    private TraceJson() {}

    /** @param lines the line of source that an instruction is of; empty if that is not known */
    static String of(String what, GuestState g, KernelModel kernel, List<Trace> traces, LongFunction<String> lines)
            throws IOException {
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("stopped", what);
        if (g.instructions() >= 0) o.put("instructions", g.instructions());
        o.put("symbols", kernel.symbols().count());
        Map<String, Object> r = new LinkedHashMap<>();
        r.put("rip", hex(g.rip()));
        String[] names = {
            "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
        };
        for (int i = 0; i < 16; i++) r.put(names[i], hex(g.gpr(i)));
        r.put("rflags", hex(g.rflags()));
        r.put("cs", hex(g.selector(Cpu.CS)));
        r.put("ss", hex(g.selector(Cpu.SS)));
        r.put("cr2", hex(g.cr2()));
        r.put("cr3", hex(g.cr3()));
        o.put("registers", r);
        List<Object> l = new ArrayList<>();
        for (Trace t : traces) l.add(trace(t, lines));
        o.put("traces", l);
        return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(o) + "\n";
    }

    static String ofTasks(String what, GuestState g, KernelModel kernel, Map<Tasks.Task, List<Trace>> tasks)
            throws IOException {
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("stopped", what);
        if (g.instructions() >= 0) o.put("instructions", g.instructions());
        o.put("symbols", kernel.symbols().count());
        List<Object> l = new ArrayList<>();
        tasks.forEach((t, traces) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("pid", t.pid());
            one.put("comm", t.comm());
            one.put("state", String.valueOf(t.letter()));
            one.put("onCpu", t.running());
            one.put("task_struct", hex(t.address()));
            one.put("traces", traces.stream().map(x -> trace(x, a -> "")).toList());
            l.add(one);
        });
        o.put("tasks", l);
        return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(o) + "\n";
    }

    private static Map<String, Object> trace(Trace t, LongFunction<String> lines) {
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("kind", t.kind().label());
        o.put("reliable", t.reliable());
        if (!t.reliable()) o.put("reason", t.reason());
        List<Object> frames = new ArrayList<>();
        for (Frame f : t.frames()) frames.add(frame(f, TraceText.line(f, lines)));
        o.put("frames", frames);
        return o;
    }

    private static Map<String, Object> frame(Frame f, String line) {
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("address", hex(f.address()));
        if (f.function() != null) {
            o.put("function", f.function());
            o.put("offset", f.offset());
            o.put("size", f.size());
        }
        if (!line.isEmpty()) o.put("source", line);
        if (f.hook() != null) o.put("returnsThrough", f.hook());
        o.put("interrupted", f.exact());
        o.put("user", f.user());
        if (f.slot() != 0) o.put("slot", hex(f.slot()));
        o.put("sp", hex(f.sp()));
        if (!f.user()) o.put("stack", f.stack().name());
        o.put("proof", f.proof().name().toLowerCase(java.util.Locale.ROOT));
        if (f.regs() != null) o.put("pt_regs", regs(f.regs()));
        if (!f.warnings().isEmpty()) {
            List<Object> w = new ArrayList<>();
            for (Warning x : f.warnings()) {
                w.add(Map.of(
                        "kind",
                        x.kind().name().toLowerCase(java.util.Locale.ROOT),
                        "text",
                        x.kind().text(),
                        "address",
                        hex(x.address())));
            }
            o.put("warnings", w);
        }
        return o;
    }

    private static Map<String, Object> regs(PtRegs r) {
        Map<String, Object> o = new LinkedHashMap<>();
        if (r.address() != 0) o.put("address", hex(r.address()));
        for (int w = 0; w < 21; w++) {
            if (r.known(w)) o.put(PtRegs.name(w).toLowerCase(java.util.Locale.ROOT), hex(r.word(w)));
        }
        return o;
    }

    private static String hex(long v) {
        return "0x" + Long.toHexString(v);
    }
}
