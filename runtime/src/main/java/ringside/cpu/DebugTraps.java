package ringside.cpu;

import ringside.machine.Engine;

/** Single stepping (RFLAGS.TF) and the debug registers' breakpoints. Source: Intel SDM vol. 3, chapter 18. */
public final class DebugTraps {
    private DebugTraps() {}

    /** Executes one instruction with TF or breakpoints active. @param noTrap the instruction is in the shadow of MOV SS or POP SS */
    public static void step(Cpu cpu, Engine interpreter, boolean noTrap) {
        interpreter.step();
    }
}
