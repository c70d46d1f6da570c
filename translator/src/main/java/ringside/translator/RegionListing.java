package ringside.translator;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import ringside.cpu.Cpu;
import ringside.decoder.Formatter;
import ringside.decoder.InstructionInfo;
import ringside.interpreter.core.Block;
import ringside.interpreter.core.Op;
import ringside.machine.Core;
import ringside.memory.HostMemory;
import ringside.translator.analysis.FlagLiveness;
import ringside.translator.emit.RegionEmitter;
import ringside.translator.frontend.RegionBuilder;
import ringside.translator.frontend.RegionPlan;

/**
 * What the translator makes of code at one place, for people: the guest's code, the plan of its region, the bytecode.
 */
public final class RegionListing {
    /** Where code lies, whatever is mapped there later. */
    public static final class Place {
        private final long host;
        private final int mode;
        private final long page;

        private Place(long host, int mode, long page) {
            this.host = host;
            this.mode = mode;
            this.page = page;
        }
    }

    private final Place place;
    private final RegionPlan plan;
    private final FlagLiveness liveness;
    private final byte[] bytes;
    private final int size;
    private final int handlers;

    private RegionListing(Place place, RegionEmitter emitter) {
        this.place = place;
        this.plan = emitter.plan();
        this.liveness = new FlagLiveness(plan);
        this.size = emitter.size();
        RegionEmitter.Result r = emitter.emit();
        this.bytes = r.bytes();
        this.handlers = r.ops().length;
    }

    /**
     * Remembers where a processor stands.
     *
     * @param core the processor
     * @return the place of its next instruction, or null if that is not in RAM or not mapped
     */
    public static Place here(Core core) {
        Cpu cpu = core.cpu();
        long la = cpu.codeLinear();
        long pa = cpu.mem.probe(la);
        long page = pa < 0 ? 0 : cpu.physical.ramPage(pa);
        return page == 0 ? null : new Place(page + (pa & 0xfff), cpu.mode, la & -4096L);
    }

    /**
     * Plans and translates the region of a place, with as much around it as has been executed so far.
     *
     * @param core the processor that executed it
     * @param place where its first instruction lies
     * @param options how much belongs to a region at most
     * @return the listing, or null if no block has been decoded there
     */
    public static RegionListing of(Core core, Place place, TranslatorOptions options) {
        Block b = core.blocks().find(place.host, place.mode);
        if (b == null || b.nextPageHost != 0) return null;
        RegionPlan plan =
                new RegionBuilder(core.blocks(), options.maxInstructions()).plan(b, options.maxInstructions());
        return new RegionListing(place, RegionEmitter.fitting(plan, options.maxMethodBytes(), true));
    }

    private long linear(int offset) {
        return place.page + offset;
    }

    /**
     * The guest's code and the plan: its nodes, where they lead, and which instructions set flags that can be seen.
     *
     * @param names what lies at a linear address, for headings
     * @return lines with their ends
     */
    public String plan(LongFunction<String> names) {
        StringBuilder s = new StringBuilder();
        s.append(String.format(
                "region at physical %xh, %s code: %d node%s, %d instructions, %d handler calls, %,d bytes of"
                        + " bytecode%n",
                plan.pagePa() + plan.nodes().get(plan.entries()[0]).offset(),
                plan.mode64() ? "64-bit" : plan.inlines() ? "flat 32-bit" : "segmented",
                plan.nodes().size(),
                plan.nodes().size() == 1 ? "" : "s",
                plan.instructions(),
                handlers,
                size));
        for (int n = 0; n < plan.nodes().size(); n++) {
            RegionPlan.Node k = plan.nodes().get(n);
            s.append(String.format(
                    "%nnode %d, %s%s: %s%s%n",
                    n,
                    names.apply(linear(k.offset())),
                    entry(n),
                    k.next() == RegionPlan.EXIT ? "leaves at its end" : "then node " + k.next(),
                    k.taken() == RegionPlan.EXIT ? "" : ", its branch leads to node " + k.taken()));
            for (int i = 0; i < k.ops().length; i++) s.append(instruction(n, k, i));
        }
        return s.toString();
    }

    private String entry(int n) {
        int[] e = plan.entries();
        for (int i = 0; i < e.length; i++) {
            if (e[i] == n) return i == 0 ? ", entered here" : ", entered here behind a call";
        }
        return "";
    }

    private String instruction(int n, RegionPlan.Node k, int i) {
        Op op = k.ops()[i];
        byte[] code = new byte[op.length];
        HostMemory.read(plan.host(k.offsets()[i]), code, 0, code.length);
        String hex = HexFormat.ofDelimiter(" ").formatHex(code);
        boolean sets = InstructionInfo.of(op.instruction).flagsChanged() != 0;
        return String.format(
                        "  %016x  %-30s %-40s%s%n",
                        linear(k.offsets()[i]),
                        hex,
                        op.undefined() ? "(undefined)" : Formatter.format(op.instruction, linear(k.offsets()[i])),
                        sets ? liveness.live(n, i) ? " flags seen" : " flags not seen" : "")
                .replaceAll(" +(?=\\R)", "");
    }

    /**
     * The bytecode of the region's method, each guest instruction as a heading before what it became.
     *
     * @return lines with their ends
     */
    public String bytecode() {
        StringBuilder s = new StringBuilder();
        MethodModel run = ClassFile.of().parse(bytes).methods().stream()
                .filter(m -> m.methodName().equalsString("run"))
                .findFirst()
                .orElseThrow();
        CodeAttribute code = (CodeAttribute) run.code().orElseThrow();
        Map<Label, Integer> at = new HashMap<>();
        int offset = 0;
        for (CodeElement e : code.elementList()) {
            if (e instanceof LabelTarget l) at.put(l.label(), offset);
            if (e instanceof Instruction i) offset += i.sizeInBytes();
        }
        offset = 0;
        s.append(String.format("run(cpu, base, budget, entry):%n"));
        for (CodeElement e : code.elementList()) {
            if (e instanceof LineNumber l) s.append(heading(l.line()));
            if (!(e instanceof Instruction i)) continue;
            s.append(String.format("  %5d  %s%n", offset, text(i, at)));
            offset += i.sizeInBytes();
        }
        return s.toString();
    }

    /** @param line number of the instruction in the region, counted from 1; behind the last one come the exits */
    private String heading(int line) {
        int i = line - 1;
        for (RegionPlan.Node k : plan.nodes()) {
            if (i < k.ops().length)
                return String.format(
                        "%n%016x  %s%n",
                        linear(k.offsets()[i]), Formatter.format(k.ops()[i].instruction, linear(k.offsets()[i])));
            i -= k.ops().length;
        }
        return String.format("%nexits%n");
    }

    private static String text(Instruction i, Map<Label, Integer> at) {
        String name = i.opcode().name().toLowerCase(Locale.ROOT);
        return switch (i) {
            case LoadInstruction l -> name + plain(name, l.slot());
            case StoreInstruction l -> name + plain(name, l.slot());
            case IncrementInstruction l -> name + " " + l.slot() + " by " + l.constant();
            case ConstantInstruction.IntrinsicConstantInstruction c -> name;
            case ConstantInstruction c -> name + " " + c.constantValue();
            case FieldInstruction f -> name + " " + owner(f.owner().asInternalName()) + f.name();
            case InvokeInstruction c -> name + " " + owner(c.owner().asInternalName()) + c.name() + c.type();
            case BranchInstruction b -> name + " " + at.get(b.target());
            case TableSwitchInstruction t -> name + cases(t.cases(), t.defaultTarget(), at);
            case LookupSwitchInstruction t -> name + cases(t.cases(), t.defaultTarget(), at);
            default -> name;
        };
    }

    private static String plain(String name, int slot) {
        return name.matches(".*_\\d") ? "" : " " + slot;
    }

    private static String owner(String name) {
        return name.substring(name.lastIndexOf('/') + 1) + ".";
    }

    private static String cases(List<SwitchCase> cases, Label otherwise, Map<Label, Integer> at) {
        return cases.stream()
                .map(c -> " " + c.caseValue() + ": " + at.get(c.target()))
                .collect(Collectors.joining(",", "", ", else " + at.get(otherwise)));
    }
}
