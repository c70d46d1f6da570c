package ringside.translator.cache;

import java.lang.invoke.MethodHandles;
import ringside.translator.emit.RegionEmitter;
import ringside.translator.frontend.RegionPlan;
import ringside.translator.region.Region;

/**
 * Defines a region's class as a hidden class of this package, which the collector unloads when the last reference to it
 * is gone.
 */
public final class RegionLoader {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private RegionLoader() {}

    public static Region define(RegionPlan plan, RegionEmitter.Result code) {
        try {
            MethodHandles.Lookup hidden = code.ops().length == 0
                    ? LOOKUP.defineHiddenClass(code.bytes(), false)
                    : LOOKUP.defineHiddenClassWithClassData(code.bytes(), code.ops(), true);
            Region r = (Region) hidden.lookupClass().getDeclaredConstructor().newInstance();
            r.describe(plan, code.faultPoints(), code.faultOps(), code.links(), code.bytes().length);
            return r;
        } catch (ReflectiveOperationException ex) {
            throw new IllegalStateException(
                    "generated class of the region at physical " + Long.toHexString(plan.pagePa()) + " was refused",
                    ex);
        }
    }
}
