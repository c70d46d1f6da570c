package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Segment;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.Mode;
import ringside.machine.Machine;

/**
 * What a far RET and an IRET to an outer level leave in DS, ES, FS and GS, on both engines: a segment that the new
 * level may not have becomes null, and so does a null selector with a privilege level in it; all others stay whole.
 * Expected values: Intel SDM vol. 2, RET and IRET, "SegmentSelector := NULL"; vol. 3, 5.8.6.
 */
class OuterReturnTest {
    private static final List<Machine.EngineFactory> ENGINES = List.of(Machine::interpreter, Guests.translated(1));
    private static final int[] REGISTERS = {Cpu.ES, Cpu.DS, Cpu.FS, Cpu.GS};
    private static final int NULL = -1, FROM_REAL_MODE = -2;
    /**
     * Access bytes without privilege level: data, data that grows down, code, conforming code; none; and a null
     * selector with a hidden part that real mode left behind.
     */
    private static final int[] KINDS = {0x93, 0x97, 0x9b, 0x9f, NULL, FROM_REAL_MODE};

    /** @param size bytes of what the instruction pops each time @param code 32-bit or 64-bit target */
    @ParameterizedTest
    @CsvSource({
        "PROTECTED, cb, 4, 23, RET",
        "PROTECTED, 66cb, 2, 23, RET",
        "PROTECTED, ca0000, 4, 23, RET",
        "PROTECTED, cf, 4, 23, IRET",
        "PROTECTED, 66cf, 2, 23, IRET",
        "COMPAT, cb, 4, 23, RET",
        "COMPAT, cb, 4, 33, RET",
        "COMPAT, cf, 4, 33, IRET",
        "LONG, cb, 4, 23, RET",
        "LONG, 48cb, 8, 23, RET",
        "LONG, 48cb, 8, 33, RET",
        "LONG, 48cf, 8, 23, IRET",
        "LONG, 48cf, 8, 33, IRET"
    })
    void segmentsOfAnInnerLevelAndNullSelectorsBecomeNull(Mode mode, String code, int size, String cs, String kind) {
        for (Machine.EngineFactory engine : ENGINES) {
            try (Lab lab = new Lab(engine, CpuModel.implemented(), 4 << 20)) {
                for (int level = 0; level < 4; level++) {
                    for (int n = 0; n < KINDS.length; n++) check(lab, mode, code, size, cs, kind, level, n);
                }
            }
        }
    }

    /** @param level of the segments; of a null selector the level asked for */
    private static void check(Lab lab, Mode mode, String code, int size, String cs, String kind, int level, int first) {
        int target = 0x5000;
        Cpu cpu = lab.setUp(new Experiment(mode)
                .code(HexFormat.of().parseHex(code))
                .at(0x4000)
                .map(0x4000, 0x3000, "rwx")
                .until(target));
        long sp = 0x6100;
        cpu.gpr[Cpu.RSP] = sp;
        List<Long> frame = new ArrayList<>(List.of((long) target, Long.parseLong(cs, 16)));
        if (kind.equals("IRET")) frame.add(2L);
        frame.add(0x6800L);
        frame.add(0x2bL);
        for (int k = 0; k < frame.size(); k++) cpu.physical.write(cpu.mem.probe(sp + k * size), size, frame.get(k));
        String[] expected = new String[4];
        for (int r = 0; r < 4; r++) {
            int access = KINDS[(first + r) % KINDS.length];
            Segment s = cpu.seg[REGISTERS[r]];
            s.usable = access != NULL;
            s.selector = access == NULL ? level : access == FROM_REAL_MODE ? 0 : 0x100 | level;
            s.access = access == NULL ? 0 : (access == FROM_REAL_MODE ? 0x93 : access) | level << 5;
            s.base = 0x1000 * r;
            s.limit = 0xfffff;
            boolean conforming = access == 0x9f;
            boolean becomesNull = access < 0 || level < 3 && !conforming;
            // the base of FS and GS counts in 64-bit mode whatever the selector is
            expected[r] = becomesNull ? "null " + s.base : text(s);
        }
        cpu.updateMode();
        lab.finish(null);
        assertEquals(target, cpu.rip);
        assertEquals(3, cpu.cpl);
        for (int r = 0; r < 4; r++) {
            Segment s = cpu.seg[REGISTERS[r]];
            String is = s.selector == 0 && !s.usable ? "null " + s.base : text(s);
            assertEquals(expected[r], is, "register " + REGISTERS[r] + ", level " + level + ", first kind " + first);
        }
    }

    private static String text(Segment s) {
        return Integer.toHexString(s.selector) + " " + Long.toHexString(s.base) + " " + Long.toHexString(s.limit) + " "
                + Integer.toHexString(s.access) + " " + s.usable;
    }
}
