package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.Mode;
import ringside.lab.Result;
import ringside.lab.Stop;
import ringside.machine.Machine;

/**
 * Where AMD's processors do something else than Intel's, on both engines: {@code --cpu amd} against {@code --cpu max}.
 * Expected values: AMD64 APM vol. 3 and 4 (SYSCALL, SYSRET, SYSENTER, near branches, LFS, FXSAVE, EXTRQ), vol. 2,
 * 4.5.3.
 */
class AmdTest {
    private static final int GP = 13, UD = 6, PF = 14;
    private static final String SCE = "b9800000c0 0f32 83c801 0f30";

    private static void each(String cpu, Consumer<Lab> test) {
        for (Machine.EngineFactory engine : List.of(Machine::interpreter, Guests.translated(1))) {
            try (Lab lab = new Lab(engine, CpuModel.parse(cpu), 4 << 20)) {
                test.accept(lab);
            }
        }
    }

    private static Experiment code(Mode mode, int cpl, String hex) {
        return new Experiment(mode)
                .cpl(cpl)
                .code(HexFormat.of().parseHex(hex.replace(" ", "")))
                .map(0x50000, 4096, "rwx")
                .show("rax", "rbx", "rcx", "rdx", "rip", "rsp", "fs", "fs_base", "fs_limit", "xmm0", "xmm1");
    }

    private static Result run(Lab lab, String hex) {
        return lab.run(code(Mode.LONG, 0, hex));
    }

    @Test
    void syscallInCompatibilityModeGoesToCstar() {
        each("amd", lab -> {
            Cpu cpu = lab.setUp(code(Mode.COMPAT, 3, "0f05"));
            long start = cpu.rip;
            cpu.efer |= Cpu.EFER_SCE;
            cpu.msrs.star = 0x0010L << 32;
            cpu.msrs.cstar = 0x50000;
            cpu.msrs.lstar = 0x51000;
            cpu.msrs.fmask = 0x200;
            Result r = lab.finish(null);
            // what lies at the target, zeroes, is add [rax], al, which stops it there
            assertEquals(0x50000, r.register("rip") & ~0xffL, r.stop().toString());
            assertEquals(start + 2, r.register("rcx"));
            assertEquals(0, cpu.cpl);
            assertTrue(cpu.code64());
        });
        each("max", lab -> {
            Cpu cpu = lab.setUp(code(Mode.COMPAT, 3, "0f05"));
            cpu.efer |= Cpu.EFER_SCE;
            assertEquals(UD, lab.finish(null).stop().vector());
        });
    }

    @Test
    void sysretToANonCanonicalAddressFaultsThere() {
        String sysret = SCE + "48b90000000000008000 480f07";
        each("amd", lab -> {
            Result r = run(lab, sysret);
            assertEquals(GP, r.stop().vector());
            assertEquals(0x80_0000_0000_0000L << 8, r.register("rip") << 8);
            assertEquals(3, lab.setUp(code(Mode.LONG, 3, "90")).cpl);
        });
        each("max", lab -> {
            Result r = run(lab, sysret);
            assertEquals(GP, r.stop().vector());
            assertEquals(code(Mode.LONG, 0, "").start() + 22, r.register("rip"), "at the instruction");
        });
    }

    @Test
    void sysenterIsNotThereInLongMode() {
        for (String op : List.of("0f34", "0f35")) {
            each("amd", lab -> assertEquals(UD, run(lab, op).stop().vector()));
            each("max", lab -> assertTrue(run(lab, op).stop().vector() != UD));
        }
    }

    /**
     * 66 in front of a near branch: 16 bits of displacement and of the target on one, without a meaning on the other.
     */
    @Test
    void anOperandSizePrefixShortensNearBranches() {
        // jmp rel16 over 2 bytes of 0f0b; on Intel's the displacement is 32 bits: 0b0f0002
        each("amd", lab -> {
            Result r = lab.run(code(Mode.LONG, 0, "66e90200 0f0b 90").at(0x6000));
            assertEquals(Stop.Reason.UNTIL, r.stop().reason());
            // jz rel8, taken, from beyond 64 KiB: the target keeps 16 bits; not taken, nothing does
            r = run(lab, "31c0 667400");
            assertEquals(code(Mode.LONG, 0, "").start() + 5 & 0xffff, r.register("rip"));
            r = run(lab, "31c0 667500 90");
            assertEquals(Stop.Reason.UNTIL, r.stop().reason());
            // jmp rax
            r = run(lab, "b834120500 66ffe0");
            assertEquals(0x1234, r.register("rip"));
            // call rel16 pushes two bytes, and ret takes two
            r = run(lab, "48c7c400080500 66e80000");
            assertEquals(0x507fe, r.register("rsp"));
            r = run(lab, "48c7c400080500 66c704247856 66c3");
            assertEquals(0x5678, r.register("rip"));
            assertEquals(0x50802, r.register("rsp"));
        });
        each("max", lab -> {
            Result r = run(lab, "66e902000000 0f0b 90");
            assertEquals(Stop.Reason.UNTIL, r.stop().reason());
        });
    }

    @Test
    void farPointersHaveAtMost32BitsOfOffset() {
        // [rsp] = 11223344h, selector 0 behind it; lfs with REX.W
        String load = "c70424 44332211 c744240400000000 c744240800000000 48c7c0ffffffff 480fb40424";
        each("amd", lab -> assertEquals(0x11223344L, run(lab, load).register("rax")));
        // here the selector is the two bytes behind eight
        String other = load.replace("c744240400000000", "c744240401000000");
        each("max", lab -> assertEquals(0x1_11223344L, run(lab, other).register("rax")));
    }

    @Test
    void aNullSelectorKeepsBaseAndLimitOnOlderOnes() {
        String load = "b9000100c0 b800400000 31d2 0f30 31c0 8ee0";
        each("amd,-nscb", lab -> {
            Result r = run(lab, load);
            assertEquals(0x4000, r.register("fs_base"));
            assertEquals(0xffff_ffffL, r.register("fs_limit"));
        });
        for (String cpu : List.of("amd", "max"))
            each(cpu, lab -> {
                assertEquals(0, run(lab, load).register("fs_base"));
                assertEquals(0, run(lab, load).register("fs_limit"));
            });
    }

    @Test
    void fxsaveKeepsPointersWithAnErrorOnlyOnOlderOnes() {
        // fld1; fxsave64 [50000h]; mov rax, its instruction pointer
        String save = "d9e8 bf00000500 480fae07 488b4708";
        each("amd,-xsaveerptr", lab -> {
            assertEquals(0, run(lab, save).register("rax"));
            // with an unmasked error (square root of -1): the pointer of that
            String error = "bf00000500 66c7073e03 d92f d9e8 d9e0 d9fa 480fae07 488b4708";
            assertTrue(run(lab, error).register("rax") != 0);
        });
        for (String cpu : List.of("amd", "max"))
            each(cpu, lab -> assertTrue(run(lab, save).register("rax") != 0));
    }

    @Test
    void bitFieldsMoveOutOfAndIntoAQuadword() {
        // rax = 1122334455667788h to xmm0, 0f3ch to xmm1
        String load = "48b88877665544332211 66480f6ec0 b83c0f0000 66480f6ec8";
        each("amd", lab -> {
            assertEquals(
                    0x2334455L,
                    run(lab, load + "660f78c01d18 66480f7ec0".replace("1d18", "1c18"))
                            .register("rax"));
            assertEquals(
                    0x1122334455667788L,
                    run(lab, load + "660f78c00000 66480f7ec0").register("rax"));
            // length 3ch, index 0fh by register: 60 bits from bit 15
            assertEquals(
                    0x1122334455667788L >>> 15 & (1L << 60) - 1,
                    run(lab, load + "660f79c1 66480f7ec0").register("rax"));
            assertEquals(
                    0x11223344553c7788L,
                    run(lab, load + "f20f78c10810 66480f7ec0").register("rax"));
            assertEquals(0x0f3cL, run(lab, load + "f20f2b0c24 488b0424").register("rax"));
        });
        each(
                "max",
                lab -> assertEquals(UD, run(lab, load + "660f78c01c18").stop().vector()));
    }

    @Test
    void clzeroClearsTheLineAround() {
        String zero = "bf00000500 b810000000 b900020000 83c8ff f3aa b870000500 0f01fc";
        each("amd", lab -> {
            Cpu cpu = lab.setUp(code(Mode.LONG, 0, zero));
            lab.finish(null);
            for (int at = 0; at < 0x200; at++)
                assertEquals(at >= 0x40 && at < 0x80 ? 0 : 0xff, cpu.physical.read(cpu.mem.probe(0x50000 + at), 1));
            assertEquals(PF, run(lab, "b800000900 0f01fc").stop().vector());
        });
    }

    @Test
    void cpuidNamesTheMakerAndWhatIsThere() {
        each("amd", lab -> {
            Result r = run(lab, "31c0 0fa2");
            assertEquals(0x6874_7541, r.register("rbx"));
            assertEquals(0x444d_4163, r.register("rcx"));
            assertEquals(0x6974_6e65, r.register("rdx"));
            assertEquals(0x00a0_0f11, run(lab, "b801000000 0fa2").register("rax"));
            assertEquals(0, run(lab, "b807000000 31c9 0fa2").register("rcx") >>> 8 & 1, "GFNI");
            assertEquals(1 << 6 | 1 << 29, run(lab, "b801000080 0fa2").register("rcx") & (1 << 6 | 1 << 16 | 1 << 29));
            assertEquals(UD, run(lab, "660f38cfc1").stop().vector());
            assertEquals(UD, run(lab, "0f01fd").stop().vector(), "RDPRU");
            assertEquals(GP, run(lab, "b90a010000 0f32").stop().vector(), "IA32_ARCH_CAPABILITIES");
        });
        assertThrows(IllegalArgumentException.class, () -> CpuModel.parse("amd,+gfni"));
        assertThrows(IllegalArgumentException.class, () -> CpuModel.parse("max,+sse4a"));
    }
}
