package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Label;
import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.interpreter.core.Op;
import ringside.translator.frontend.RegionPlan;
import ringside.translator.region.Link;
import ringside.translator.region.Region;

/**
 * The state of emitting one region, passed to the emitter of each instruction: where code goes, the instruction at
 * hand, and the labels that instructions leave to. The emitter's rule: nothing of the guest's state (register and flag
 * locals) changes before the last access that may miss, because at a miss the locals are stored as they are and the
 * interpreter executes the instruction again.
 */
final class Emission {
    final Code c;
    final Locals locals;
    final Usage usage;
    final RegionPlan plan;
    final FlagEmitter flags;
    final boolean mode64;
    /** Indirect branches are tracked: ENDBR has an effect. */
    final boolean tracksBranches;
    /** Byte offset and instructions to give back to the budget, by number of the instruction that may fault. */
    final List<int[]> faultPoints = new ArrayList<>();
    /** The instructions of its node, by the same number. */
    final List<Op[]> faultOps = new ArrayList<>();
    /** The links of exits, in the order of their numbers. */
    final List<Link> links = new ArrayList<>();

    /** The node and the instruction at hand. */
    private Op[] node;

    Op op;
    Instruction in;
    int offset, next;
    /** Instructions of the node from this one on, itself included. */
    int left;
    /** Whether anything can see the flags that this instruction sets. */
    boolean flagsLive;

    /** The number of this instruction's fault point, or -1. */
    private int point;
    /** AT holds it. */
    private boolean announced;

    /** Where instructions leave that the interpreter must execute, by their fault point; null where none leaves so. */
    final List<Label> misses = new ArrayList<>();

    /**
     * Exits: RIP is base + the offset in I0; RIP is in the local RIP; the instruction numbered AT must be executed by
     * the interpreter.
     */
    final Label exitOffset = new Label(), exitRip = new Label(), bail = new Label();
    /** Handlers of what the interpreter's handlers throw. */
    final Label fault = new Label(), leave = new Label();

    private final String className;

    Emission(Code c, Locals locals, Usage usage, RegionPlan plan, String className) {
        this.className = className;
        this.c = c;
        this.locals = locals;
        this.usage = usage;
        this.plan = plan;
        this.mode64 = plan.mode64();
        this.tracksBranches = (plan.mode() & Cpu.MODE_IBT) != 0;
        this.flags = new FlagEmitter(this);
    }

    void begin(Op[] node, int index, int offset, boolean flagsLive) {
        this.node = node;
        this.op = node[index];
        this.in = op.instruction;
        this.offset = offset;
        this.next = offset + op.length;
        this.left = node.length - index;
        this.flagsLive = flagsLive;
        this.point = -1;
        this.announced = false;
    }

    /** Announces that this instruction may throw from here on. */
    void mayFault() {
        if (announced) return;
        announced = true;
        c.iconst(point()).istore(Locals.AT);
    }

    /** @return where to go, with the operand stack empty, if the interpreter must execute this instruction */
    Label miss() {
        int p = point();
        if (misses.get(p) == null) misses.set(p, new Label());
        return misses.get(p);
    }

    private int point() {
        if (point >= 0) return point;
        point = faultPoints.size();
        faultPoints.add(new int[] {offset, left});
        faultOps.add(node);
        misses.add(null);
        return point;
    }

    /** @return internal name of the class being written */
    String className() {
        return className;
    }

    // ---- guest registers, whole ----

    void get(int register) {
        usage.read(register);
        c.lload(locals.register(register));
    }

    /** Pops a long into the whole register. */
    void set(int register) {
        usage.write(register);
        c.lstore(locals.register(register));
    }

    // ---- exits ----

    /** Leaves for an address in or near this page, with a result of {@link Region#run}. */
    void exitTo(int target, int result) {
        c.iconst(target).istore(Locals.I0).iconst(result).istore(Locals.RESULT).jump(GOTO, exitOffset);
    }

    /** Leaves for an address in or near this page by a link of its own. */
    void exitTo(int target) {
        exitTo(target, link(target, null));
    }

    /** @return whether an offset lies in the page of the instruction at hand, which is mapped therefore */
    boolean near(int target) {
        return target >> 12 == offset >> 12;
    }

    /** @return the result of {@link Region#run} that means a new link to an offset */
    int link(int target, Link back) {
        return link(new Link(near(target), target, back));
    }

    /** @return the result of {@link Region#run} that means a new link to a place that is not known before */
    int link(Link l) {
        links.add(l);
        return Region.LINKS + links.size() - 1;
    }

    /** Pushes RIP of an offset, wrapped as the mode wants it. */
    void pushRip(int target) {
        c.lload(Locals.BASE);
        if (target != 0) c.lconst(target).op(LADD);
        if (!mode64) c.lconst(0xffff_ffffL).op(LAND);
    }

    /** Leaves for the RIP on the operand stack, with a result of {@link Region#run}. */
    void exitToStackTop(int result) {
        c.lstore(Locals.RIP).iconst(result).istore(Locals.RESULT).jump(GOTO, exitRip);
    }

    /** Jumps if the page of an offset in the region is not mapped where it was, or not in the exec TLB. */
    void unlessMapped(int target, Label other) {
        pushMemory();
        pushRip(target);
        c.lconst(plan.host(target))
                .invokeVirtual(Names.MEMORY, "execIs", "(JJ)Z")
                .jump(IFEQ, other);
    }

    void pushMemory() {
        c.aload(Locals.MEM);
    }
}
