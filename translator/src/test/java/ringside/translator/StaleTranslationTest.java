package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.lab.Experiment;
import ringside.lab.Mode;
import ringside.lab.PcLab;
import ringside.lab.Stop;
import ringside.machine.Machine;

/**
 * Code and page tables that have to do with each other: code that is fetched by a translation which the page tables no
 * longer have (until INVLPG, a TLB may use it: Intel SDM vol. 3, 4.10.4), and page tables that are executed, which a
 * walk changes (accessed and dirty flags: 4.8).
 */
class StaleTranslationTest {
    private static byte[] entries(IntStream values) {
        long[] all = values.mapToLong(v -> v).toArray();
        ByteBuffer b = ByteBuffer.allocate(8 * all.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long v : all) b.putLong(v);
        return b.array();
    }

    private static byte[] hex(String s) {
        return HexFormat.of().parseHex(s.replace(" ", ""));
    }

    /** The old page is written to by another address; what was decoded there must not be run again. */
    @Test
    void aStoreIntoThePageThatIsStillFetchedFromIsSeen() {
        Experiment e = new Experiment(Mode.LONG)
                .at(0x40000)
                .limit(1000)
                .register("rsp", 0x70000)
                // cr3 = 20000h; call 50000h; PTE of 50000h = 51003h; call 50100h; byte at 60101h = 2; call 50100h; hlt
                .code(hex("48c7c000000200 0f22d8 b800000500 ffd0 48c7042580320200 03100500 b800010500 ffd0"
                        + " c604250101060002 b800010500 ffd0 f4"))
                .write(0x50000, hex("c3"))
                .write(0x50100, hex("b901000000 c3")) // mov ecx, 1; ret
                .write(0x20000, entries(IntStream.of(0x21003)))
                .write(0x21000, entries(IntStream.of(0x22003)))
                .write(0x22000, entries(IntStream.of(0x23003)))
                .write(0x23000, entries(IntStream.range(0, 512).map(i -> (i == 0x60 ? 0x50 : i) << 12 | 3)));
        for (Machine.EngineFactory engine : new Machine.EngineFactory[] {Machine::interpreter, Guests.translated(1)}) {
            try (PcLab lab = new PcLab(engine, CpuModel.standard(), 2 << 20)) {
                assertEquals(Stop.Reason.HLT, lab.stopOf(e).reason());
                assertEquals(2, lab.processor().gpr[Cpu.RCX]);
            }
        }
    }

    /** The first 2 MiB one to one, entry by entry; what is put into the last table at 23000h is in the test. */
    private static Experiment tables(String code) {
        return new Experiment(Mode.LONG)
                .at(0x40000)
                .limit(1000)
                .register("rsp", 0x70000)
                .register("rcx", 0x70000)
                .code(hex("48c7c000000200 0f22d8" + code))
                .write(0x20000, entries(IntStream.of(0x21003)))
                .write(0x21000, entries(IntStream.of(0x22003)))
                .write(0x22000, entries(IntStream.of(0x23023)))
                .write(0x23000, entries(IntStream.range(0, 512).map(i -> i << 12 | 0x63)));
    }

    private static void ends(Experiment e, long rax) {
        for (Machine.EngineFactory engine : new Machine.EngineFactory[] {Machine::interpreter, Guests.translated(1)}) {
            try (PcLab lab = new PcLab(engine, CpuModel.standard(), 2 << 20)) {
                Stop s = lab.stopOf(e);
                assertEquals(Stop.Reason.HLT, s.reason(), s.toString());
                assertEquals(rax, lab.processor().gpr[Cpu.RAX]);
            }
        }
    }

    @Test
    void aDirtyFlagThatMakesTheNextInstructionAnotherOneIsSeen() {
        // eax = 30000h; jmp 23800h
        Experiment e = tables("b800000300 ba00380200 ffe2")
                // mov byte [101000h], 55h, then the entry for 101000h: and eax, ecx; with the dirty flag: movsxd eax,
                // ecx; add al, 0; add [rax], al twice; hlt
                .write(0x23800, hex("c604250010100055 23c1040000000000 f4"));
        ends(e, 0x70000);
    }

    @Test
    void anAccessedFlagWithinTheInstructionThatIsFetchedIsSeen() {
        // jmp 1feff7h: page 1fe000h is the last table (the top byte of whose entry is the REX), 1ff000h is 58000h
        Experiment e = tables("ba f7ef1f00 ffe2")
                .write(0x23ff0, hex("6330020000000000"))
                // 48 81 84 05 ...: add qword [rbp + rax + ...], ...; with the accessed flag in the entry that begins
                // with 81: mov rax, [584h]
                .write(0x23ff7, hex("48 8184050000000000"))
                .write(0x584, hex("8877665544332211"))
                .write(0x58000, hex("00 f4"));
        ends(e, 0x1122_3344_5566_7788L);
    }
}
