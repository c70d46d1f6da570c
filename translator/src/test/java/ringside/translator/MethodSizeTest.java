package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.interpreter.core.Block;
import ringside.machine.Machine;
import ringside.translator.emit.RegionEmitter;
import ringside.translator.frontend.RegionBuilder;
import ringside.translator.frontend.RegionPlan;

/** HotSpot compiles no method above 8,000 bytes of bytecode: a region that has more would be interpreted for ever. */
class MethodSizeTest {
    private static final int LIMIT = 8000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void theEmitterCountsAtLeastTheBytesThatItWrites(int seed) {
        RegionPlan plan = plan(RandomProgram.make(seed, 40 * seed, 1));
        RegionEmitter emitter = new RegionEmitter(plan);
        int written = written(emitter);
        assertTrue(written <= emitter.size(), () -> written + " bytes written, " + emitter.size() + " counted");
    }

    /** BSF, whose handler is called, before the registers are written that have to be stored around it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 20, 60, 120, 180})
    void handlersBeforeTheRegistersThatTheySeeAreCounted(int handlers) {
        byte[] code = new byte[4 * handlers + 3 * 8 + 2];
        int at = 0;
        for (int i = 0; i < handlers; i++) at = put(code, at, 0x48, 0x0f, 0xbc, 0xc0 | i % 8 << 3);
        for (int r = 0; r < 8; r++) at = put(code, at, 0x4d, 0x01, 0xc0 | r);
        put(code, at, 0xeb, 0xfe);
        RegionEmitter emitter = new RegionEmitter(plan(code));
        int written = written(emitter);
        assertTrue(written <= emitter.size(), () -> written + " bytes written, " + emitter.size() + " counted");
    }

    @ParameterizedTest
    @ValueSource(ints = {11, 12, 13, 14})
    void aRegionIsCutUntilItFits(int seed) {
        TranslatorOptions options = TranslatorOptions.standard();
        RegionPlan plan = plan(RandomProgram.make(seed, 700, 1));
        assertTrue(new RegionEmitter(plan).size() > LIMIT, "the program is too short for this test");
        RegionEmitter emitter = RegionEmitter.fitting(plan, options.maxMethodBytes(), false);
        int written = written(emitter);
        assertTrue(written <= LIMIT, () -> written + " bytes");
        assertTrue(written > LIMIT / 8, () -> "only " + written + " bytes are left");
    }

    private static int put(byte[] code, int at, int... bytes) {
        for (int b : bytes) code[at++] = (byte) b;
        return at;
    }

    /** Runs the program, so that its blocks are known, and plans the region of its first one. */
    private static RegionPlan plan(byte[] code) {
        try (Machine m = Guests.start(code, Machine::interpreter)) {
            m.run(2000);
            m.cpu().rip = Guests.CODE;
            Block root = m.blocks().lookup();
            return new RegionBuilder(m.blocks(), 5000).plan(root, 5000);
        }
    }

    private static int written(RegionEmitter emitter) {
        for (MethodModel m : ClassFile.of().parse(emitter.emit().bytes()).methods()) {
            if (m.methodName().equalsString("run"))
                return ((CodeAttribute) m.code().orElseThrow()).codeLength();
        }
        throw new AssertionError("no method run");
    }
}
