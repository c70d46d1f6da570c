package ringside.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.lab.Experiment;
import ringside.lab.Mode;
import ringside.lab.PcLab;
import ringside.lab.Stop;
import ringside.machine.Machine;

/** The cache of decoded code when it is full. */
class BlockCacheTest {
    private static final int CODE = 0x50000, PAGES = 40;

    /** In each page's last byte begins a MOV AL that ends in the next page, where a jump to the next of them follows. */
    private static Experiment instructionsAcrossPages(int immediate) {
        Experiment e = new Experiment(Mode.LONG).at(CODE + 0xfff).limit(10_000);
        for (int k = 0; k < PAGES; k++) {
            boolean last = k == PAGES - 1;
            int jump = 0x1000 - 7;
            byte[] next = last ? new byte[] {(byte) 0xf4} : new byte[] {(byte) 0xe9, (byte) jump, (byte) (jump >> 8), 0, 0};
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
}
