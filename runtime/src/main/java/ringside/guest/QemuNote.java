package ringside.guest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import ringside.cpu.Cpu;
import ringside.memory.GuestMemory;

/**
 * The note in which QEMU writes down a CPU when it dumps a guest's memory, one for each: version and length (u32), RAX,
 * RBX, RCX, RDX, RSI, RDI, RSP, RBP, R8 to R15, RIP, RFLAGS; CS, DS, ES, FS, GS, SS, LDTR, TR, GDTR, IDTR, each
 * selector, limit, flags, padding (u32) and base (u64); CR0 to CR4; and in newer ones IA32_KERNEL_GS_BASE. EFER is not
 * in it.
 */
public final class QemuNote {
    /** Name of the ELF note in which QEMU keeps the state of a CPU. */
    public static final String NAME = "QEMU";

    private static final int VERSION = 1,
            REGISTERS = 8,
            SEGMENTS = 152,
            SEGMENT = 24,
            CONTROL = 392,
            KERNEL_GS = 432,
            BYTES = 440;
    /** Numbers of the general registers, in the note's order. */
    private static final int[] GENERAL = {
        Cpu.RAX, Cpu.RBX, Cpu.RCX, Cpu.RDX, Cpu.RSI, Cpu.RDI, Cpu.RSP, Cpu.RBP, 8, 9, 10, 11, 12, 13, 14, 15
    };

    private static final int[] SEGMENT_ORDER = {Cpu.CS, Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS, Cpu.SS};
    private static final int TR = 7, IDTR = 9;
    /** Descriptor bits 32 to 55 as QEMU keeps them. */
    private static final int CODE64 = 0x00af_9b00, DATA = 0x00cf_9300;

    private QemuNote() {}

    /** @return the CPU, or null if this is no such note */
    static SavedGuest read(byte[] note, GuestMemory memory, boolean longMode) {
        if (note.length < KERNEL_GS) return null;
        ByteBuffer b = ByteBuffer.wrap(note).order(ByteOrder.LITTLE_ENDIAN);
        long[] gpr = new long[16];
        for (int i = 0; i < 16; i++) gpr[GENERAL[i]] = b.getLong(REGISTERS + 8 * i);
        int[] selectors = new int[6];
        long[] bases = new long[6];
        for (int i = 0; i < 6; i++) {
            selectors[SEGMENT_ORDER[i]] = b.getInt(SEGMENTS + SEGMENT * i) & 0xffff;
            bases[SEGMENT_ORDER[i]] = b.getLong(base(i));
        }
        return new SavedGuest(
                memory,
                gpr,
                b.getLong(REGISTERS + 128),
                b.getLong(REGISTERS + 136),
                selectors,
                bases,
                b.getLong(CONTROL),
                b.getLong(CONTROL + 16),
                b.getLong(CONTROL + 24),
                b.getLong(CONTROL + 32),
                longMode ? Cpu.EFER_LMA | Cpu.EFER_LME : 0,
                note.length >= BYTES ? b.getLong(KERNEL_GS) : 0,
                0,
                b.getLong(base(TR)),
                b.getLong(base(IDTR)));
    }

    /**
     * @return the note for this CPU; limits and flags of segments are those of a flat 64-bit kernel, as
     *     {@link GuestState} does not know them
     */
    static byte[] write(GuestState g) {
        ByteBuffer b = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(VERSION).putInt(BYTES);
        for (int r : GENERAL) b.putLong(g.gpr(r));
        b.putLong(g.rip()).putLong(g.rflags());
        for (int s : SEGMENT_ORDER)
            b.putInt(g.selector(s))
                    .putInt(-1)
                    .putInt(s == Cpu.CS ? CODE64 : DATA)
                    .putInt(0)
                    .putLong(g.base(s));
        b.putLong(base(TR), g.tssBase());
        b.putLong(base(IDTR), g.idtBase());
        b.putLong(CONTROL, g.cr0())
                .putLong(CONTROL + 16, g.cr2())
                .putLong(CONTROL + 24, g.cr3())
                .putLong(CONTROL + 32, g.cr4());
        return b.putLong(KERNEL_GS, g.kernelGsBase()).array();
    }

    private static int base(int segment) {
        return SEGMENTS + SEGMENT * segment + 16;
    }
}
