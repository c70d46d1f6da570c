package ringside.translator.cache;

import static org.objectweb.asm.Opcodes.*;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import jdk.internal.misc.Unsafe;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;

/**
 * Tells HotSpot which generated method to compile, and with which compiler, by its diagnostic interface WhiteBox. Left to itself HotSpot first runs each region in its own
 * interpreter, which is slower than ours, and lets the handlers of ours wait in one queue with thousands of regions. Only there if the JVM was started with
 * {@code -XX:+UnlockDiagnosticVMOptions -XX:+WhiteBoxAPI} and the property {@value #PROPERTY}, as the launcher does; without it regions are compiled when HotSpot sees fit.
 */
public final class HotSpot {
    static final String PROPERTY = "ringside.compile";
    /** Compilers: C1 without counters, C2. */
    public static final int C1 = 1, C2 = 4;

    private static final String NAME = "jdk/test/whitebox/WhiteBox";
    private static final String EXECUTABLE = "Ljava/lang/reflect/Executable;";
    private static final MethodHandle ENQUEUE, LEVEL, QUEUED;

    static {
        MethodHandle enqueue = null, level = null, queued = null;
        if (Boolean.getBoolean(PROPERTY)) {
            try {
                byte[] code = whiteBox();
                Class<?> c = Unsafe.getUnsafe().defineClass(NAME, code, 0, code.length, null, null);
                MethodHandles.Lookup l = MethodHandles.publicLookup();
                Object w = l.findConstructor(c, MethodType.methodType(void.class)).invoke();
                enqueue = l.findVirtual(c, "enqueueMethodForCompilation0", MethodType.methodType(boolean.class, Executable.class, int.class, int.class)).bindTo(w);
                level = l.findVirtual(c, "getMethodCompilationLevel0", MethodType.methodType(int.class, Executable.class, boolean.class)).bindTo(w);
                queued = l.findVirtual(c, "isMethodQueuedForCompilation0", MethodType.methodType(boolean.class, Executable.class)).bindTo(w);
            } catch (Throwable e) {
                enqueue = null;
                level = null;
            }
        }
        ENQUEUE = enqueue;
        LEVEL = level;
        QUEUED = queued;
    }

    private HotSpot() {}

    /** The class that HotSpot looks for: its methods are the JVM's own. */
    private static byte[] whiteBox() {
        ClassWriter w = new ClassWriter(0);
        w.visit(V21, ACC_PUBLIC | ACC_SUPER, NAME, null, "java/lang/Object", null);
        w.visitMethod(ACC_PRIVATE | ACC_STATIC | ACC_NATIVE, "registerNatives", "()V", null, null).visitEnd();
        w.visitMethod(ACC_PUBLIC | ACC_NATIVE, "enqueueMethodForCompilation0", "(" + EXECUTABLE + "II)Z", null, null).visitEnd();
        w.visitMethod(ACC_PUBLIC | ACC_NATIVE, "isMethodQueuedForCompilation0", "(" + EXECUTABLE + ")Z", null, null).visitEnd();
        w.visitMethod(ACC_PUBLIC | ACC_NATIVE, "getMethodCompilationLevel0", "(" + EXECUTABLE + "Z)I", null, null).visitEnd();
        MethodVisitor m = w.visitMethod(ACC_STATIC, "<clinit>", "()V", null, null);
        m.visitCode();
        m.visitMethodInsn(INVOKESTATIC, NAME, "registerNatives", "()V", false);
        m.visitInsn(RETURN);
        m.visitMaxs(0, 0);
        m.visitEnd();
        m = w.visitMethod(ACC_PUBLIC, "<init>", "()V", null, null);
        m.visitCode();
        m.visitVarInsn(ALOAD, 0);
        m.visitMethodInsn(INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
        m.visitInsn(RETURN);
        m.visitMaxs(1, 1);
        m.visitEnd();
        w.visitEnd();
        return w.toByteArray();
    }

    public static boolean available() {
        return QUEUED != null;
    }

    /** Puts a method into a compiler's queue. @return false if it will not be compiled */
    public static boolean compile(Method m, int compiler) {
        try {
            return (boolean) ENQUEUE.invokeExact((Executable) m, compiler, -1);
        } catch (Throwable e) {
            return false;
        }
    }

    /** @return whether a method waits for a compiler or is being compiled, and has no compiled code yet */
    public static boolean waits(Method m) {
        try {
            return (int) LEVEL.invokeExact((Executable) m, false) == 0 && (boolean) QUEUED.invokeExact((Executable) m);
        } catch (Throwable e) {
            return false;
        }
    }
}
