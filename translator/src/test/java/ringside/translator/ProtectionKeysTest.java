package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.List;
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
 * Protection keys of user pages (PKRU) and of supervisor pages (IA32_PKRS), on both engines: which accesses they
 * forbid, the error code, translations that are held, and the registers' own instructions and state component. Expected
 * values: Intel SDM vol. 3, 4.6.2 and 4.7; vol. 1, 13.5.7; vol. 2, RDPKRU and WRPKRU.
 */
class ProtectionKeysTest {
    private static final List<Machine.EngineFactory> ENGINES = List.of(Machine::interpreter, Guests.translated(1));
    private static final long PAGE = 0x50000, US = 4, RW = 2;
    private static final int PKE = 1 << 22, PKS = 1 << 24, WP = 1 << 16;
    private static final int PF = 14, GP = 13, UD = 6;
    private static final String LOAD = "8b042500000500", STORE = "89042500000500", MODIFY = "83042500000500 01";

    private static Experiment code(int cpl, String hex) {
        return new Experiment(Mode.LONG)
                .cpl(cpl)
                .code(HexFormat.of().parseHex(hex.replace(" ", "")))
                .map(PAGE, 4096, "rw");
    }

    /** Gives the page a key and other rights. */
    private static void entry(Cpu cpu, int key, long set, long clear) {
        long table = cpu.cr3;
        for (int shift = 39; shift > 12; shift -= 9)
            table = cpu.physical.read(table + 8 * (PAGE >> shift & 511), 8) & 0xf_ffff_ffff_f000L;
        long at = table + 8 * (PAGE >> 12 & 511);
        cpu.physical.write(at, 8, cpu.physical.read(at, 8) & ~clear | set | (long) key << 59);
    }

    /** @return error code of the page fault, or -1 */
    private static int error(Lab lab, String access, int cpl, int key, boolean userPage, boolean wp, int rights) {
        Cpu cpu = lab.setUp(code(cpl, access));
        entry(cpu, key, 0, userPage ? 0 : US);
        cpu.cr4 |= PKE | PKS;
        if (!wp) cpu.cr0 &= ~(long) WP;
        cpu.setProtectionKeys(userPage ? rights : 0, userPage ? 0 : rights);
        cpu.mem.flushAll();
        cpu.updateMode();
        Stop stop = lab.finish(null).stop();
        if (stop.reason() == Stop.Reason.UNTIL) return -1;
        assertEquals(PF, stop.vector());
        return stop.error();
    }

    @Test
    void aKeyForbidsWhatItsTwoBitsSay() {
        for (Machine.EngineFactory engine : ENGINES) {
            try (Lab lab = new Lab(engine, CpuModel.implemented(), 4 << 20)) {
                for (int key : new int[] {0, 1, 9, 15}) {
                    for (int bits = 0; bits < 4; bits++) {
                        for (int n = 0; n < 24; n++) {
                            boolean userPage = (n & 1) != 0, wp = (n & 2) != 0;
                            int cpl = (n & 4) != 0 ? 3 : 0;
                            String access = n < 8 ? LOAD : n < 16 ? STORE : MODIFY;
                            if (cpl == 3 && !userPage) continue;
                            boolean write = n >= 8;
                            boolean forbidden = (bits & 1) != 0 || (bits & 2) != 0 && write && (cpl == 3 || wp);
                            int expected = forbidden ? 0x21 | (write ? 2 : 0) | (cpl == 3 ? 4 : 0) : -1;
                            String what = "key " + key + " rights " + bits + " case " + n;
                            assertEquals(expected, error(lab, access, cpl, key, userPage, wp, bits << 2 * key), what);
                            // the other keys, and the register of the other kind of pages, have no say
                            if (bits == 3)
                                assertEquals(-1, error(lab, access, cpl, key, userPage, wp, ~(3 << 2 * key)), what);
                        }
                    }
                }
            }
        }
    }

    @Test
    void codeIsFetchedWhateverTheKeySays() {
        for (Machine.EngineFactory engine : ENGINES) {
            try (Lab lab = new Lab(engine, CpuModel.implemented(), 4 << 20)) {
                Cpu cpu = lab.setUp(new Experiment(Mode.LONG)
                        .cpl(3)
                        .at(PAGE)
                        .code(HexFormat.of().parseHex("ffc0"))
                        .register("rax", 1));
                entry(cpu, 5, 0, 0);
                cpu.cr4 |= PKE;
                cpu.setProtectionKeys(-1, 0);
                cpu.mem.flushAll();
                Result r = lab.finish(null);
                assertEquals(Stop.Reason.UNTIL, r.stop().reason());
                assertEquals(2, r.register("rax"));
            }
        }
    }

    /** A translation that has been used obeys WRPKRU, XRSTOR and WRMSR at once, and so does key 0. */
    @Test
    void heldTranslationsFollowTheRegisters() {
        String write = "31c9 31d2 b8%08x 0f01ef";
        for (Machine.EngineFactory engine : ENGINES) {
            try (Lab lab = new Lab(engine, CpuModel.implemented(), 4 << 20)) {
                for (int key : new int[] {0, 7}) {
                    // the stack has key 0, and is not touched
                    String forbid = String.format(write, Integer.reverseBytes(2 << 2 * key));
                    String allow = String.format(write, 0);
                    Cpu cpu = lab.setUp(code(3, STORE + forbid + LOAD + allow + STORE + forbid + STORE));
                    entry(cpu, key, 0, 0);
                    cpu.cr4 |= PKE;
                    cpu.mem.flushAll();
                    Stop stop = lab.finish(null).stop();
                    assertEquals(PF, stop.vector());
                    assertEquals(0x27, stop.error());
                    assertEquals(code(3, "").start() + 57, stop.address(), "the last store");
                }
                Cpu cpu = lab.setUp(code(0, STORE + "b9e1060000 31d2 b800080000 0f30" + LOAD + STORE));
                entry(cpu, 5, 0, US);
                cpu.cr4 |= PKS;
                cpu.mem.flushAll();
                Stop stop = lab.finish(null).stop();
                assertEquals(PF, stop.vector());
                assertEquals(0x23, stop.error());
            }
        }
    }

    private static Result run(Lab lab, String hex, int cr4) {
        Cpu cpu = lab.setUp(code(0, hex)
                .show("rax", "rdx", "pkru")
                .register("rax", 0x1234)
                .register("rcx", 0)
                .register("rdx", 0));
        cpu.cr4 |= cr4;
        cpu.updateMode();
        return lab.finish(null);
    }

    @Test
    void theInstructionsCheckTheirRegisters() {
        for (Machine.EngineFactory engine : ENGINES) {
            try (Lab lab = new Lab(engine, CpuModel.implemented(), 4 << 20)) {
                // wrpkru; mov eax, -1; mov edx, -1; rdpkru
                Result r = run(lab, "0f01ef 48c7c0ffffffff 48c7c2ffffffff 0f01ee", PKE);
                assertEquals(Stop.Reason.UNTIL, r.stop().reason());
                assertEquals(0x1234, r.register("rax"));
                assertEquals(0, r.register("rdx"));
                assertEquals(0x1234, r.register("pkru"));
                assertEquals(GP, run(lab, "ffc1 0f01ef", PKE).stop().vector(), "ECX");
                assertEquals(GP, run(lab, "ffc2 0f01ef", PKE).stop().vector(), "EDX");
                assertEquals(GP, run(lab, "ffc1 0f01ee", PKE).stop().vector(), "ECX of RDPKRU");
                assertEquals(UD, run(lab, "0f01ef", 0).stop().vector(), "CR4.PKE");
                assertEquals(UD, run(lab, "0f01ee", 0).stop().vector(), "CR4.PKE");
                assertEquals(GP, run(lab, "b9e1060000 ffc2 0f30", PKS).stop().vector(), "reserved bits of PKRS");
            }
        }
    }

    @Test
    void xsaveKeepsPkruAsComponent9() {
        for (Machine.EngineFactory engine : ENGINES) {
            try (Lab lab = new Lab(engine, CpuModel.implemented(), 4 << 20)) {
                String area = "bf00000500 b800020000 31d2"; // edi = area, edx:eax = bit 9
                for (String save : List.of("0fae27", "0fae37", "0fc727")) { // xsave, xsaveopt, xsavec
                    Cpu cpu = lab.setUp(code(0, area + save).register("pkru", 0xa5a4_0008L));
                    lab.finish(null);
                    boolean compacted = save.startsWith("0fc7");
                    assertEquals(0x200, cpu.physical.read(probe(cpu, 512), 8), save);
                    assertEquals(compacted ? 0x8000_0000_0000_0200L : 0, cpu.physical.read(probe(cpu, 520), 8));
                    assertEquals(0xa5a4_0008L, cpu.physical.read(probe(cpu, compacted ? 576 : 2688), 8), save);
                }
                // xsave; xor eax, eax; xor ecx, ecx; wrpkru is not enabled: xrstor brings it back, and 0 without the
                // bit
                String[] restores = {"0fae2f", "c7870002000000000000 0fae2f"};
                long[] values = {0xa5a4_0008L, 0};
                for (int k = 0; k < 2; k++) {
                    Result r = lab.run(code(0, area + "0fae27" + restores[k]).register("pkru", 0xa5a4_0008L));
                    assertEquals(Stop.Reason.UNTIL, r.stop().reason());
                    assertEquals(values[k], r.register("pkru"));
                }
            }
        }
    }

    private static long probe(Cpu cpu, int offset) {
        return cpu.mem.probe(PAGE) + offset;
    }
}
