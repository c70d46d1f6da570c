package ringside.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import ringside.boot.BootException;
import ringside.cpu.CpuModel;
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
import ringside.workbench.exec.Batch;
import ringside.workbench.exec.CaseSpec;
import ringside.workbench.exec.Expectation;
import ringside.workbench.exec.Labs;
import ringside.workbench.exec.ResultJson;
import ringside.workbench.exec.ResultText;
import ringside.workbench.exec.StopInstruction;
import ringside.workbench.exec.TraceLines;

/** {@code ringside exec}: a small CPU laboratory. */
@Command(
        name = "exec",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description =
                "Runs a piece of code on one bare processor and shows registers, changed memory, and why it stopped.",
        footer = {
            "",
            "Code goes to --at (default 401000h, real mode 7C00h) and gets pages of its own unless --map has them; a",
            "stack is mapped unless the stack pointer is set. Exceptions, interrupts and system calls end the run and"
                    + " are",
            "shown, with --deliver the guest handles them.",
            "",
            "Examples:",
            "  ringside exec --hex '48 01 d8' --reg rax=5 --reg rbx=-3",
            "  ringside exec --asm 'mov eax, 6; imul eax, eax, 7; hlt' --trace",
            "  ringside exec --mode real --hex 'cd 10' --json",
            "  ringside exec --elf program --cpl 3",
            "  ringside exec --batch cases.jsonl > results.jsonl",
            "",
            "Exit status: 0 the run has ended by itself; 2 wrong usage or an unusable case; 4 a limit was reached;",
            "5 a case did not end as \"expect\" says."
        })
final class ExecCommand implements Callable<Integer> {
    private static final int OK = 0, UNUSABLE = 2, LIMIT = 4, UNEXPECTED = 5;
    private static final int MOST_WORKERS = 8;

    @Spec
    CommandSpec spec;

    @Option(names = "--code", paramLabel = "FILE", description = "raw machine code")
    String code;

    @Option(names = "--hex", paramLabel = "BYTES", description = "machine code in hexadecimal")
    String hex;

    @Option(
            names = "--asm",
            paramLabel = "TEXT",
            description = "assembly, Intel syntax, ';' between instructions (needs GNU as)")
    String asm;

    @Option(names = "--elf", paramLabel = "FILE", description = "a static ELF program; ends at HLT or a system call")
    String elf;

    @Option(
            names = "--batch",
            paramLabel = "FILE",
            description = "one case a line as a JSON object with fields named as the options: name, mode, cpl, at,"
                + " hex|code|asm|elf, map, mem, reg, show, until, limit, timeout, deliver, board, memory, engine, cpu,"
                + " trace, expect, only; options hold where a case says nothing; answers one line each; - is standard"
                + " input")
    String batch;

    @Option(names = "--at", paramLabel = "ADDR", description = "linear address of the code")
    String at;

    @Option(
            names = "--map",
            paramLabel = "ADDR:SIZE[=FILE][:rwx]",
            description = "maps memory, zeroed or with a file's bytes (default rights: rwx)")
    List<String> maps = new ArrayList<>();

    @Option(names = "--mem", paramLabel = "ADDR=HEX", description = "puts bytes into mapped memory")
    List<String> memory = new ArrayList<>();

    @Option(
            names = "--reg",
            paramLabel = "NAME=VALUE",
            description =
                    "sets a register: rax, eax, al, rflags, fs_base, st0, mm0, xmm0, ymm0, mxcsr, fcw, ds, ds_limit,"
                            + " cr4, msr_HEX, ..")
    List<String> registers = new ArrayList<>();

    @Option(
            names = "--show",
            paramLabel = "NAME[,NAME]",
            description = "show more registers than the usual ones and those that were set")
    List<String> shown = new ArrayList<>();

    @Option(
            names = "--only",
            paramLabel = "NAME[,NAME]",
            description = "answer with nothing else: stop, instructions, regs, memory, trace, or registers by name")
    List<String> only = new ArrayList<>();

    @Option(
            names = "--expect",
            paramLabel = "NAME=VALUE[/MASK]",
            description =
                    "what the result should have: a register, reason, vector, error, address, access, instructions,"
                            + " 'memory ADDR'; says what differs and ends with status 5")
    List<String> expected = new ArrayList<>();

    @Option(names = "--mode", paramLabel = "long|compat|protected|real", description = "processor mode (default: long)")
    String mode;

    @Option(names = "--cpl", paramLabel = "0|3", description = "privilege level (default: 0)")
    String cpl;

    @Option(
            names = "--engine",
            paramLabel = "interpreter|translator",
            description = "interpreter (default); translator: every block is translated when it is entered")
    String engine;

    @Option(
            names = "--cpu",
            paramLabel = "MODEL[,+F][,-F]",
            description = "processor: baseline, v2, v3, max (default), amd, with features added and taken away")
    String cpu;

    @Option(
            names = "--until",
            paramLabel = "ADDR|hlt|'N instructions'",
            description = "the end (default: the address behind the code)")
    String until;

    @Option(names = "--limit", paramLabel = "N", description = "most instructions (default: 1000000)")
    String limit;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "most host time for one case")
    String timeout;

    @Option(names = "--deliver", description = "deliver exceptions and interrupts through the guest's own tables")
    boolean deliver;

    @Option(
            names = "--board",
            paramLabel = "none|pc",
            description =
                    "none (default): a bare processor; pc: a whole PC with its devices, addresses are physical, events"
                            + " are delivered")
    String board;

    @Option(
            names = "--memory",
            paramLabel = "MIB",
            description = "RAM for one case and its page tables (default: 32 MiB)")
    String memoryMebibytes;

    @Option(names = "--trace", description = "print every instruction before it is executed")
    boolean trace;

    @Option(names = "--json", description = "print the result as one JSON object, the trace in it")
    boolean json;

    @Override
    public Integer call() throws IOException, BootException {
        PrintWriter out = new PrintWriter(
                new BufferedWriter(new OutputStreamWriter(Output.results(), StandardCharsets.UTF_8), 1 << 16));
        try {
            CaseSpec c = spec();
            // refused before anything runs
            c.milliseconds();
            c.mebibytes();
            return batch != null ? batch(c, out) : single(c, out);
        } catch (LabException e) {
            throw usage(e.getMessage());
        } finally {
            out.flush();
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static Laboratory lab(String engine, CpuModel model, boolean pc, int mebibytes) {
        Machine.EngineFactory f =
                engine.equals("translator") ? Translator.factory(TranslatorOptions.after(1)) : Machine::interpreter;
        return pc ? new PcLab(f, model, (long) mebibytes << 20) : new Lab(f, model, (long) mebibytes << 20);
    }

    private int batch(CaseSpec standard, PrintWriter out) throws IOException {
        if (java.util.stream.Stream.of(code, hex, asm, elf).anyMatch(java.util.Objects::nonNull))
            throw usage("--batch brings its own code");
        if (Files.isDirectory(Path.of(batch))) throw usage("--batch: " + batch + " is a directory");
        Batch b = new Batch(
                ExecCommand::lab, out, standard, Math.min(Runtime.getRuntime().availableProcessors(), MOST_WORKERS));
        long start = System.nanoTime();
        try (InputStream in = batch.equals("-") ? System.in : Files.newInputStream(Path.of(batch));
                EndRequest interrupt = new EndRequest(
                        b::stop, () -> Output.messages().printf("%nringside: interrupted %s%n", b.where()))) {
            b.run(in, interrupt);
            double seconds = (System.nanoTime() - start) / 1e9;
            spec.commandLine()
                    .getErr()
                    .printf(
                            "ringside: %,d case%s, %,d unusable, %.1f s, %,.0f cases/s%n",
                            b.cases(), b.cases() == 1 ? "" : "s", b.bad(), seconds, b.cases() / seconds);
            if (b.unexpected() > 0)
                spec.commandLine()
                        .getErr()
                        .printf(
                                "ringside: %,d case%s did not end as expected%n",
                                b.unexpected(), b.unexpected() == 1 ? "" : "s");
            spec.commandLine().getErr().flush();
        }
        return b.bad() > 0 ? UNUSABLE : b.unexpected() > 0 ? UNEXPECTED : OK;
    }

    private int single(CaseSpec c, PrintWriter out) throws IOException, BootException {
        Experiment e = c.experiment();
        try (Labs labs = new Labs(ExecCommand::lab)) {
            Laboratory lab = labs.get(c);
            Timer timer = timeout == null ? null : new Timer(true);
            if (timer != null) {
                timer.schedule(
                        new TimerTask() {
                            @Override
                            public void run() {
                                lab.stop();
                            }
                        },
                        c.milliseconds());
            }
            Result r;
            List<String> failed;
            try (EndRequest interrupt = new EndRequest(
                    lab::stop,
                    () -> Output.messages()
                            .printf(
                                    "%nringside: interrupted after %,d instructions%n",
                                    lab.processor().instructions()))) {
                TraceLines lines = trace && json ? new TraceLines() : null;
                r = lab.run(e, lines != null ? lines : trace ? (cpu, i) -> out.println(TraceLines.line(cpu, i)) : null);
                if (timer != null) timer.cancel();
                failed = c.expectation.failures(r, lab);
                if (json) {
                    out.println(ResultJson.of(
                            null, r, lines == null ? null : lines.lines(), failed, StopInstruction.of(r, lab), c.only));
                } else {
                    ResultText.print(out, r, StopInstruction.of(r, lab), c.only);
                    for (String f : failed) out.println("unexpected: " + f);
                }
                out.flush();
            }
            if (!failed.isEmpty()) return UNEXPECTED;
            return r.stop().reason() == Stop.Reason.LIMIT || r.stop().reason() == Stop.Reason.STOPPED ? LIMIT : OK;
        }
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
        c.timeout = timeout;
        c.ram = memoryMebibytes;
        c.engine = engine;
        c.cpu = cpu;
        c.trace = trace;
        for (String s : memory) c.memory.put(CaseSpec.left(s, "--mem"), CaseSpec.right(s));
        for (String s : registers) c.addRegister("--reg", s);
        c.addShown(shown);
        c.only(only.isEmpty() ? null : only);
        Map<String, Object> wanted = new LinkedHashMap<>();
        for (String s : expected) wanted.put(CaseSpec.left(s, "--expect"), CaseSpec.right(s));
        c.expectation = Expectation.of(wanted);
        return c;
    }
}
