package ringside.translator;

import java.util.Arrays;
import ringside.cpu.Cpu;
import ringside.cpu.Segment;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;

/** Bare guests in 64-bit mode without paging: code at 1000h, data at 8000h (RBX), stack below 7000h. */
final class Guests {
    static final int CODE = 0x1000, DATA = 0x8000, STACK = 0x7000;

    private Guests() {}

    static Machine start(byte[] code, Machine.EngineFactory engine) {
        MachineConfig standard = MachineConfig.standard();
        Machine m = new Machine(new MachineConfig(1 << 20, standard.model(), standard.devices(), false), engine);
        m.memory().write(CODE, code);
        Cpu cpu = m.cpu();
        cpu.cr0 = Cpu.CR0_PE;
        cpu.cr4 = Cpu.CR4_OSFXSR;
        cpu.efer = Cpu.EFER_LME | Cpu.EFER_LMA;
        segments(cpu);
        cpu.updateMode();
        cpu.rip = CODE;
        cpu.gpr[Cpu.RBX] = DATA;
        cpu.gpr[Cpu.RSP] = STACK;
        return m;
    }

    /** Flat segments, 64-bit code. */
    static void segments(Cpu cpu) {
        for (Segment s : cpu.seg) {
            s.usable = true;
            s.base = 0;
            s.limit = 0xffff_ffffL;
            s.access = Segment.PRESENT | Segment.CODE_OR_DATA | Segment.WRITABLE | Segment.BIG;
        }
        cpu.seg[Cpu.CS].access =
                Segment.PRESENT | Segment.CODE_OR_DATA | Segment.CODE | Segment.READABLE | Segment.LONG;
    }

    static Machine.EngineFactory translated(int after) {
        return Translator.factory(TranslatorOptions.after(after).withBackground(false));
    }

    /** @return registers, flags, place and count, and the first 64 KiB of memory's hash, as text */
    static String state(Machine m) {
        Cpu c = m.cpu();
        byte[] ram = new byte[0x10000];
        m.memory().read(0, ram, 0, ram.length);
        StringBuilder s = new StringBuilder();
        for (long g : c.gpr) s.append(Long.toHexString(g)).append(' ');
        return s + "rip " + Long.toHexString(c.rip) + " flags " + Long.toHexString(c.rflags()) + " count "
                + c.instructions() + " vec " + Arrays.hashCode(c.vec) + " ram " + Arrays.hashCode(ram);
    }
}
