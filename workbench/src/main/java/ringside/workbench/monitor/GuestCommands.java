package ringside.workbench.monitor;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.machine.Machine;
import ringside.workbench.debug.Debugger;
import ringside.workbench.monitor.Monitor.Command;

/** The commands that look into a guest that stands. */
public final class GuestCommands {
    private static final int LINES = 100;
    private static final String[] SEGMENTS = {"ES", "CS", "SS", "DS", "FS", "GS"};

    private final Debugger debugger;
    private final Machine machine;
    private final Cpu cpu;

    private GuestCommands(Debugger debugger) {
        this.debugger = debugger;
        this.machine = debugger.machine();
        this.cpu = machine.cpu();
    }

    /**
     * @param stops whether the debugger runs the guest, so that it can be told what to stop at
     * @param more further commands, of whoever has this monitor
     */
    public static Monitor monitor(Debugger debugger, boolean stops, List<Command> more) {
        GuestCommands g = new GuestCommands(debugger);
        List<Command> all = new ArrayList<>(List.of(
                new Command(
                        "info registers|mem|tlb [ADDRESS]|irq",
                        "the processor, ranges of its address space, its pages, interrupts",
                        g::info),
                new Command(
                        "translate ADDRESS",
                        "where a virtual address leads, and by which entry of the page tables",
                        g::translate),
                new Command("log [N]", "the last N exceptions and interrupts that the processor took", g::log),
                new Command("position", "where in its run the guest stands", g::position)));
        if (stops)
            all.add(
                    2,
                    new Command(
                            "catch [VECTOR|off]",
                            "stop when this vector is delivered, behind the delivery; alone: which ones",
                            g::caught));
        all.addAll(more);
        return new Monitor(all);
    }

    private String info(List<String> w) throws MonitorException {
        String what = Words.required(w, 0, "registers, mem, tlb or irq");
        Words.most(w, what.equals("tlb") ? 2 : 1);
        return switch (what) {
            case "registers" -> registers();
            case "mem" -> new Mappings(cpu).ranges();
            case "tlb" -> new Mappings(cpu).pages(w.size() > 1 ? Words.number(w.get(1), true) : 0, LINES);
            case "irq" -> interrupts();
            default -> throw new MonitorException("'" + what + "' is none of registers, mem, tlb, irq");
        };
    }

    private String registers() {
        StringBuilder s = new StringBuilder();
        long[] g = cpu.gpr;
        s.append(String.format("RAX=%016x RBX=%016x RCX=%016x RDX=%016x%n", g[0], g[3], g[1], g[2]));
        s.append(String.format("RSI=%016x RDI=%016x RBP=%016x RSP=%016x%n", g[6], g[7], g[5], g[4]));
        s.append(String.format("R8 =%016x R9 =%016x R10=%016x R11=%016x%n", g[8], g[9], g[10], g[11]));
        s.append(String.format("R12=%016x R13=%016x R14=%016x R15=%016x%n", g[12], g[13], g[14], g[15]));
        s.append(String.format(
                "RIP=%016x RFL=%08x CPL=%d %s%s%n",
                cpu.rip,
                cpu.rflags(),
                cpu.cpl,
                cpu.halted ? "halted " : "",
                cpu.interruptShadow() ? "interrupts held off for one instruction" : ""));
        for (int i = 0; i < 6; i++) s.append(segment(SEGMENTS[i], cpu.seg[i]));
        s.append(segment("LDT", cpu.ldtr)).append(segment("TR", cpu.tr));
        s.append(String.format(
                "GDT=     %016x %08x%nIDT=     %016x %08x%n", cpu.gdtBase, cpu.gdtLimit, cpu.idtBase, cpu.idtLimit));
        s.append(String.format(
                "CR0=%08x CR2=%016x CR3=%016x CR4=%08x CR8=%x EFER=%x%n",
                cpu.cr0, cpu.cr2, cpu.cr3, cpu.cr4, cpu.bus.taskPriority(), cpu.efer));
        s.append(String.format(
                "DR0=%016x DR1=%016x DR2=%016x DR3=%016x%nDR6=%x DR7=%x%n",
                cpu.dr[0], cpu.dr[1], cpu.dr[2], cpu.dr[3], cpu.dr[6], cpu.dr[7]));
        s.append(String.format(
                "kernel GS base=%016x LSTAR=%016x STAR=%016x FMASK=%x%n",
                cpu.msrs.kernelGsBase, cpu.msrs.lstar, cpu.msrs.star, cpu.msrs.fmask));
        return s.toString();
    }

    private static String segment(String name, ringside.cpu.Segment g) {
        return String.format(
                "%-3s=%04x %016x %08x %05x%s%n",
                name, g.selector, g.base, g.limit, g.access, g.usable ? "" : " unusable");
    }

    private String interrupts() {
        StringBuilder s = new StringBuilder("Delivered since the start, by vector:\n");
        for (int v = 0; v < 256; v++) {
            if (cpu.deliveries[v] != 0)
                s.append(String.format(
                        "%5d  %-4s %,15d%n", v, v < 32 ? Debugger.exceptionName(v) : "", cpu.deliveries[v]));
        }
        s.append(String.format(
                "Interrupts are %s, CR8 %x, NMI %s%s%n",
                (cpu.rflags() & 1 << 9) != 0 ? "on" : "off",
                cpu.bus.taskPriority(),
                cpu.nmiBlocked ? "blocked" : "open",
                cpu.nmiPending ? ", one waits" : ""));
        s.append(cpu.bus.interruptPending() ? "An interrupt waits.\n" : "No interrupt waits.\n");
        return s.toString();
    }

    private String translate(List<String> w) throws MonitorException {
        long la = Words.number(Words.required(w, 0, "the address"), true);
        Words.most(w, 1);
        return new Mappings(cpu).translate(la);
    }

    private String caught(List<String> w) throws MonitorException {
        Words.most(w, 1);
        BitSet c = debugger.caught();
        if (!w.isEmpty() && w.getFirst().equals("off")) {
            c.clear();
        } else if (!w.isEmpty()) {
            c.set(vector(w.getFirst()));
        }
        return c.isEmpty()
                ? "no vector stops the guest\n"
                : "these vectors stop the guest: " + c.toString().replaceAll("[{}]", "") + "\n";
    }

    /** @param s a number, or a name as #PF */
    private static int vector(String s) throws MonitorException {
        for (int v = 0; v < 32; v++) {
            String name = Debugger.exceptionName(v);
            if (s.equalsIgnoreCase(name) || ("#" + s).equalsIgnoreCase(name)) return v;
        }
        long v = Words.number(s, false);
        if (v < 0 || v > 255) throw new MonitorException("vectors go from 0 to 255");
        return (int) v;
    }

    private String log(List<String> w) throws MonitorException {
        Words.most(w, 1);
        long n = w.isEmpty() ? 20 : Words.number(w.getFirst(), false);
        List<String> lines = debugger.recentEvents((int) Math.clamp(n, 0, Integer.MAX_VALUE));
        return lines.isEmpty() ? "nothing since somebody looks\n" : String.join("\n", lines) + "\n";
    }

    private String position(List<String> w) throws MonitorException {
        Words.most(w, 0);
        return String.format(
                "%,d instructions, %,d ns; %s at %04x:%x%n",
                cpu.instructions(), machine.now(), debugger.describe(), cpu.seg[Cpu.CS].selector, cpu.rip);
    }
}
