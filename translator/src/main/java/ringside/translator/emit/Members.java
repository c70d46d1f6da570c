package ringside.translator.emit;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashSet;
import java.util.Set;
import org.objectweb.asm.Type;
import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.cpu.Segment;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Op;
import ringside.interpreter.integer.Shifts;
import ringside.memory.LinearMemory;
import ringside.shadow.ShadowStack;
import ringside.simd.Lanes;
import ringside.simd.Shuffles;
import ringside.translator.region.Region;
import ringside.translator.support.Arithmetic;
import ringside.translator.support.LazyFlags;

/**
 * All that emitted code may call and touch, named by its types. Each is looked for when this class is loaded, so that a
 * member that was renamed or has other parameters fails then, and not in the region that happens to use it; and
 * {@link Code} writes no reference to anything else.
 */
final class Members {
    private record Member(String owner, String name, String type, boolean isStatic) {}

    private static final Set<Member> KNOWN = new HashSet<>();

    static {
        method(Region.class, "begin", void.class, Cpu.class, long.class, int.class);
        method(Region.class, "leave", int.class, Cpu.class, long.class, int.class, int.class);
        method(Region.class, "expect", void.class, Cpu.class, int.class);
        method(Op.class, "execute", void.class, Cpu.class);
        method(Cpu.class, "canonical", boolean.class, long.class);
        method(Flags.class, "withCarry", long.class, long.class, boolean.class);
        method(ShadowStack.class, "call", void.class, long.class, long.class);
        method(ShadowStack.class, "call", void.class, long.class, long.class, int.class);
        method(ShadowStack.class, "ret", void.class, long.class, long.class);
        method(ShadowStack.class, "raised", void.class, long.class);
        for (Method m : LinearMemory.class.getMethods()) {
            // by size, as readHit32 and storeHit64
            if (m.getName().contains("Hit")) add(LinearMemory.class, m);
        }
        for (Class<?> c : new Class<?>[] {
            Lanes.class,
            Shuffles.class,
            Shifts.class,
            LazyFlags.class,
            Arithmetic.class,
            Math.class,
            Long.class,
            Integer.class
        }) functions(c);
        for (String f :
                new String[] {"rip", "budget", "flagResult", "flagAux", "attention", "mem", "gpr", "vec", "seg"})
            field(Cpu.class, f);
        field(Cpu.class, "shadow");
        field(Segment.class, "base");
    }

    private Members() {}

    private static void method(Class<?> owner, String name, Class<?> result, Class<?>... parameters) {
        try {
            Method m = owner.getMethod(name, parameters);
            if (m.getReturnType() != result)
                throw new IllegalStateException(m + ", which emitted code calls, does not return " + result);
            add(owner, m);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("emitted code calls what does not exist: " + e.getMessage(), e);
        }
    }

    private static void add(Class<?> owner, Method m) {
        KNOWN.add(new Member(
                Type.getInternalName(owner),
                m.getName(),
                Type.getMethodDescriptor(m),
                Modifier.isStatic(m.getModifiers())));
    }

    /** All public static methods of a class: functions that emitters choose by mnemonic or size. */
    private static void functions(Class<?> owner) {
        for (Method m : owner.getMethods()) {
            if (Modifier.isStatic(m.getModifiers())) add(owner, m);
        }
    }

    private static void field(Class<?> owner, String name) {
        try {
            Class<?> type = owner.getField(name).getType();
            KNOWN.add(new Member(Type.getInternalName(owner), name, Type.getDescriptor(type), false));
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("emitted code touches a field that does not exist: " + e.getMessage(), e);
        }
    }

    /** Throws if emitted code may not refer to this. */
    static void require(String owner, String name, String type, boolean isStatic) {
        if (!KNOWN.contains(new Member(owner, name, type, isStatic)))
            throw new IllegalStateException("emitted code refers to " + owner + "." + name + " " + type
                    + ", which does not exist or is not in Members");
    }

    /** Throws if there is no function of two lanes for the mnemonic. */
    static void requireLanes(Mnemonic m) {
        require(Type.getInternalName(Lanes.class), VectorEmitter.function(m), "(JJ)J", true);
    }
}
