package ringside.interpreter.core;

import ringside.cpu.Cpu;

/** Any encoding that is no instruction, or none that this CPU model has: #UD. */
public final class UndefinedOp extends Op {
    @Override
    public void execute(Cpu cpu) {
        throw cpu.ud();
    }

    @Override
    public boolean undefined() {
        return true;
    }

    @Override
    public boolean endsBlock() {
        return true;
    }
}
