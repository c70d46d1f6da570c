package ringside.interpreter.core;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import ringside.decoder.Instruction;

/**
 * Makes handlers out of templates. A template is an {@link Op} class whose static final fields come from a
 * {@link Form}; for each form in use the class is defined once more as a hidden class with that form as its class data.
 * So one readable class serves all operations, sizes and operand kinds of a family, while HotSpot sees constants: it
 * folds every test on the form, and each copy has a call profile of its own.
 *
 * <p>A template has a constructor {@code (Instruction, Registry.CpuContext)}, no lambdas, and reads its form with
 * {@link #form}. The copies hold code and no machine state, and are shared by all machines.
 */
public final class Specializer {
    private record Copy(Class<? extends Op> template, Form form) {}

    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
    private static final MethodType CONSTRUCTOR =
            MethodType.methodType(void.class, Instruction.class, Registry.CpuContext.class);
    private static final Map<Copy, MethodHandle> COPIES = new ConcurrentHashMap<>();
    private static final Map<Class<?>, byte[]> TEMPLATES = new ConcurrentHashMap<>();

    private Specializer() {}

    /** @return a handler of the template's copy for this form */
    public static Op make(Class<? extends Op> template, Form form, Instruction i, Registry.CpuContext c) {
        MethodHandle constructor = COPIES.computeIfAbsent(new Copy(template, form), Specializer::define);
        try {
            return (Op) constructor.invokeExact(i, c);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(template + " for " + form, e);
        }
    }

    /** Called by a template's static initializer with its own lookup. */
    public static Form form(MethodHandles.Lookup lookup) {
        try {
            return MethodHandles.classData(lookup, "_", Form.class);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static MethodHandle define(Copy copy) {
        byte[] bytes = TEMPLATES.computeIfAbsent(copy.template, Specializer::classFile);
        try {
            MethodHandles.Lookup l = MethodHandles.privateLookupIn(copy.template, LOOKUP)
                    .defineHiddenClassWithClassData(bytes, copy.form, true);
            return l.findConstructor(l.lookupClass(), CONSTRUCTOR)
                    .asType(MethodType.methodType(Op.class, Instruction.class, Registry.CpuContext.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(copy.toString(), e);
        }
    }

    private static byte[] classFile(Class<?> template) {
        String name = template.getName().substring(template.getPackageName().length() + 1) + ".class";
        try (InputStream in = template.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }
}
