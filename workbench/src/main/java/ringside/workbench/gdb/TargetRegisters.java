package ringside.workbench.gdb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import ringside.cpu.ControlRegisters;
import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.cpu.Segment;
import ringside.cpu.SegmentLoading;
import ringside.cpu.fpu.FpuState;
import ringside.memory.GuestFault;

/**
 * A processor's registers in the order and with the widths that the target description announces
 * ({@link TargetDescription}): that of gdb's own x86 features, with the system registers behind. One set for 64-bit
 * mode, and one for a processor that has not been in long mode. Source: GDB manual, appendix G.5.
 */
final class TargetRegisters {
    static final String CORE = "org.gnu.gdb.i386.core",
            SSE = "org.gnu.gdb.i386.sse",
            AVX = "org.gnu.gdb.i386.avx",
            SEGMENTS = "org.gnu.gdb.i386.segments",
            SYSTEM = "ringside.i386.system";

    private static final String[] NAMES_64 = {
        "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
    };
    private static final int[] ORDER_64 = {
        Cpu.RAX, Cpu.RBX, Cpu.RCX, Cpu.RDX, Cpu.RSI, Cpu.RDI, Cpu.RBP, Cpu.RSP, 8, 9, 10, 11, 12, 13, 14, 15
    };
    private static final String[] NAMES_32 = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    private static final int[] ORDER_32 = {Cpu.RAX, Cpu.RCX, Cpu.RDX, Cpu.RBX, Cpu.RSP, Cpu.RBP, Cpu.RSI, Cpu.RDI};
    private static final String[] SEGMENT_NAMES = {"cs", "ss", "ds", "es", "fs", "gs"};
    private static final int[] SEGMENT_ORDER = {Cpu.CS, Cpu.SS, Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS};
    /** Bits of RFLAGS that exist, without VM. */
    private static final long FLAGS = Flags.ARITHMETIC | 0x7_5700L | 0x38_0000L;

    /** Writes a value into a register, or says by {@link Refused} why not. */
    interface Setter {
        void set(ByteBuffer value) throws Refused;
    }

    interface Getter {
        void get(ByteBuffer to);
    }

    /** A write that the processor could not be left with. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String why) {
            super(why, null, false, false);
        }
    }

    /** @param type as the target description names it */
    record Register(String feature, String name, int bits, String type, Getter getter, Setter setter) {
        int bytes() {
            return bits / 8;
        }
    }

    private final Cpu cpu;
    private final boolean wide;
    private final List<Register> registers = new ArrayList<>();

    /** @param wide for a 64-bit description */
    TargetRegisters(Cpu cpu, boolean wide) {
        this.cpu = cpu;
        this.wide = wide;
        core();
        sse();
        if (wide) segments();
        system();
        avx();
    }

    boolean wide() {
        return wide;
    }

    List<Register> all() {
        return registers;
    }

    /** @return its number, or -1 */
    int number(String name) {
        for (int n = 0; n < registers.size(); n++) {
            if (registers.get(n).name().equals(name)) return n;
        }
        return -1;
    }

    byte[] read(int n) {
        Register r = registers.get(n);
        ByteBuffer b = ByteBuffer.allocate(r.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        r.getter().get(b);
        return b.array();
    }

    /** Writes a register; one that keeps its value is never refused. @param value of its length */
    void write(int n, byte[] value) throws Refused {
        if (java.util.Arrays.equals(value, read(n))) return;
        registers.get(n).setter().set(ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN));
        cpu.attention = true;
    }

    // ---- the table ----

    private void add(String feature, String name, int bits, String type, Getter g, Setter s) {
        registers.add(new Register(feature, name, bits, type, g, s));
    }

    private void whole(String feature, String name, String type, LongSupplier get, LongConsumer set) {
        add(
                feature,
                name,
                wide ? 64 : 32,
                type,
                b -> {
                    if (wide) b.putLong(get.getAsLong());
                    else b.putInt((int) get.getAsLong());
                },
                b -> set.accept(wide ? b.getLong() : b.getInt() & 0xffff_ffffL));
    }

    private void word(String feature, String name, String type, IntSupplier get, IntConsumer set) {
        add(feature, name, 32, type, b -> b.putInt(get.getAsInt()), b -> set.accept(b.getInt()));
    }

    private void core() {
        String[] names = wide ? NAMES_64 : NAMES_32;
        int[] order = wide ? ORDER_64 : ORDER_32;
        for (int i = 0; i < names.length; i++) {
            int r = order[i];
            boolean pointer = r == Cpu.RSP || r == Cpu.RBP;
            whole(
                    CORE,
                    names[i],
                    pointer ? "data_ptr" : wide ? "int64" : "int32",
                    () -> cpu.gpr[r],
                    v -> cpu.gpr[r] = v);
        }
        whole(CORE, wide ? "rip" : "eip", "code_ptr", () -> cpu.rip, v -> cpu.rip = v);
        word(
                CORE,
                "eflags",
                "i386_eflags",
                () -> (int) cpu.rflags(),
                v -> cpu.setRflags(v & FLAGS | cpu.rflags() & Flags.VM));
        for (int i = 0; i < SEGMENT_NAMES.length; i++) {
            int s = SEGMENT_ORDER[i];
            add(CORE, SEGMENT_NAMES[i], 32, "int32", b -> b.putInt(cpu.seg[s].selector), b -> selector(s, b.getInt()));
        }
        for (int i = 0; i < 8; i++) {
            int st = i;
            add(
                    CORE,
                    "st" + i,
                    80,
                    "i387_ext",
                    b -> {
                        int r = FpuState.top(cpu) + st & 7;
                        b.putLong(cpu.fpMantissa[r]).putShort((short) cpu.fpExponent[r]);
                    },
                    b -> {
                        int r = FpuState.top(cpu) + st & 7;
                        cpu.fpMantissa[r] = b.getLong();
                        cpu.fpExponent[r] = b.getShort() & 0xffff;
                    });
        }
        word(CORE, "fctrl", "int", () -> cpu.fpControl, v -> FpuState.setControl(cpu, v & 0xffff));
        word(CORE, "fstat", "int", () -> cpu.fpStatus, v -> FpuState.setStatus(cpu, v & 0xffff));
        word(CORE, "ftag", "int", () -> FpuState.tagWord(cpu), v -> FpuState.setTagWord(cpu, v & 0xffff));
        word(CORE, "fiseg", "int", () -> cpu.fpCs, v -> cpu.fpCs = v & 0xffff);
        word(CORE, "fioff", "int", () -> (int) cpu.fpIp, v -> cpu.fpIp = v & 0xffff_ffffL);
        word(CORE, "foseg", "int", () -> cpu.fpDs, v -> cpu.fpDs = v & 0xffff);
        word(CORE, "fooff", "int", () -> (int) cpu.fpDp, v -> cpu.fpDp = v & 0xffff_ffffL);
        word(CORE, "fop", "int", () -> cpu.fpOpcode, v -> cpu.fpOpcode = v & 0x7ff);
    }

    private void sse() {
        for (int i = 0; i < (wide ? 16 : 8); i++) vector(SSE, "xmm" + i, "vec128", 4 * i);
        word(SSE, "mxcsr", "i386_mxcsr", () -> cpu.mxcsr, v -> cpu.mxcsr = v & 0xffff);
    }

    /** The upper halves; gdb puts both together as ymm0 to ymm15. */
    private void avx() {
        for (int i = 0; i < (wide ? 16 : 8); i++) vector(AVX, "ymm" + i + "h", "uint128", 4 * i + 2);
    }

    private void vector(String feature, String name, String type, int lane) {
        add(feature, name, 128, type, b -> b.putLong(cpu.vec[lane]).putLong(cpu.vec[lane + 1]), b -> {
            cpu.vec[lane] = b.getLong();
            cpu.vec[lane + 1] = b.getLong();
        });
    }

    private void segments() {
        base("fs_base", Cpu.FS, SEGMENTS);
        base("gs_base", Cpu.GS, SEGMENTS);
    }

    private void base(String name, int s, String feature) {
        add(
                feature,
                name,
                wide ? 64 : 32,
                wide ? "int64" : "int32",
                b -> {
                    if (wide) b.putLong(cpu.seg[s].base);
                    else b.putInt((int) cpu.seg[s].base);
                },
                b -> {
                    long v = wide ? b.getLong() : b.getInt() & 0xffff_ffffL;
                    if (!cpu.canonical(v)) throw new Refused(name + " must be a canonical address");
                    cpu.seg[s].base = v;
                    cpu.updateMode();
                });
    }

    private void system() {
        if (wide) {
            add(SYSTEM, "k_gs_base", 64, "int64", b -> b.putLong(cpu.msrs.kernelGsBase), b -> {
                long v = b.getLong();
                if (!cpu.canonical(v)) throw new Refused("k_gs_base must be a canonical address");
                cpu.msrs.kernelGsBase = v;
            });
        } else {
            base("fs_base", Cpu.FS, SYSTEM);
            base("gs_base", Cpu.GS, SYSTEM);
        }
        control("cr0", 0, "cr0_flags", () -> cpu.cr0);
        control("cr2", 2, wide ? "int64" : "int32", () -> cpu.cr2);
        control("cr3", 3, wide ? "int64" : "int32", () -> cpu.cr3);
        control("cr4", 4, "cr4_flags", () -> cpu.cr4);
        control("cr8", 8, wide ? "int64" : "int32", () -> cpu.bus.taskPriority());
        add(
                SYSTEM,
                "efer",
                wide ? 64 : 32,
                "efer_flags",
                b -> {
                    if (wide) b.putLong(cpu.efer);
                    else b.putInt((int) cpu.efer);
                },
                b -> {
                    throw new Refused("efer cannot be changed from here");
                });
    }

    private void control(String name, int n, String type, LongSupplier get) {
        add(
                SYSTEM,
                name,
                wide ? 64 : 32,
                type,
                b -> {
                    if (wide) b.putLong(get.getAsLong());
                    else b.putInt((int) get.getAsLong());
                },
                b -> {
                    if (cpu.cpl != 0) throw new Refused(name + " can be changed at privilege level 0 only");
                    try {
                        ControlRegisters.write(cpu, n, wide ? b.getLong() : b.getInt() & 0xffff_ffffL);
                    } catch (GuestFault f) {
                        throw new Refused("the processor does not allow this value of " + name);
                    }
                });
    }

    private void selector(int s, int v) throws Refused {
        Segment segment = cpu.seg[s];
        if (s == Cpu.CS && !cpu.protectedMode()) {
            segment.selector = v & 0xffff;
            segment.base = (v & 0xffffL) << 4;
            cpu.updateMode();
            return;
        }
        if (s == Cpu.CS) throw new Refused("cs is changed by jumps, calls and returns only");
        try {
            SegmentLoading.load(cpu, s, v & 0xffff);
        } catch (GuestFault f) {
            throw new Refused("no segment of this privilege level has selector " + Integer.toHexString(v & 0xffff));
        }
        cpu.updateMode();
    }
}
