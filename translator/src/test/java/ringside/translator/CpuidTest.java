package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.cpu.CpuModel;
import ringside.cpu.CpuModel.Feature;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.Mode;
import ringside.lab.PcLab;
import ringside.lab.Result;
import ringside.lab.Stop;
import ringside.machine.Machine;

/**
 * CPUID tells the truth, on both engines: every bit that is set is proved by what it promises (an instruction, a bit of
 * CR4, an MSR), every feature that a processor does not have is refused, and a bit that is not in the table here is not
 * set. Numbers from the Intel SDM, vol. 2, CPUID, and vol. 3, 2.5 and 10.12.
 */
class CpuidTest {
    private static final int EAX = 0, EBX = 1, ECX = 2, EDX = 3, EXTENDED = 0x8000_0001, GP = 13, UD = 6, PF = 14;
    private static final String[] NAMES = {"rax", "rbx", "rcx", "rdx"};

    /** A processor on one engine, on a bare board and in a PC. */
    private static final class Subject implements AutoCloseable {
        final CpuModel model;
        final String name;
        private final Machine.EngineFactory engine;
        private final Lab lab;
        private PcLab pc;

        Subject(String cpu, boolean translated) {
            name = cpu + (translated ? " translated" : " interpreted");
            model = CpuModel.parse(cpu);
            engine = translated ? Guests.translated(1) : Machine::interpreter;
            lab = new Lab(engine, model, 4 << 20);
        }

        /** At CPL 0 in 64-bit mode, with RAX=1, RBX=100h, RCX=RDX=0. */
        Result run(String hex) {
            return lab.run(new Experiment(Mode.LONG)
                    .code(HexFormat.of().parseHex(hex.replace(" ", "")))
                    .register("rbx", 0x100)
                    .register("rax", 1));
        }

        /** @return whether code on a PC comes to its HLT; a fault there is a triple fault */
        boolean onPc(String hex) {
            if (pc == null) pc = new PcLab(engine, model, 2 << 20);
            Stop.Reason r = pc.run(new Experiment(Mode.LONG)
                            .pc(true)
                            .code(HexFormat.of().parseHex(hex.replace(" ", "") + "f4"))
                            .untilHlt())
                    .stop()
                    .reason();
            assertTrue(r == Stop.Reason.HLT || r == Stop.Reason.SHUTDOWN, hex + ": " + r);
            return r == Stop.Reason.HLT;
        }

        /**
         * @return TSC ticks from the start of a local APIC timer of a million core crystal clocks to its interrupt,
         *     with the processor halted all the while
         */
        long ticksWhileHalted() {
            if (pc == null) pc = new PcLab(engine, model, 2 << 20);
            Result r = pc.run(new Experiment(Mode.LONG)
                    .pc(true)
                    .register("rsp", 0x70000)
                    .register("idtr_base", 0x8000)
                    .register("idtr_limit", 0xfff)
                    // an interrupt gate for vector 40h, then its handler: rdtsc; sub eax, esi; hlt
                    .write(0x8000 + 0x40 * 16, new byte[] {0, 0, 8, 0, 0, (byte) 0x8e, 2, 0})
                    .write(0x20000, HexFormat.of().parseHex("0f3129f0f4"))
                    // enabled; divided by 1; vector 40h, one shot; count; mov esi, TSC; sti; hlt
                    .code(HexFormat.of()
                            .parseHex(("bf0000e0fe c787f0000000ff010000 c787e00300000b000000 c7872003000040000000"
                                            + " c7878003000040420f00 0f3189c6 fbf4")
                                    .replace(" ", "")))
                    .untilHlt());
            assertEquals(Stop.Reason.HLT, r.stop().reason());
            assertEquals(0x20005, r.register("rip"));
            return r.register("rax");
        }

        long[] cpuid(int leaf, int sub) {
            return cpuid("", leaf, sub);
        }

        long[] cpuid(String before, int leaf, int sub) {
            Result r = run(before + "b8" + le(leaf) + "b9" + le(sub) + "0fa2");
            assertEquals(Stop.Reason.UNTIL, r.stop().reason(), before);
            return Arrays.stream(NAMES).mapToLong(r::register).toArray();
        }

        @Override
        public void close() {
            lab.close();
            if (pc != null) pc.close();
        }
    }

    private interface Proof {
        void check(Subject s, boolean has, String what);
    }

    /** @param feature null if every processor has it */
    private record Bit(String name, Feature feature, int leaf, int sub, int register, int bit, Proof proof) {}

    private static Bit bit(Feature f, int leaf, int register, int bit, Proof p) {
        return new Bit(f.name(), f, leaf, leaf == 0xd ? 1 : 0, register, bit, p);
    }

    private static Bit always(String name, int leaf, int register, int bit, Proof p) {
        return new Bit(name, null, leaf, 0, register, bit, p);
    }

    private static String le(int v) {
        return String.format("%08x", Integer.reverseBytes(v));
    }

    /** Code that runs, or is #UD without the feature. */
    private static Proof code(String hex) {
        return (s, has, what) -> {
            Stop stop = s.run(hex).stop();
            if (has) {
                assertEquals(Stop.Reason.UNTIL, stop.reason(), what);
            } else {
                assertEquals(UD, stop.vector(), what);
            }
        };
    }

    /** Code that leaves a value in RAX; without the feature it is #UD. */
    private static Proof code(String hex, long rax) {
        return (s, has, what) -> {
            code(hex).check(s, has, what);
            if (has) assertEquals(rax, s.run(hex).register("rax"), what);
        };
    }

    /** Code whose meaning is another one without the feature. */
    private static Proof either(String hex, long with, long without) {
        return (s, has, what) -> assertEquals(has ? with : without, s.run(hex).register("rax"), what);
    }

    /** A bit of CR4 that can be set and is read back, or is #GP without the feature. */
    private static Proof cr4(int bit) {
        return (s, has, what) -> {
            Result r = s.run("0f20e0 480d" + le(1 << bit) + "0f22e0 0f20e1");
            assertEquals(has ? -1 : GP, r.stop().vector(), what);
            if (has) assertEquals(1, r.register("rcx") >>> bit & 1, what);
        };
    }

    /**
     * Local APIC timer and TSC run at their rates (CPUID leaf 15h: EBX / EAX) while the processor is halted; some
     * instructions around it are allowed.
     */
    private static final Proof HALTED = yes(s -> {
        long[] rate = s.cpuid(0x15, 0);
        assertEquals(1_000_000 * rate[EBX] / rate[EAX], s.ticksWhileHalted(), 10);
    });

    /** SMEP shows at once: the laboratory's code is in user pages. */
    private static final Proof SMEP = (s, has, what) -> assertEquals(
            has ? PF : GP,
            s.run("0f20e0 480d" + le(1 << 20) + "0f22e0 90").stop().vector(),
            what);

    /** MSRs of a PC that can be read and written with what they hold, or are #GP without the feature. */
    private static Proof msr(int... numbers) {
        return (s, has, what) -> {
            for (int n : numbers) {
                assertEquals(has, s.onPc("b9" + le(n) + "0f32"), what + " RDMSR " + Integer.toHexString(n));
                assertEquals(
                        has,
                        s.onPc(has ? "b9" + le(n) + "0f32 0f30" : "31c0 31d2 b9" + le(n) + "0f30"),
                        what + " WRMSR " + Integer.toHexString(n));
            }
        };
    }

    private static Proof all(Proof... proofs) {
        return (s, has, what) -> Arrays.stream(proofs).forEach(p -> p.check(s, has, what));
    }

    private static Proof yes(Consumer<Subject> p) {
        return (s, has, what) -> {
            if (has) p.accept(s);
        };
    }

    /** REP MOVSB of three bytes, the promise of ERMS and FSRM being speed only. */
    private static final Proof COPIES = code("4889e6 488d7c2480 c70424 44332211 b903000000 f3a4 8b442480", 0x223344);

    private static final String X2APIC_ON = "b91b000000 0f32 0d00040000 0f30";

    private static final List<Bit> BITS = List.of(
            bit(Feature.SSE3, 1, ECX, 0, code("f20f7cc1")),
            bit(Feature.PCLMULQDQ, 1, ECX, 1, code("6a0758 66480f6ec0 660f3a44c000 66480f7ec0", 0x15)),
            bit(Feature.SSSE3, 1, ECX, 9, code("660f3800c1")),
            bit(Feature.FMA, 1, ECX, 12, code("c4e2f198c2")),
            bit(Feature.CX16, 1, ECX, 13, code("480fc70c24")),
            bit(Feature.PCID, 1, ECX, 17, cr4(17)),
            bit(Feature.SSE4_1, 1, ECX, 19, code("660f3817c1")),
            bit(Feature.SSE4_2, 1, ECX, 20, code("660f3837c1")),
            bit(Feature.X2APIC, 1, ECX, 21, (s, has, what) -> {
                assertEquals(has, s.onPc(X2APIC_ON), what);
                assertEquals(has, s.onPc((has ? X2APIC_ON : "") + "b902080000 0f32"), what);
            }),
            bit(Feature.MOVBE, 1, ECX, 22, code("c70424 44332211 0f38f00424", 0x44332211)),
            bit(Feature.POPCNT, 1, ECX, 23, code("f30fb8c3", 1)),
            bit(Feature.TSC_DEADLINE, 1, ECX, 24, msr(0x6e0)),
            bit(Feature.AES, 1, ECX, 25, code("660f38dcc1")),
            bit(Feature.XSAVE, 1, ECX, 26, code("31c9 0f01d0")),
            bit(Feature.AVX, 1, ECX, 28, code("c5f058c2")),
            bit(Feature.F16C, 1, ECX, 29, code("b8003c0000 660f6ec0 c4e27913c0 660f7ec0", 0x3f80_0000)),
            bit(Feature.RDRAND, 1, ECX, 30, code("0fc7f0")),
            always("FPU", 1, EDX, 0, code("d9e8 31c0 dfe0", 0x3800)),
            always("VME", 1, EDX, 1, all(cr4(0), cr4(1))),
            always(
                    "DE",
                    1,
                    EDX,
                    2,
                    yes(s -> assertEquals(
                            UD, s.run("0f20e0 83c808 0f22e0 0f21e0").stop().vector()))),
            always("PSE", 1, EDX, 3, cr4(4)),
            always("TSC", 1, EDX, 4, all(code("0f31"), cr4(2))),
            always("MSR", 1, EDX, 5, code("b9800000c0 0f32")),
            always("PAE", 1, EDX, 6, cr4(5)),
            always("MCE", 1, EDX, 7, cr4(6)),
            always("CX8", 1, EDX, 8, code("0fc70c24")),
            always("APIC", 1, EDX, 9, yes(s -> assertTrue(s.onPc("b91b000000 0f32 25000800 00 3d00080000 7402 0f0b")))),
            always("SEP", 1, EDX, 11, msr(0x174, 0x175, 0x176)),
            always(
                    "MTRR",
                    1,
                    EDX,
                    12,
                    all(
                            msr(0x200, 0x20f, 0x250, 0x26f, 0x2ff),
                            yes(s -> assertTrue(!s.onPc("b910020000 0f32"), "MTRRcap has 8 of them")))),
            always("PGE", 1, EDX, 13, cr4(7)),
            always(
                    "MCA",
                    1,
                    EDX,
                    14,
                    yes(s -> assertTrue(
                            s.onPc("b979010000 0f32 84c0 7402 0f0b") && !s.onPc("b900040000 0f32"), "no banks"))),
            always("CMOV", 1, EDX, 15, code("39c0 0f44c3", 0x100)),
            always("PAT", 1, EDX, 16, msr(0x277)),
            always("PSE36", 1, EDX, 17, yes(s -> {})), // LegacyPagingTest
            always("CLFSH", 1, EDX, 19, code("0fae3c24")),
            always("MMX", 1, EDX, 23, code("0f6ec3 0ffec0 0f7ec0", 0x200)),
            always("FXSR", 1, EDX, 24, all(code("0fae842400fcffff"), cr4(9))),
            always("SSE", 1, EDX, 25, all(code("f30f2ac3 f30f58c0 f30f2cc0", 0x200), cr4(10))),
            always("SSE2", 1, EDX, 26, code("f20f2ac3 f20f58c0 f20f2cc0", 0x200)),
            always("ARAT", 6, EAX, 2, HALTED),
            bit(
                    Feature.FSGSBASE,
                    7,
                    EBX,
                    0,
                    all(
                            cr4(16),
                            (s, has, what) -> code(has ? "f3480faed3 f3480faec0" : "f3480faec0", 0x100)
                                    .check(s, has, what))),
            always("TSC_ADJUST", 7, EBX, 1, msr(0x3b)),
            bit(Feature.BMI1, 7, EBX, 3, all(code("c4e278f2c3", 0x100), either("f30fbcc1", 32, 1))),
            bit(Feature.AVX2, 7, EBX, 5, code("c4e27d58ca")),
            bit(Feature.SMEP, 7, EBX, 7, SMEP),
            bit(Feature.BMI2, 7, EBX, 8, code("c4e37bf0c304", 0x10)),
            bit(Feature.ERMS, 7, EBX, 9, yes(s -> COPIES.check(s, true, "ERMS"))),
            bit(Feature.INVPCID, 7, EBX, 10, code("660f38820424")),
            bit(Feature.RDSEED, 7, EBX, 18, code("0fc7f8")),
            bit(Feature.ADX, 7, EBX, 19, code("f9 660f38f6c3", 0x102)),
            bit(Feature.SMAP, 7, EBX, 20, all(cr4(21), code("0f01ca"), code("0f01cb"))),
            bit(Feature.CLFLUSHOPT, 7, EBX, 23, code("660fae3c24")),
            bit(Feature.CLWB, 7, EBX, 24, code("660fae3424")),
            bit(Feature.SHA, 7, EBX, 29, code("0f38c8c1")),
            bit(Feature.UMIP, 7, ECX, 2, cr4(11)),
            bit(
                    Feature.PKU,
                    7,
                    ECX,
                    3,
                    all(
                            cr4(22),
                            (s, has, what) -> code(has ? "0f20e0 480d00004000 0f22e0 31c9 0f01ee" : "31c9 0f01ee")
                                    .check(s, has, what))),
            bit(Feature.SHSTK, 7, ECX, 7, msr(0x6a4, 0x6a5, 0x6a6, 0x6a7, 0x6a8)),
            bit(
                    Feature.GFNI,
                    7,
                    ECX,
                    8,
                    // (x+1)(x) is x^2+x
                    all(code("6a03 58 660f6ec0 6a02 58 660f6ec8 660f38cfc1 660f7ec0", 6), code("660f3acec100"))),
            bit(Feature.VAES, 7, ECX, 9, code("c4e275dcc2")),
            bit(Feature.VPCLMULQDQ, 7, ECX, 10, code("c4e37544c200")),
            bit(
                    Feature.RDPID,
                    7,
                    ECX,
                    22,
                    (s, has, what) -> code(has ? "89d8 31d2 b9030100c0 0f30 f30fc7f8" : "f30fc7f8", 0x100)
                            .check(s, has, what)),
            // a hint, in the space of NOPs
            bit(Feature.CLDEMOTE, 7, ECX, 25, yes(s -> code("0f1c0424").check(s, true, "CLDEMOTE"))),
            bit(Feature.PKS, 7, ECX, 31, all(cr4(24), msr(0x6e1))),
            bit(Feature.SERIALIZE, 7, EDX, 14, code("0f01e8")),
            // WBINVD without the feature
            bit(Feature.WBNOINVD, 0x8000_0008, EBX, 9, yes(s -> code("f30f09").check(s, true, "WBNOINVD"))),
            bit(Feature.FSRM, 7, EDX, 4, yes(s -> COPIES.check(s, true, "FSRM"))),
            bit(Feature.IBT, 7, EDX, 20, yes(s -> cr4(23).check(s, true, "IBT"))),
            bit(Feature.SPEC_CTRL, 7, EDX, 26, all(msr(0x48), speculationControl(0), (s, has, what) -> {
                assertEquals(has, s.onPc("b949000000 31d2 b801000000 0f30"), what + " IBPB");
                assertTrue(
                        !s.onPc("b949000000 0f32") && !s.onPc("b949000000 31d2 b802000000 0f30"),
                        what + " IA32_PRED_CMD");
            })),
            bit(Feature.STIBP, 7, EDX, 27, speculationControl(1)),
            new Bit("BHI_CTRL", Feature.BHI_CTRL, 7, 2, EDX, 4, speculationControl(10)),
            always("ARCH_CAPABILITIES", 7, EDX, 29, yes(s -> assertTrue(s.onPc("b90a010000 0f32")))),
            bit(Feature.XSAVEOPT, 0xd, EAX, 0, code("0faeb42400fcffff")),
            bit(Feature.XSAVEC, 0xd, EAX, 1, code("0fc7a42400fcffff")),
            new Bit("XGETBV1", Feature.XSAVEC, 0xd, 1, EAX, 2, (s, has, what) -> {
                if (s.model.has(Feature.XSAVE))
                    assertEquals(
                            has ? -1 : GP, s.run("b901000000 0f01d0").stop().vector(), what);
            }),
            bit(Feature.XSAVES, 0xd, EAX, 3, all(code("0fc7ac2400fcffff"), msr(0xda0))),
            bit(Feature.LAHF_LM, EXTENDED, ECX, 0, all(code("b800d70000 9e b800000000 9f", 0xd700), code("9f"))),
            bit(Feature.LZCNT, EXTENDED, ECX, 5, either("f30fbdc3", 23, 8)),
            always("PREFETCHW", EXTENDED, ECX, 8, code("0f0d0c24")),
            always("SYSCALL", EXTENDED, EDX, 11, all(msr(0xc000_0081, 0xc000_0082, 0xc000_0083, 0xc000_0084), efer(0))),
            always(
                    "NX",
                    EXTENDED,
                    EDX,
                    20,
                    all(
                            efer(11),
                            yes(s -> assertEquals(PF, s.run("54 c3").stop().vector())))),
            bit(
                    Feature.PDPE1GB,
                    EXTENDED,
                    EDX,
                    26,
                    (s, has, what) ->
                            // its own PDPT entry 1 becomes a 1 GiB page at 0 and is read through; without the feature
                            // PS is a reserved bit there
                            assertEquals(
                                    has,
                                    s.onPc("0f20d8 4825 00f0ffff 488b00 4825 00f0ffff 48c74008 83000000 0f20d9 0f22d9"
                                            + " 8b042500000040"),
                                    what)),
            bit(Feature.RDTSCP, EXTENDED, EDX, 27, code("0f01f9")),
            always("LM", EXTENDED, EDX, 29, efer(8)),
            always("INVARIANT_TSC", 0x8000_0007, EDX, 8, HALTED));

    /** A bit of IA32_SPEC_CTRL that can be set and is read back, or is #GP without the feature. */
    private static Proof speculationControl(int bit) {
        return (s, has, what) -> assertEquals(
                has, s.onPc("b948000000 31d2 b8" + le(1 << bit) + "0f30 0f32 3d" + le(1 << bit) + "7402 0f0b"), what);
    }

    private static Proof efer(int bit) {
        return yes(s -> assertTrue(s.onPc("b9800000c0 0f32 0d" + le(1 << bit) + "0f30 0f32 25" + le(1 << bit) + "3d"
                + le(1 << bit) + "7402 0f0b")));
    }

    private static void check(Subject s) {
        for (Bit b : BITS) {
            boolean has = b.feature == null || s.model.has(b.feature);
            String what = b.name + " on " + s.name;
            assertEquals(has ? 1 : 0, s.cpuid(b.leaf, b.sub)[b.register] >>> b.bit & 1, "CPUID's " + what);
            b.proof.check(s, has, what);
        }
        int[][] words = {
            {1, 0, ECX},
            {1, 0, EDX},
            {6, 0, EAX},
            {6, 0, EBX},
            {6, 0, ECX},
            {7, 0, EBX},
            {7, 0, ECX},
            {7, 0, EDX},
            {7, 2, EAX},
            {7, 2, EBX},
            {7, 2, ECX},
            {7, 2, EDX},
            {0xd, 1, EAX},
            {EXTENDED, 0, ECX},
            {EXTENDED, 0, EDX},
            {0x8000_0007, 0, EDX},
            {0x8000_0008, 0, EBX}
        };
        for (int[] w : words) {
            long known = w[0] == 1 && w[2] == ECX ? 1 << 27 | 1L << 31 : 0;
            if (w[0] == 7 && w[1] == 0 && w[2] == ECX) known = 1 << 4; // OSPKE, osxsaveMirrorsCr4
            for (Bit b : BITS) {
                if (b.leaf == w[0] && b.sub == w[1] && b.register == w[2]) known |= 1L << b.bit;
            }
            assertEquals(
                    0,
                    s.cpuid(w[0], w[1])[w[2]] & ~known,
                    "bits without a proof: leaf " + Integer.toHexString(w[0]) + " " + NAMES[w[2]] + " on " + s.name);
        }
        // IA32_ARCH_CAPABILITIES: IBRS_ALL
        assertEquals(s.model.has(Feature.IBRS_ALL), s.onPc("b90a010000 0f32 a802 7502 0f0b"), "IBRS_ALL on " + s.name);
        // the registers of two features: there when one of them is
        boolean cet = s.model.has(Feature.SHSTK) || s.model.has(Feature.IBT);
        cr4(23).check(s, cet, "CR4.CET on " + s.name);
        msr(0x6a0, 0x6a2).check(s, cet, "CET on " + s.name);
        msr(0xc000_0103).check(s, s.model.has(Feature.RDTSCP) || s.model.has(Feature.RDPID), "TSC_AUX on " + s.name);
        if (!s.model.has(Feature.XSAVE)) cr4(18).check(s, false, "CR4.OSXSAVE on " + s.name);
        // what no processor here has: LA57, MONITOR, MOVDIRI, XABORT, RDPRU, and AMD's
        for (int b : new int[] {12, 13, 14, 19, 25, 32}) {
            if (b < 32) cr4(b).check(s, false, "CR4 bit " + b);
        }
        for (String c : List.of(
                "0f01c8", "0f01c9", "0f38f90424", "c6f800", "0f01d9", "f20f79c1", "8fe97812c0", "0f01fc", "0f01fd")) {
            code(c).check(s, false, c + " on " + s.name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"baseline", "v2", "v3", "max", "max,+shstk", "max,+ibt"})
    void everyBitIsTrue(String cpu) {
        for (boolean translated : new boolean[] {false, true}) {
            try (Subject s = new Subject(cpu, translated)) {
                check(s);
            }
        }
    }

    @Test
    void aFeatureThatIsTakenAwayIsNeitherAdvertisedNorExecuted() {
        for (Feature f : Feature.values()) {
            if (!CpuModel.parse("max,+shstk,+ibt").has(f)) continue;
            // one engine for each by turns: the models above have gone through both
            try (Subject s =
                    new Subject("max,+shstk,+ibt,-" + f.name().toLowerCase(Locale.ROOT), f.ordinal() % 2 == 0)) {
                check(s);
            }
        }
    }

    @Test
    void everyFeatureThatAProcessorMayHaveIsInTheTable() {
        CpuModel all = CpuModel.parse("max,+shstk,+ibt");
        // enhanced IBRS shows in IA32_ARCH_CAPABILITIES only
        for (Feature f : Feature.values())
            assertEquals(all.has(f) && f != Feature.IBRS_ALL, BITS.stream().anyMatch(b -> b.feature == f), f.name());
    }

    @Test
    void leavesAgreeWithEachOther() {
        for (String cpu : List.of("baseline", "max")) {
            try (Subject s = new Subject(cpu, false)) {
                long[] l1 = s.cpuid(1, 0);
                assertEquals(0x16, s.cpuid(0, 0)[EAX]);
                assertEquals(s.cpuid(0xb, 0)[EDX], l1[EBX] >>> 24, "APIC id");
                assertEquals(s.cpuid(0xb, 1)[EBX], l1[EBX] >>> 16 & 0xff, "logical processors");
                assertEquals(
                        List.of(1L, 2L, 0L),
                        List.of(s.cpuid(0xb, 0)[ECX] >> 8, s.cpuid(0xb, 1)[ECX] >> 8, s.cpuid(0xb, 2)[ECX] >> 8),
                        "kinds of levels");
                long[] extended = s.cpuid(0x8000_0006, 0);
                for (int sub = 0; sub < 3; sub++) {
                    long[] c = s.cpuid(4, sub);
                    long line = (c[EBX] & 0xfff) + 1;
                    long size = line * ((c[EBX] >> 12 & 0x3ff) + 1) * ((c[EBX] >> 22) + 1) * (c[ECX] + 1);
                    assertEquals((l1[EBX] >> 8 & 0xff) * 8, line);
                    assertEquals(sub < 2 ? 32 << 10 : (extended[ECX] >> 16) << 10, size);
                }
                assertEquals(0, s.cpuid(4, 3)[EAX] & 31);
                assertEquals(64, extended[ECX] & 0xff);
                assertEquals(1, s.cpuid(2, 0)[EAX] & 0xff, "leaf 2 is asked for once");
                long[] tsc = s.cpuid(0x15, 0);
                assertEquals(s.cpuid(0x16, 0)[EAX] * 1_000_000, tsc[ECX] * tsc[EBX] / tsc[EAX]);
                for (int leaf : new int[] {3, 5, 8, 9, 0xa, 0xc, 0xe, 0xf, 0x10, 0x12, 0x14}) {
                    for (int sub = 0; sub < 3; sub++)
                        assertEquals(0, Arrays.stream(s.cpuid(leaf, sub)).sum(), "leaf " + leaf);
                }
                assertEquals(2, s.cpuid(7, 0)[EAX], "the last subleaf of leaf 7");
                for (int sub : new int[] {1, 3})
                    assertEquals(0, Arrays.stream(s.cpuid(7, sub)).sum());
                for (int beyond : new int[] {0x17, 0x1f, 0x7fff_ffff, 0x8000_0009, 0x8000_001d, 0xc000_0000}) {
                    assertEquals(
                            Arrays.toString(s.cpuid(0x16, 0)),
                            Arrays.toString(s.cpuid(beyond, 0)),
                            "a leaf that is not there gives the last basic one");
                }
                assertEquals(1, l1[ECX] >>> 31);
                assertEquals(0x4000_0000, s.cpuid(0x4000_0000, 0)[EAX]);
                assertEquals(0x676e_6952L, s.cpuid(0x4000_0000, 0)[EBX], "Ring");
            }
        }
    }

    @Test
    void osxsaveMirrorsCr4() {
        try (Subject s = new Subject("max", true)) {
            assertEquals(1, s.cpuid(1, 0)[ECX] >> 27 & 1);
            assertEquals(0, s.cpuid("0f20e0 4825 fffffbff 0f22e0", 1, 0)[ECX] >> 27 & 1);
            assertEquals(0, s.cpuid(7, 0)[ECX] >> 4 & 1, "OSPKE");
            assertEquals(1, s.cpuid("0f20e0 480d00004000 0f22e0", 7, 0)[ECX] >> 4 & 1, "OSPKE");
        }
    }

    /**
     * Leaf 0Dh, and that XSAVE stores no byte behind the size it says: the area ends at the end of the stack's last
     * page.
     */
    @Test
    void xsaveSizesFollowWhatIsEnabled() {
        String set = "31c9 31d2 b8%04x0000 0f01d1 ";
        for (boolean translated : new boolean[] {false, true}) {
            try (Subject s = new Subject("max,+shstk", translated)) {
                for (int[] x : new int[][] {{1, 576, 576}, {3, 576, 576}, {7, 832, 832}, {0x207, 2696, 840}}) {
                    String xcr0 = String.format(set, Short.toUnsignedInt(Short.reverseBytes((short) x[0])));
                    long[] l = s.cpuid(xcr0, 0xd, 0);
                    assertEquals(
                            List.of(0x207L, (long) x[1], 2696L, 0L),
                            Arrays.stream(l).boxed().toList());
                    assertEquals(x[2], s.cpuid(xcr0, 0xd, 1)[EBX]);
                    // IA32_XSS = 1800h: 16 and 24 bytes more in the compacted format
                    assertEquals(x[2] + 40, s.cpuid(xcr0 + "b9a00d0000 b800180000 31d2 0f30 ", 0xd, 1)[EBX]);
                    for (String op : List.of("0faea7", "0fc7a7")) { // xsave, xsavec [rdi + disp32]
                        // neither YMM0 nor PKRU in its initial state: XSAVEC writes what is in use
                        String use = x[0] >= 7 ? "c5fd76c0" : "";
                        if (x[0] > 7) use += "0f20e0 480d00004000 0f22e0 b808000000 0f01ef";
                        String save = xcr0 + use + "488d bc2400010000 83c8ff 83caff " + op;
                        int size = op.equals("0faea7") ? x[1] : x[2];
                        assertEquals(
                                Stop.Reason.UNTIL,
                                s.run(save + le(-(size + 63 & -64))).stop().reason());
                        assertEquals(
                                PF,
                                s.run(save + le(-(size + 63 & -64) + 64)).stop().vector());
                    }
                }
                assertEquals("[256, 576, 0, 0]", Arrays.toString(s.cpuid(0xd, 2)));
                assertEquals("[16, 0, 1, 0]", Arrays.toString(s.cpuid(0xd, 11)));
                assertEquals("[24, 0, 1, 0]", Arrays.toString(s.cpuid(0xd, 12)));
                assertEquals(0x1800, s.cpuid(0xd, 1)[ECX]);
                assertEquals("[8, 2688, 0, 0]", Arrays.toString(s.cpuid(0xd, 9)));
                for (int sub : new int[] {3, 8, 10, 13, 62, 63})
                    assertEquals(0, Arrays.stream(s.cpuid(0xd, sub)).sum());
            }
            try (Subject s = new Subject("max,-avx,-pku", translated)) {
                assertEquals(
                        List.of(3L, 576L, 576L, 0L),
                        Arrays.stream(s.cpuid(0xd, 0)).boxed().toList());
                assertEquals(0, Arrays.stream(s.cpuid(0xd, 2)).sum());
                assertEquals(GP, s.run(String.format(set, 0x700)).stop().vector());
                assertEquals(
                        Stop.Reason.UNTIL,
                        s.run("0f58c1 660fefc1 660f38dcc1").stop().reason(),
                        "legacy encodings");
            }
            try (Subject s = new Subject("max,-xsavec", translated)) {
                assertEquals(0, s.cpuid(0xd, 1)[EBX]);
            }
            try (Subject s = new Subject("max,-xsave", translated)) {
                assertEquals(
                        0,
                        Arrays.stream(s.cpuid(0xd, 0)).sum()
                                + Arrays.stream(s.cpuid(0xd, 1)).sum());
            }
        }
    }

    /**
     * Leaf 80000008h: the bits of a physical address are those that no page-table entry may exceed, and linear ones end
     * where addresses stop being canonical.
     */
    @Test
    void addressWidthsAreThoseOfTheProcessor() {
        for (boolean translated : new boolean[] {false, true}) {
            try (Subject s = new Subject("max", translated)) {
                long widths = s.cpuid(0x8000_0008, 0)[EAX];
                int physical = (int) widths & 0xff, linear = (int) widths >> 8 & 0xff;
                for (int bit : new int[] {physical - 1, physical}) {
                    assertEquals(
                            bit < physical ? -1 : GP,
                            s.run("0f20d8 b901000000 48c1e1" + String.format("%02x", bit) + "4809c8 0f22d8")
                                                    .stop()
                                                    .vector()
                                            == GP
                                    ? GP
                                    : -1,
                            "CR3 bit " + bit);
                    // the last level's entry of a page of data gets the bit
                    Experiment e = new Experiment(Mode.LONG)
                            .code(HexFormat.of().parseHex("8b042500000500"))
                            .map(0x50000, 4096, "rw");
                    var cpu = s.lab.setUp(e);
                    long table = cpu.cr3;
                    for (int shift = 39; shift > 12; shift -= 9)
                        table = cpu.physical.read(table + 8 * (0x50000L >> shift & 511), 8) & 0xf_ffff_ffff_f000L;
                    long at = table + 8 * (0x50000 >> 12 & 511);
                    cpu.physical.write(at, 8, cpu.physical.read(at, 8) | 1L << bit);
                    Stop stop = s.lab.finish(null).stop();
                    assertEquals(bit < physical ? -1 : PF, stop.vector());
                    if (bit == physical) assertEquals(9, stop.error(), "present and reserved");
                }
                String load = "b801000000 48c1e0%02x 8b00";
                assertEquals(GP, s.run(String.format(load, linear - 1)).stop().vector());
                assertEquals(PF, s.run(String.format(load, linear - 2)).stop().vector());
            }
        }
    }
}
