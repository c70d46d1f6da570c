package ringside.interpreter.vex;

import ringside.interpreter.core.Registry;

/**
 * The handler families of AVX, AVX2, F16C and FMA that have no legacy form, or take their operations from its table.
 */
public final class VexOps {
    private VexOps() {}

    public static void register(Registry r) {
        VexLaneOps.register(r);
        VexMoveOps.register(r);
        VexElementOps.register(r);
        VexPermuteOps.register(r);
        VexMaskOps.register(r);
        VexFloatOps.register(r);
        VexConvertOps.register(r);
        FmaOps.register(r);
    }
}
