package ringside.interpreter.integer;

import ringside.interpreter.core.Registry;

/** The handler families of the integer instructions. */
public final class IntegerOps {
    private IntegerOps() {}

    public static void register(Registry r) {
        ArithmeticOps.register(r);
        MoveOps.register(r);
        ShiftOps.register(r);
        MultiplyOps.register(r);
        BitOps.register(r);
        StringOps.register(r);
        BcdOps.register(r);
        BitFieldOps.register(r);
        ConvertOps.register(r);
        StackOps.register(r);
        BranchOps.register(r);
        FlagOps.register(r);
        HintOps.register(r);
        RandomOps.register(r);
    }
}
