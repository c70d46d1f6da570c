package ringside.translator.emit;

import java.lang.reflect.Field;
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
import ringside.memory.TlbAccess;
import ringside.shadow.ShadowStack;
import ringside.simd.Lanes;
import ringside.simd.Shuffles;
import ringside.translator.region.Region;
import ringside.translator.support.Arithmetic;
import ringside.translator.support.LazyFlags;

/**
 * What emitted code may call and touch. What every region uses is named here by its types and looked for when this
 * class is loaded; of the classes that emitters choose from by mnemonic or size, all public members are known. {@link
 * Code} writes no reference to anything else, so that a member that was renamed or has other parameters is named at
 * once, and not by the JVM when it links a region.
 */
final class Members {
    private record Member(String owner, String name, String type, boolean isStatic) {}

    private static final Set<Member> KNOWN = new HashSet<>();

    static {
        method(Region.class, "begin", void.class, Cpu.class, long.class, int.class);
        method(Region.class, "leave", int.class, Cpu.class, long.class, int.class, int.class);
        method(Region.class, "expect", void.class, Cpu.class, int.class);
        method(LinearMemory.class, "execIs", boolean.class, long.class, long.class);
        method(Op.class, "execute", void.class, Cpu.class);
        method(Cpu.class, "canonical", boolean.class, long.class);
        method(Flags.class, "withCarry", long.class, long.class, boolean.class);
        method(ShadowStack.class, "call", void.class, long.class, long.class);
        method(ShadowStack.class, "call", void.class, long.class, long.class, int.class);
        method(ShadowStack.class, "ret", void.class, long.class, long.class);
        method(ShadowStack.class, "raised", void.class, long.class);
        for (String f :
                new String[] {"rip", "budget", "flagResult", "flagAux", "attention", "mem", "gpr", "vec", "seg"})
            field(Cpu.class, f);
        field(Cpu.class, "shadow");
        field(Segment.class, "base");
        for (Class<?> c : new Class<?>[] {
            Region.class,
            Op.class,
            Cpu.class,
            Flags.class,
            ShadowStack.class,
            Segment.class,
            TlbAccess.class,
            Lanes.class,
            Shuffles.class,
            Shifts.class,
            LazyFlags.class,
            Arithmetic.class,
            Math.class,
            Long.class,
            Integer.class
        }) all(c);
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

    /** All public members of a class, of which emitters choose some by mnemonic or size. */
    private static void all(Class<?> owner) {
        for (Method m : owner.getMethods()) add(owner, m);
        for (Field f : owner.getFields()) add(owner, f);
    }

    private static void add(Class<?> owner, Field f) {
        KNOWN.add(new Member(
                Type.getInternalName(owner),
                f.getName(),
                Type.getDescriptor(f.getType()),
                Modifier.isStatic(f.getModifiers())));
    }

    private static void field(Class<?> owner, String name) {
        try {
            add(owner, owner.getField(name));
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
