package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import java.util.List;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.ConstantDynamic;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import ringside.cpu.Cpu;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.StackEffect;
import ringside.translator.analysis.FlagLiveness;
import ringside.translator.frontend.BlockEnd;
import ringside.translator.frontend.RegionPlan;
import ringside.translator.region.Link;
import ringside.translator.region.Region;

/**
 * Writes the class of one region: a subclass of {@link Region} whose {@code run} is the guest code. Three passes over
 * the plan: the first finds out what is touched, the second counts bytes, the third writes.
 *
 * <p>Layout of {@code run}: the prologue, which loads registers and flags and branches to the entry; the nodes; stubs
 * that give a node's instructions back to the budget and leave; the common exits, which store registers and flags.
 */
public final class RegionEmitter {
    private static final String CLASS_NAMES = "ringside/translator/cache/Guest";

    private final RegionPlan plan;
    private final String className;
    private final FlagLiveness liveness;
    private final Usage usage = new Usage();
    private final int size;
    private Emission e;
    private Code c;
    private Label[] nodes;

    /** Whether the class is to say which bytecode belongs to which guest instruction. */
    private final boolean lines;

    public RegionEmitter(RegionPlan plan) {
        this(plan, false);
    }

    /**
     * @param lines as for the constructor
     * @return the emitter of the plan, or of as much of it as fits into so many bytes of bytecode
     */
    public static RegionEmitter fitting(RegionPlan plan, int maxMethodBytes, boolean lines) {
        RegionEmitter e = new RegionEmitter(plan, lines);
        while (e.size > maxMethodBytes && e.plan.shrinks()) e = new RegionEmitter(e.plan.shorter(), lines);
        return e;
    }

    public RegionPlan plan() {
        return plan;
    }

    /** @param lines whether the class gets line numbers: those of the instructions, counted from 1 */
    public RegionEmitter(RegionPlan plan, boolean lines) {
        this.plan = plan;
        className = plan.name().isEmpty() ? CLASS_NAMES : CLASS_NAMES + "_" + plan.name();
        this.lines = lines;
        this.liveness = new FlagLiveness(plan);
        body(null, new Locals(0xffff));
        body(null, new Locals(usage.registers));
        this.size = c.size();
    }

    /** @return bytes of the method {@code run}, or a few more; HotSpot compiles no method above 8000 */
    public int size() {
        return size;
    }

    /**
     * A class to be defined.
     *
     * @param ops its class data
     * @param faultPoints byte offset and instructions to give back, by number
     * @param faultOps the instructions of its node, by the same number
     * @param links of its exits, by number
     */
    public record Result(byte[] bytes, Op[] ops, List<int[]> faultPoints, Op[][] faultOps, List<Link> links) {}

    public Result emit() {
        ClassWriter w = new ClassWriter(0);
        w.visit(V21, ACC_FINAL | ACC_SUPER, className, null, Names.REGION, null);
        constructor(w);
        if (!usage.handlers.isEmpty()) constants(w);
        MethodVisitor mv = w.visitMethod(ACC_PUBLIC | ACC_FINAL, "run", Names.RUN, null, null);
        mv.visitCode();
        Locals locals = new Locals(usage.registers);
        body(mv, locals);
        mv.visitMaxs(20, locals.count());
        mv.visitEnd();
        w.visitEnd();
        return new Result(
                w.toByteArray(),
                usage.handlers.toArray(Op[]::new),
                e.faultPoints,
                e.faultOps.toArray(Op[][]::new),
                e.links);
    }

    private void constructor(ClassWriter w) {
        MethodVisitor m = w.visitMethod(ACC_PUBLIC, "<init>", "()V", null, null);
        m.visitCode();
        m.visitVarInsn(ALOAD, 0);
        m.visitMethodInsn(INVOKESPECIAL, Names.REGION, "<init>", "()V", false);
        m.visitInsn(RETURN);
        m.visitMaxs(1, 1);
        m.visitEnd();
    }

    /** Static final fields for the handlers, so that HotSpot knows each call's target. */
    private void constants(ClassWriter w) {
        MethodVisitor m = w.visitMethod(ACC_STATIC, "<clinit>", "()V", null, null);
        m.visitCode();
        Handle bootstrap = new Handle(
                H_INVOKESTATIC,
                "java/lang/invoke/MethodHandles",
                "classData",
                "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;)Ljava/lang/Object;",
                false);
        m.visitLdcInsn(new ConstantDynamic("_", "[" + Names.OP_TYPE, bootstrap));
        m.visitVarInsn(ASTORE, 0);
        for (int i = 0; i < usage.handlers.size(); i++) {
            w.visitField(ACC_STATIC | ACC_FINAL, "o" + i, Names.OP_TYPE, null, null)
                    .visitEnd();
            m.visitVarInsn(ALOAD, 0);
            m.visitLdcInsn(i);
            m.visitInsn(AALOAD);
            m.visitFieldInsn(PUTSTATIC, className, "o" + i, Names.OP_TYPE);
        }
        m.visitInsn(RETURN);
        m.visitMaxs(3, 1);
        m.visitEnd();
    }

    private void body(MethodVisitor mv, Locals locals) {
        c = new Code(mv, locals.frame());
        e = new Emission(c, locals, usage, plan, className);
        nodes = new Label[plan.nodes().size()];
        Label[] tooLong = new Label[nodes.length];
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = new Label();
            tooLong[i] = new Label();
        }
        prologue(locals);
        for (int i = 0; i < nodes.length; i++) node(i, tooLong[i]);
        if (lines) c.line(plan.instructions() + 1);
        for (int i = 0; i < nodes.length; i++) {
            RegionPlan.Node n = plan.nodes().get(i);
            c.place(tooLong[i]);
            c.increment(Locals.BUDGET, n.ops().length);
            e.exitTo(n.offset(), Region.DONE);
        }
        e.flags.reset();
        for (int i = 0; i < e.misses.size(); i++) {
            Label miss = e.misses.get(i);
            if (miss != null) c.place(miss).iconst(i).istore(Locals.AT).jump(GOTO, e.bail);
        }
        if (!usage.handlers.isEmpty()) {
            c.placeHandler(e.fault, Names.GUEST_FAULT).op(POP).jump(GOTO, e.bail);
            c.placeHandler(e.leave, Names.LEAVE_BLOCK).op(POP);
        }
        bail();
        exits();
    }

    /** @return line number of a node's first instruction */
    private int line(int node) {
        int n = 1;
        for (RegionPlan.Node k : plan.nodes().subList(0, node)) n += k.ops().length;
        return n;
    }

    private void node(int index, Label tooLong) {
        RegionPlan.Node n = plan.nodes().get(index);
        c.place(nodes[index]);
        e.flags.reset();
        c.increment(Locals.BUDGET, -n.ops().length);
        c.iload(Locals.BUDGET).jump(IFLT, tooLong);
        if ((plan.mode() & Cpu.MODE_OBSERVED) != 0) observe(n);
        boolean inlines = plan.inlines();
        int count = n.ops().length;
        for (int i = 0; i < count; i++) {
            Op op = n.ops()[i];
            e.begin(n.ops(), i, n.offsets()[i], liveness.live(index, i));
            if (lines) c.line(line(index) + i);
            if (op.endsBlock()) {
                if (inlines && !op.undefined() && BranchEmitter.takes(op.instruction, plan)) {
                    BranchEmitter.emit(e, n, k -> nodes[k]);
                    return;
                }
                switch (plan.mode64() ? BlockEnd.of(op) : BlockEnd.INTERPRETED) {
                    case CONTINUES -> HandlerEmitter.emitContinuing(e, n, k -> nodes[k]);
                    case LEAVES -> HandlerEmitter.emitLeaving(e);
                    case INTERPRETED -> {
                        c.jump(GOTO, e.miss());
                    }
                }
                return;
            }
            boolean inlined = false;
            if (inlines && !op.undefined() && op.stackEffect() != StackEffect.MOVE) {
                InstructionEmitter emitter = Emitters.of(op.instruction.mnemonic);
                inlined = emitter != null && emitter.emit(e);
            }
            if (!inlined) {
                HandlerEmitter.emit(e);
            } else if (op.stackEffect() == StackEffect.RAISE) {
                StackEmitter.raised(e);
            }
        }
        BranchEmitter.follow(e, n.next(), n.end(), k -> nodes[k]);
    }

    /**
     * Tells observers of the node's instructions; those that a fault cuts off are taken out by {@link Region#leave}.
     */
    private void observe(RegionPlan.Node n) {
        c.aload(Locals.CPU).lload(Locals.BASE).iconst(n.offset()).op(I2L, LADD);
        if (!e.mode64) c.lconst(0xffff_ffffL).op(LAND);
        c.iconst(n.ops().length);
        c.invokeStatic(Names.REGION, "begin", "(L" + Names.CPU + ";JI)V");
    }

    private void bail() {
        c.place(e.bail);
        storeState();
        c.aload(Locals.THIS)
                .aload(Locals.CPU)
                .lload(Locals.BASE)
                .iload(Locals.BUDGET)
                .iload(Locals.AT);
        c.invokeVirtual(Names.REGION, "leave", "(Lringside/cpu/Cpu;JII)I").op(IRETURN);
    }

    private void exits() {
        c.place(e.exitOffset);
        c.lload(Locals.BASE).iload(Locals.I0).op(I2L, LADD);
        if (!e.mode64) c.lconst(0xffff_ffffL).op(LAND);
        c.lstore(Locals.RIP);
        c.place(e.exitRip);
        c.aload(Locals.CPU).lload(Locals.RIP).field(PUTFIELD, Names.CPU, "rip", "J");
        c.aload(Locals.CPU).iload(Locals.BUDGET).op(I2L).field(PUTFIELD, Names.CPU, "budget", "J");
        storeState();
        c.iload(Locals.RESULT).op(IRETURN);
    }

    private void storeState() {
        HandlerEmitter.storeRegisters(e, usage.written);
        if (usage.flagsWritten) HandlerEmitter.handFlagsOn(e);
    }

    private void prologue(Locals locals) {
        c.aload(Locals.CPU)
                .field(GETFIELD, Names.CPU, "mem", "L" + Names.MEMORY + ";")
                .astore(Locals.MEM);
        c.aload(Locals.CPU).field(GETFIELD, Names.CPU, "gpr", "[J").astore(Locals.GPR);
        c.aload(Locals.CPU).field(GETFIELD, Names.CPU, "vec", "[J").astore(Locals.VEC);
        if (usage.flags) {
            HandlerEmitter.takeFlags(e);
        } else {
            for (int l : new int[] {Locals.FLAG_RESULT, Locals.FLAG_A, Locals.FLAG_B})
                c.lconst(0).lstore(l);
            c.iconst(0).istore(Locals.FLAG_KIND);
        }
        for (int l : new int[] {Locals.L0, Locals.L1, Locals.L2, Locals.ADDRESS, Locals.RIP})
            c.lconst(0).lstore(l);
        for (int l : new int[] {Locals.I0, Locals.I1, Locals.I2}) c.iconst(0).istore(l);
        segmentBase(c, usage.fsBase, Cpu.FS, Locals.FS_BASE);
        segmentBase(c, usage.gsBase, Cpu.GS, Locals.GS_BASE);
        HandlerEmitter.loadRegisters(e, usage.registers);
        if (plan.entries().length == 1) {
            c.jump(GOTO, nodes[plan.entries()[0]]);
            return;
        }
        Label[] targets = new Label[plan.entries().length];
        for (int i = 0; i < targets.length; i++) targets[i] = nodes[plan.entries()[i]];
        c.iload(Locals.AT).tableSwitch(targets);
    }

    static void segmentBase(Code c, boolean used, int segment, int local) {
        if (!used) {
            c.lconst(0).lstore(local);
            return;
        }
        c.aload(Locals.CPU)
                .field(GETFIELD, Names.CPU, "seg", "[L" + Names.SEGMENT + ";")
                .iconst(segment)
                .op(AALOAD);
        c.field(GETFIELD, Names.SEGMENT, "base", "J").lstore(local);
    }
}
