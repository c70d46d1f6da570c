package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import java.util.TreeMap;
import org.objectweb.asm.Label;
import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.decoder.Mnemonic;
import ringside.shadow.ShadowStack;
import ringside.translator.frontend.RegionPlan;
import ringside.translator.region.Link;
import ringside.translator.region.Region;

/**
 * Near control transfers at the end of a node: JMP, Jcc, CALL, RET. A target inside the region is a goto, any other an
 * exit. An indirect target that is not canonical makes the interpreter execute the branch, which raises the fault.
 */
final class BranchEmitter {
    private BranchEmitter() {}

    /** Labels of the nodes, by index. */
    interface Targets {
        Label node(int index);
    }

    /** @return whether the mnemonic is one that {@link #emit} takes in this form */
    static boolean takes(Instruction in, RegionPlan plan) {
        boolean mode64 = plan.mode64();
        // targets are offsets from the region's page, in 32 bits
        if (in.kind[0] == Instruction.REL && in.imm > Integer.MAX_VALUE - 2 * 4096) return false;
        int width = mode64 ? 8 : 4;
        // with an architectural shadow stack, calls and returns are the handler's
        if ((plan.mode() & Cpu.MODE_SHSTK) != 0 && (in.mnemonic == Mnemonic.CALL || in.mnemonic == Mnemonic.RET))
            return false;
        // and tracked indirect branches too
        if ((plan.mode() & Cpu.MODE_IBT) != 0
                && !isConditional(in.mnemonic)
                && in.kind[0] != Instruction.REL
                && in.mnemonic != Mnemonic.RET) return false;
        if (in.operandSize != width && !isConditional(in.mnemonic)) return false;
        if (isConditional(in.mnemonic)) return mode64 ? in.operandSize == 8 : in.operandSize == 4;
        return switch (in.mnemonic) {
            case JMP, CALL ->
                in.kind[0] == Instruction.REL
                        || in.kind[0] == Instruction.GPR
                        || in.kind[0] == Instruction.MEM
                                && (mode64
                                        || in.memSegment != Instruction.CS
                                                && in.memSegment < Instruction.FS
                                                && in.addressSize == 4);
            case RET -> true;
            default -> false;
        };
    }

    static boolean isConditional(Mnemonic m) {
        return InstructionInfo.of(m).flow() == InstructionInfo.Flow.CONDITIONAL_JUMP;
    }

    /** Emits the branch that ends a node; control never falls out of it. */
    static void emit(Emission e, RegionPlan.Node node, Targets targets) {
        Instruction in = e.in;
        if (isConditional(in.mnemonic)) {
            int target = e.next + (int) in.imm;
            if (node.taken() != RegionPlan.EXIT && e.near(target)) {
                e.flags.jumpIf(in.condition(), targets.node(node.taken()));
            } else {
                Label stay = new Label();
                e.flags.jumpIf(in.condition() ^ 1, stay);
                go(e, node.taken(), target, targets);
                e.c.place(stay);
            }
            follow(e, node.next(), e.next, targets);
            return;
        }
        switch (in.mnemonic) {
            case JMP -> jump(e, node, targets);
            case CALL -> call(e, node, targets);
            default -> ret(e, targets);
        }
    }

    /** Goes on at a node, or leaves to the offset; straight on, so that it is canonical if the place before was. */
    static void follow(Emission e, int node, int offset, Targets targets) {
        inside(e, node, offset, targets);
        if (node == RegionPlan.EXIT || !e.near(offset)) e.exitTo(offset);
    }

    /** Goes on at a node, or leaves to the offset that a branch leads to. */
    private static void go(Emission e, int node, int target, Targets targets) {
        inside(e, node, target, targets);
        if (node != RegionPlan.EXIT && e.near(target)) return;
        check(e, target);
        e.exitTo(target);
    }

    /** Goes on at a node, if there is one and its page is mapped. */
    private static void inside(Emission e, int node, int target, Targets targets) {
        if (node == RegionPlan.EXIT) return;
        Label outside = new Label();
        if (!e.near(target)) e.unlessMapped(target, outside);
        e.c.jump(GOTO, targets.node(node));
        if (!e.near(target)) e.c.place(outside);
    }

    private static void jump(Emission e, RegionPlan.Node node, Targets targets) {
        if (e.in.kind[0] == Instruction.REL) {
            go(e, node.taken(), e.next + (int) e.in.imm, targets);
            return;
        }
        indirectTarget(e);
        goInside(e, e.plan.indirect(), 0, targets);
        e.c.lload(Locals.RIP);
        e.exitToStackTop(e.link(new Link(false, Link.INDIRECT, null)));
    }

    /** Reads the indirect target into RIP and checks it. */
    private static void indirectTarget(Emission e) {
        Operands.push(e, 0);
        if (!e.mode64) Operands.zeroExtend(e, 4);
        e.c.lstore(Locals.RIP);
        check(e);
    }

    /** Checks a direct target; one in the same page is as canonical as the branch. */
    private static void check(Emission e, int target) {
        if (!e.mode64 || e.near(target)) return;
        e.pushRip(target);
        e.c.lstore(Locals.RIP);
        check(e);
    }

    private static void check(Emission e) {
        if (!e.mode64) return;
        e.c.aload(Locals.CPU)
                .lload(Locals.RIP)
                .invokeVirtual(Names.CPU, "canonical", "(J)Z")
                .jump(IFEQ, e.miss());
    }

    private static void call(Emission e, RegionPlan.Node node, Targets targets) {
        int width = e.mode64 ? 8 : 4;
        boolean direct = e.in.kind[0] == Instruction.REL;
        if (direct) {
            check(e, e.next + (int) e.in.imm);
        } else {
            indirectTarget(e);
        }
        e.pushRip(e.next);
        if (!e.mode64) e.c.op(L2I);
        int local = AluEmitter.a(width);
        Operands.storeLocal(e, width, local);
        StackEmitter.pushLocal(e, width, local);
        if (ShadowStack.ENABLED) {
            StackEmitter.pushShadow(e);
            e.c.lload(Locals.ADDRESS);
            e.pushRip(e.next);
            if (e.mode64) {
                e.c.invokeVirtual(Names.SHADOW, "call", "(JJ)V");
            } else {
                e.c.iconst(width).invokeVirtual(Names.SHADOW, "call", "(JJI)V");
            }
        }
        if (direct) {
            int target = e.next + (int) e.in.imm;
            int link = e.link(target, back(e));
            Label outside = new Label();
            if (node.taken() != RegionPlan.EXIT) {
                if (!e.near(target)) e.unlessMapped(target, outside);
                expect(e, link);
                e.c.jump(GOTO, targets.node(node.taken()));
                if (e.near(target)) return;
                e.c.place(outside);
            }
            e.exitTo(target, link);
        } else {
            int link = e.link(new Link(false, Link.INDIRECT, back(e)));
            if (e.plan.indirect().length > 0) {
                expect(e, link);
                goInside(e, e.plan.indirect(), 0, targets);
            }
            e.c.lload(Locals.RIP);
            e.exitToStackTop(link);
        }
    }

    private static Link back(Emission e) {
        return new Link(false, e.next, null);
    }

    /** Keeps with the call what will run when it returns. */
    private static void expect(Emission e, int link) {
        e.c.aload(Locals.THIS).aload(Locals.CPU).iconst(link);
        e.c.invokeVirtual(Names.REGION, "expect", "(Lringside/cpu/Cpu;I)V");
    }

    private static void ret(Emission e, Targets targets) {
        int width = e.mode64 ? 8 : 4;
        StackEmitter.pointer(e, 0);
        Operands.toRead(e, width);
        Operands.load(e, width);
        Operands.zeroExtend(e, width);
        e.c.lstore(Locals.RIP);
        check(e);
        int release = e.in.operandCount == 0 ? 0 : (int) e.in.imm & 0xffff;
        if (ShadowStack.ENABLED) {
            StackEmitter.pushShadow(e);
            StackEmitter.pointer(e, 0);
            e.c.lload(Locals.RIP).invokeVirtual(Names.SHADOW, "ret", "(JJ)V");
        }
        StackEmitter.pointer(e, width + release);
        e.set(Cpu.RSP);
        goInside(e, e.plan.entries(), 1, targets);
        e.c.lload(Locals.RIP);
        e.exitToStackTop(Region.RETURN);
    }

    /** Goes on in the region if RIP is at one of the nodes from number {@code first} on. */
    private static void goInside(Emission e, int[] nodes, int first, Targets targets) {
        if (!e.mode64 || nodes.length <= first) return;
        TreeMap<Integer, Label> places = new TreeMap<>();
        TreeMap<Integer, Label> elsewhere = new TreeMap<>();
        for (int i = first; i < nodes.length; i++) {
            int offset = e.plan.nodes().get(nodes[i]).offset();
            places.put(offset, targets.node(nodes[i]));
            if (!e.near(offset)) elsewhere.put(offset, places.put(offset, new Label()));
        }
        Label outside = new Label();
        e.c.lload(Locals.RIP).lload(Locals.BASE).op(LSUB).lstore(Locals.L0);
        e.c.lload(Locals.L0).op(L2I, I2L).lload(Locals.L0).op(LCMP).jump(IFNE, outside);
        e.c.lload(Locals.L0).op(L2I).lookupSwitch(places, outside);
        elsewhere.forEach((offset, node) -> {
            e.c.place(places.get(offset));
            e.unlessMapped(offset, outside);
            e.c.jump(GOTO, node);
        });
        e.c.place(outside);
    }
}
