package ringside.interpreter.core;

import java.util.List;
import ringside.cpu.Cpu;
import ringside.shadow.ShadowStack;

/** A handler whose effect on the stack pointer is reported to the shadow stack behind it. */
public final class StackHook extends Op {
    private final Op inner;
    private final StackEffect effect;

    private StackHook(Op inner, StackEffect effect) {
        this.inner = inner;
        this.effect = effect;
        instruction = inner.instruction;
        length = inner.length;
    }

    /** Puts hooks around the handlers of a straight line of code that need one. */
    public static void attach(List<Op> ops) {
        if (!ShadowStack.ENABLED) return;
        StackEffect[] effects = StackEffect.of(ops);
        for (int i = 0; i < effects.length; i++) {
            if (effects[i] != StackEffect.NONE) ops.set(i, new StackHook(ops.get(i), effects[i]));
        }
    }

    @Override
    public void execute(Cpu cpu) {
        long old = cpu.stackLinear();
        inner.execute(cpu);
        long sp = cpu.stackLinear();
        if (effect == StackEffect.RAISE) {
            cpu.shadow.raised(sp);
        } else {
            cpu.shadow.moved(old, sp);
        }
    }

    @Override
    public StackEffect stackEffect() {
        return effect;
    }

    @Override
    public boolean endsBlock() {
        return inner.endsBlock();
    }
}
