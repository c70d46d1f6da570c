package ringside.cli.exec;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Model.CommandSpec;
import ringside.boot.BootException;
import ringside.cli.Interrupt;
import ringside.cpu.CpuModel;
import ringside.decoder.Formatter;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.LabException;
import ringside.lab.Laboratory;
import ringside.lab.PcLab;
import ringside.lab.Result;
import ringside.lab.Stop;
import ringside.machine.Machine;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/** {@code ringside exec}: a small CPU laboratory. */
@Command(name = "exec", mixinStandardHelpOptions = true, versionProvider = ringside.cli.Main.Version.class, sortOptions = false,
        description = "Runs a piece of code on one bare processor and shows registers, changed memory, and why it stopped.",
        footer = {"", "Code goes to --at (default 401000h, real mode 7C00h) and gets pages of its own unless --map has them; a stack is mapped unless the",
            "stack pointer is set. Exceptions, interrupts and system calls end the run and are shown, with --deliver the guest handles them.",
            "", "Examples:",
            "  ringside exec --hex '48 01 d8' --reg rax=5 --reg rbx=-3",
            "  ringside exec --asm 'mov eax, 6; imul eax, eax, 7; hlt' --trace",
            "  ringside exec --mode real --hex 'cd 10' --json",
            "  ringside exec --elf program --cpl 3",
            "  ringside exec --batch cases.jsonl > results.jsonl",
            "", "Exit status: 0 the run has ended by itself; 2 wrong usage or an unusable case; 4 a limit was reached;", "5 a case of a batch did not end as its \"expect\" says."})
public final class ExecCommand implements Callable<Integer> {
    private static final int OK = 0, UNUSABLE = 2, LIMIT = 4, UNEXPECTED = 5;

    @Spec
    CommandSpec spec;

    @Option(names = "--code", paramLabel = "FILE", description = "raw machine code")
    String code;

    @Option(names = "--hex", paramLabel = "BYTES", description = "machine code in hexadecimal")
    String hex;

    @Option(names = "--asm", paramLabel = "TEXT", description = "assembly, Intel syntax, ';' between instructions (needs GNU as)")
    String asm;

    @Option(names = "--elf", paramLabel = "FILE", description = "a static ELF program; ends at HLT or a system call")
    String elf;

    @Option(names = "--batch", paramLabel = "FILE",
            description = "one case a line as a JSON object with fields name, mode, cpl, at, hex|code|asm|elf, map, mem, regs, until, limit, deliver, board, engine, cpu, expect; answers one line each; - is standard input")
    String batch;

    @Option(names = "--at", paramLabel = "ADDR", description = "linear address of the code")
    String at;

    @Option(names = "--map", paramLabel = "ADDR:SIZE[=FILE][:rwx]", description = "maps memory, zeroed or with a file's bytes (default rights: rwx)")
    List<String> maps = new ArrayList<>();

    @Option(names = "--mem", paramLabel = "ADDR=HEX", description = "puts bytes into mapped memory")
    List<String> memory = new ArrayList<>();

    @Option(names = "--reg", paramLabel = "NAME=VALUE", description = "sets a register: rax, eax, al, rflags, fs_base, st0, mm0, xmm0, ymm0, mxcsr, fcw, ds, cr4, msr_HEX, ..")
    List<String> registers = new ArrayList<>();

    @Option(names = "--mode", paramLabel = "long|compat|protected|real", description = "processor mode (default: long)")
    String mode;

    @Option(names = "--cpl", paramLabel = "0|3", description = "privilege level (default: 0)")
    String cpl;

    @Option(names = "--engine", paramLabel = "interpreter|translator", defaultValue = "interpreter",
            description = "interpreter (default); translator: every block is translated when it is entered")
    String engine;

    @Option(names = "--cpu", paramLabel = "MODEL[,+F][,-F]", defaultValue = "max", description = "processor: baseline, v2, v3, max (default), with features added and taken away")
    String cpu;

    @Option(names = "--until", paramLabel = "ADDR|hlt|'N instructions'", description = "the end (default: the address behind the code)")
    String until;

    @Option(names = "--limit", paramLabel = "N", description = "most instructions (default: 1000000)")
    String limit;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "most host time for one case")
    Double timeout;

    @Option(names = "--deliver", description = "deliver exceptions and interrupts through the guest's own tables")
    boolean deliver;

    @Option(names = "--board", paramLabel = "none|pc", description = "none (default): a bare processor; pc: a whole PC with its devices, addresses are physical, events are delivered")
    String board;

    @Option(names = "--memory", paramLabel = "MIB", defaultValue = "32", description = "RAM for one case and its page tables (default: ${DEFAULT-VALUE} MiB)")
    int mebibytes;

    @Option(names = "--trace", description = "print every instruction before it is executed")
    boolean trace;

    @Option(names = "--json", description = "print the result as one JSON object")
    boolean json;

    @Override
    public Integer call() throws IOException, BootException {
        if (mebibytes < 4 || mebibytes > 2048) throw usage("--memory must be from 4 to 2048 MiB");
        if (timeout != null && !(timeout > 0)) throw usage("--timeout must be greater than 0");
        PrintWriter out = new PrintWriter(new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), 1 << 16));
        Labs labs = new Labs(engine, cpu, this::lab);
        try {
            return batch != null ? batch(labs, out) : single(labs, out);
        } catch (LabException e) {
            throw usage(e.getMessage());
        } finally {
            out.flush();
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private Laboratory lab(String name, CpuModel model, boolean pc) {
        Machine.EngineFactory f = name.equals("translator") ? Translator.factory(TranslatorOptions.after(1)) : Machine::interpreter;
        return pc ? new PcLab(f, model, (long) mebibytes << 20) : new Lab(f, model, (long) mebibytes << 20);
    }

    private int batch(Labs labs, PrintWriter out) throws IOException {
        if (java.util.stream.Stream.of(code, hex, asm, elf).anyMatch(java.util.Objects::nonNull)) throw usage("--batch brings its own code");
        if (Files.isDirectory(Path.of(batch))) throw usage("--batch: " + batch + " is a directory");
        Batch b = new Batch(labs, out, timeout);
        long start = System.nanoTime();
        try (InputStream in = batch.equals("-") ? System.in : Files.newInputStream(Path.of(batch)); Interrupt interrupt = new Interrupt(b::stop, b::interrupted)) {
            b.run(in, interrupt);
            double seconds = (System.nanoTime() - start) / 1e9;
            spec.commandLine().getErr().printf("ringside: %,d cases, %,d unusable, %.1f s, %,.0f cases/s%n", b.cases(), b.bad(), seconds, b.cases() / seconds);
            if (b.unexpected() > 0) spec.commandLine().getErr().printf("ringside: %,d cases did not end as expected%n", b.unexpected());
            spec.commandLine().getErr().flush();
        }
        return b.bad() > 0 ? UNUSABLE : b.unexpected() > 0 ? UNEXPECTED : OK;
    }

    private int single(Labs labs, PrintWriter out) throws IOException, BootException {
        CaseSpec c = spec();
        Experiment e = c.experiment();
        Laboratory lab = labs.get(engine, cpu, c.pc());
        Timer timer = timeout == null ? null : new Timer(true);
        if (timer != null) {
            timer.schedule(new TimerTask() {
                @Override
                public void run() {
                    lab.stop();
                }
            }, Math.max(1, (long) (timeout * 1000)));
        }
        Result r;
        try (Interrupt interrupt = new Interrupt(lab::stop, () -> System.err.printf("%nringside: interrupted after %,d instructions%n", lab.processor().instructions()))) {
            r = run(lab, e, out);
        }
        if (timer != null) timer.cancel();
        return r.stop().reason() == Stop.Reason.LIMIT || r.stop().reason() == Stop.Reason.STOPPED ? LIMIT : OK;
    }

    private Result run(Laboratory lab, Experiment e, PrintWriter out) throws IOException {
        Result r = lab.run(e, trace ? (cpu, i) -> out.printf("%016x  %s%n", cpu.codeLinear(), i == null ? "(bad)" : Formatter.format(i, cpu.codeLinear())) : null);
        if (json) {
            out.println(JSON.std.asString(ResultJson.of(null, r)));
        } else {
            ResultText.print(out, r);
        }
        out.flush();
        return r;
    }

    private CaseSpec spec() {
        CaseSpec c = new CaseSpec();
        c.mode = mode;
        c.cpl = cpl;
        c.at = at;
        c.until = until;
        c.limit = limit;
        c.hex = hex;
        c.code = code;
        c.asm = asm;
        c.elf = elf;
        c.deliver = deliver;
        c.board = board;
        c.maps.addAll(maps);
        for (String s : memory) c.memory.put(left(s, "--mem"), right(s));
        for (String s : registers) c.registers.put(left(s, "--reg"), right(s));
        return c;
    }

    private static String left(String s, String option) {
        int i = s.indexOf('=');
        if (i <= 0) throw new LabException(option + " '" + s + "': there is no '='");
        return s.substring(0, i);
    }

    private static String right(String s) {
        return s.substring(s.indexOf('=') + 1);
    }
}
