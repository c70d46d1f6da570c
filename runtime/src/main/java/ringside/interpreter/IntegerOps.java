package ringside.interpreter;

/** The handler families of the integer instructions. */
final class IntegerOps {
    private IntegerOps() {}

    static void register(OpFactory.Registry r) {
        ArithmeticOps.register(r);
        MoveOps.register(r);
        ShiftOps.register(r);
        MultiplyOps.register(r);
        BitOps.register(r);
        StringOps.register(r);
        PortStringOps.register(r);
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
