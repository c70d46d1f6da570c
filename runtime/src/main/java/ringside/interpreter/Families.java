package ringside.interpreter;

import ringside.interpreter.core.Registry;
import ringside.interpreter.integer.IntegerOps;
import ringside.interpreter.simd.SimdOps;
import ringside.interpreter.system.CetOps;
import ringside.interpreter.system.PortStringOps;
import ringside.interpreter.system.SystemOps;
import ringside.interpreter.system.TrackingOps;
import ringside.interpreter.vex.VexOps;
import ringside.interpreter.vex.VexTwins;
import ringside.interpreter.x87.X87Ops;

/** The list of all handler families. */
final class Families {
    private Families() {}

    static void register(Registry r) {
        CetOps.register(r);
        IntegerOps.register(r);
        SystemOps.register(r);
        TrackingOps.register(r);
        PortStringOps.register(r);
        X87Ops.register(r);
        SimdOps.register(r, new VexTwins(r));
        VexOps.register(r);
    }
}
