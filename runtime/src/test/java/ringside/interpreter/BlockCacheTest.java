package ringside.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.lab.Experiment;
import ringside.lab.Mode;
import ringside.lab.PcLab;
import ringside.lab.Stop;
import ringside.machine.Machine;

/** The cache of decoded code when it is full. */
class BlockCacheTest {
    /** Selector of the laboratory's 64-bit code segment. */
    private static final byte CS = 8;

    private static final int CODE = 0x50000, PAGES = 40;

    /**
     * In each page's last byte begins a MOV AL that ends in the next page, where a jump to the next of them follows.
     */
    private static Experiment instructionsAcrossPages(int immediate) {
        Experiment e = new Experiment(Mode.LONG).at(CODE + 0xfff).limit(10_000);
        for (int k = 0; k < PAGES; k++) {
            boolean last = k == PAGES - 1;
            int jump = 0x1000 - 7;
            byte[] next =
                    last ? new byte[] {(byte) 0xf4} : new byte[] {(byte) 0xe9, (byte) jump, (byte) (jump >> 8), 0, 0};
            e.write(CODE + k * 0x1000L + 0xfff, new byte[] {(byte) 0xb0, (byte) (immediate + k)});
            e.write(CODE + k * 0x1000L + 0x1001, next);
        }
        return e;
    }

    @Test
    void aFullCacheIsDroppedAndCodeThatCrossesPagesIsStillFollowed() {
        for (int capacity = 1; capacity < 12; capacity++) {
            try (PcLab lab = new PcLab(Machine::interpreter, CpuModel.standard(), 2 << 20)) {
                lab.machine().blocks().capacity = capacity;
                for (int immediate : new int[] {1, 77}) {
                    Stop s = lab.stopOf(instructionsAcrossPages(immediate));
                    assertEquals(Stop.Reason.HLT, s.reason(), s.toString());
                    assertEquals(immediate + PAGES - 1, lab.processor().gpr[Cpu.RAX] & 0xff);
                    assertTrue(lab.machine().cpu().instructions() >= 2 * PAGES);
                }
            }
        }
    }

    /**
     * Two bytes that are no instruction, of which the second lies in another 64 bytes, or in another page; the handler
     * of #UD makes them a CLTS.
     */
    @ParameterizedTest
    @ValueSource(ints = {0x503f, 0x5fff})
    void whatWasNoInstructionIsDecodedAgainWhenItsLaterBytesChange(int code) {
        int handler = 0x40000;
        Experiment e = new Experiment(Mode.LONG)
                .at(code)
                .limit(100)
                .register("idtr_base", 0x8000)
                .register("idtr_limit", 0xfff)
                .register("rsp", 0x70000)
                .write(code, new byte[] {0x0f, 0x04, (byte) 0xf4})
                .write(
                        handler,
                        HexFormat.of()
                                .parseHex("c60425" + "%02x%02x0000".formatted(code + 1 & 0xff, code + 1 >> 8) + "06b8"
                                        + "%02x%02x0000".formatted(code & 0xff, code >> 8)
                                        + "ffe0")) // mov byte [code + 1], 6; mov eax, code; jmp rax
                // an interrupt gate for #UD, selector as in CS
                .write(0x8000 + 6 * 16, new byte[] {0, 0, CS, 0, 0, (byte) 0x8e, (byte) (handler >> 16), 0});
        try (PcLab lab = new PcLab(Machine::interpreter, CpuModel.standard(), 2 << 20)) {
            Stop s = lab.stopOf(e);
            assertEquals(CS, lab.processor().seg[Cpu.CS].selector);
            assertEquals(Stop.Reason.HLT, s.reason(), s.toString());
            assertEquals(5, lab.machine().cpu().instructions());
        }
    }
}
