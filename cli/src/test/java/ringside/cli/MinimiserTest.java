package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Engine;
import ringside.lab.Lab;
import ringside.lab.Result;
import ringside.machine.Machine;
import ringside.workbench.exec.CaseSpec;
import ringside.workbench.fuzz.CaseGenerator;
import ringside.workbench.fuzz.Fuzzer;
import ringside.workbench.fuzz.Minimiser;

/** An engine with a planted defect, and what is left of a case that shows it. */
class MinimiserTest {
    private static final String DATA = "0x10010000";

    @TempDir
    Path dir;

    /** An interpreter that sets bit 7 of RAX wrong behind each instruction that starts with these bytes. */
    private static Machine.EngineFactory wrongAfter(int... start) {
        return wrongAfter(cpu -> cpu.gpr[Cpu.RAX] ^= 0x80, start);
    }

    /**
     * An interpreter that does something wrong behind each instruction that starts with these bytes and does not fault.
     */
    private static Machine.EngineFactory wrongAfter(Consumer<Cpu> defect, int... start) {
        return machine -> {
            Engine right = machine.interpreter();
            return new Engine() {
                @Override
                public void run() {
                    Cpu cpu = machine.cpu();
                    while (cpu.budget > 0 && !cpu.attention) step();
                }

                @Override
                public void step() {
                    Cpu cpu = machine.cpu();
                    boolean wrong = matches(cpu);
                    long rip = cpu.rip;
                    right.step();
                    if (wrong && cpu.rip != rip) defect.accept(cpu);
                }

                private boolean matches(Cpu cpu) {
                    for (int k = 0; k < start.length; k++) {
                        long pa = cpu.mem.probe(cpu.codeLinear() + k);
                        if (pa < 0 || cpu.physical.read(pa, 1) != start[k]) return false;
                    }
                    return true;
                }
            };
        };
    }

    /** inc ecx; the wrong instruction; a longer program around it, with all kinds of state. */
    private static Map<String, Object> surrounded(String wrong) {
        Map<String, Object> c =
                new LinkedHashMap<>(Map.of("mode", "long", "cpl", 3, "at", "0x10000000", "until", "hlt", "limit", 100));
        c.put("hex", "ffc1" + "488b5608" + wrong + "0f57c1" + "4801d8" + "f4f4f4f4f4");
        c.put("map", List.of(DATA + ":8192:rw", "0x10014000:4096:r"));
        c.put(
                "mem",
                new LinkedHashMap<>(Map.of(
                        DATA, "00112233445566778899aabbccddeeff", "0x10010040", "0102030405060708090a0b0c0d0e0f10")));
        Map<String, Object> regs = new LinkedHashMap<>(Map.of(
                "rax",
                "0xdeadbeefcafef00d",
                "rbx",
                "0x123456789abcdef",
                "rcx",
                "0x77",
                "rsi",
                DATA,
                "rdi",
                "0x10010040"));
        regs.put("xmm1", "0x112233445566778899aabbccddeeff00");
        regs.put("rflags", "0x8d7");
        c.put("regs", regs);
        return c;
    }

    @Test
    void oneInstructionWithSimpleOperandsIsLeft() {
        // 48 69 /r: imul rbx, rbx, 12345678h
        try (Fuzzer f = new Fuzzer(CpuModel.standard(), wrongAfter(0x48, 0x69), null)) {
            Map<String, Object> c = surrounded("4869db78563412");
            assertFalse(f.differences(c).isEmpty());
            Map<String, Object> small = f.minimise(c);
            assertEquals("4869c000000000f4", small.get("hex")); // imul rax, rax, 0
            assertEquals(Map.of(), small.get("regs"));
            assertFalse(small.containsKey("mem"), small.toString());
            assertEquals(List.of(), small.get("map"));
        }
    }

    @Test
    void aMemoryOperandKeepsAnAddressOnly() {
        // 03 /r: the defect needs the load to succeed
        try (Fuzzer f = new Fuzzer(CpuModel.standard(), wrongAfter(0x03, 0x8f), null)) {
            Map<String, Object> c = surrounded("038fc0ffffff"); // add ecx, [rdi-40h]
            assertFalse(f.differences(c).isEmpty());
            Map<String, Object> small = f.minimise(c);
            assertEquals("038f00000000f4", small.get("hex"));
            assertEquals(Map.of("rdi", "0x10000000"), small.get("regs")); // the only page that is left is the code's
            assertEquals(List.of(), small.get("map"));
            assertFalse(small.containsKey("mem"), small.toString());
        }
    }

    @Test
    void aValueThatMattersKeepsTheBitsThatMatter() {
        // the difference depends on bit 5 of RBX and the byte at DATA + 3 only
        Map<String, Object> small = new Minimiser(
                        c -> {
                            Result r = run(c);
                            return r != null
                                    && (r.register("rbx") & 32) != 0
                                    && (r.register("rdx") >>> 24 & 0xff) == 0x33;
                        },
                        60)
                .minimise(surrounded("8b16"));
        assertEquals("0x20", ((Map<?, ?>) small.get("regs")).get("rbx"));
        assertEquals(Map.of(DATA, "00000033"), small.get("mem"));
        assertEquals("8b16f4", small.get("hex"));
    }

    /**
     * A whole PC whose program makes tables of its own: what is left of them is what the instruction with the defect
     * needs, and the case runs as one of a batch.
     */
    @Test
    void aSystemCaseKeepsTheTablesThatMatter() throws Exception {
        // ltr eax, in the prologue of every program
        try (Fuzzer f = new Fuzzer(CpuModel.standard(), wrongAfter(cpu -> cpu.tr.limit ^= 1, 0x0f, 0x00, 0xd8), null)) {
            Map<String, Object> c = CaseGenerator.make(CaseGenerator.Kind.SYSTEM, 1);
            assertEquals("pc", c.get("board"));
            assertFalse(f.differences(c).isEmpty());
            Map<String, Object> small = f.minimise(c);
            assertEquals(
                    "0f01140500280100" + "c7c038000000" + "0f00d8" + "f4",
                    small.get("hex")); // lgdt [12800h]; mov eax, 38h; ltr eax; hlt
            // the descriptor's access byte, "TSS, present"; the table's limit and base
            assertEquals(Map.of("0x10000", "00".repeat(0x3d) + "89", "0x12800", "ff00000001"), small.get("mem"));
            assertEquals(Map.of(), small.get("regs"));
            assertFalse(f.differences(small).isEmpty());

            small.put("expect", Map.of("reason", "hlt", "tr", "0x38", "gdtr_base", "0x10000", "instructions", 4));
            Path line = Files.writeString(dir.resolve("small.jsonl"), Fuzzer.json(small) + "\n");
            PrintStream old = System.out;
            System.setOut(new PrintStream(OutputStream.nullOutputStream()));
            try {
                assertEquals(0, Main.commandLine().execute("exec", "--batch", line.toString(), "--memory", "4"));
            } finally {
                System.setOut(old);
            }
        }
    }

    private static Result run(Map<String, Object> c) {
        try (Lab lab = new Lab(Machine::interpreter, CpuModel.standard(), 4 << 20)) {
            return lab.run(CaseSpec.of(c).experiment());
        } catch (Exception e) {
            return null;
        }
    }

    @Test
    void whatIsLeftIsACaseForExec() throws Exception {
        try (Fuzzer f = new Fuzzer(CpuModel.standard(), wrongAfter(0x48, 0x69), null)) {
            String line = Fuzzer.json(f.minimise(surrounded("4869db78563412")));
            Result r = run(JSON.std.mapFrom(line));
            assertTrue(r != null && r.instructions() == 1, line);
        }
    }
}
