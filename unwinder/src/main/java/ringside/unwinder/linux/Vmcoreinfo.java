package ringside.unwinder.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ringside.cpu.Cpu;
import ringside.guest.CoreException;
import ringside.guest.CoreFile;
import ringside.guest.GuestView;
import ringside.guest.SavedGuest;
import ringside.unwinder.symbols.Symbols;

/**
 * What a Linux kernel leaves in a crash dump about itself (the VMCOREINFO note,
 * Documentation/admin-guide/kdump/vmcoreinfo.rst), and the CPUs of a dump that has nothing else: kdump saves the
 * general registers of each ({@code NT_PRSTATUS}), but no control registers. Its page tables are then the kernel's own,
 * {@code init_top_pgt}, in which every task's kernel stack is mapped.
 */
public final class Vmcoreinfo {
    /** Name of the ELF note that holds it. */
    public static final String NAME = "VMCOREINFO";

    private static final int NT_PRSTATUS = 1, MOST_TEXT = 1 << 16;
    /** Where the registers stand in a 64-bit prstatus, and how many bytes it has. */
    private static final int REGISTERS = 112, PRSTATUS = 336;
    /** Numbers of the general registers in the order of {@code user_regs_struct}; -1 for those that are none. */
    private static final int[] GENERAL = {
        15, 14, 13, 12, Cpu.RBP, Cpu.RBX, 11, 10, 9, 8, Cpu.RAX, Cpu.RCX, Cpu.RDX, Cpu.RSI, Cpu.RDI
    };

    private static final int RIP = 16, CS = 17, RFLAGS = 18, RSP = 19, SS = 20, DS = 23, ES = 24, FS = 25, GS = 26;
    /** The kernel's image is mapped from here on. */
    private static final long KERNEL_MAP = 0xffff_ffff_8000_0000L;

    private static final long CR0 = 0x8005_0033L, CR4_PAE = 1 << 5, CR4_LA57 = 1 << 12;

    private final Map<String, String> entries = new HashMap<>();

    private Vmcoreinfo(byte[] text) {
        for (String line : new String(text, StandardCharsets.ISO_8859_1).split("\n")) {
            int eq = line.indexOf('=');
            if (eq > 0)
                entries.put(
                        line.substring(0, eq),
                        line.substring(eq + 1).replace("\0", "").strip());
        }
    }

    /**
     * {@return what the kernel in this core says of itself, or null}
     *
     * @param core the core file
     */
    public static Vmcoreinfo of(CoreFile core) {
        return core.notes().stream()
                .filter(n -> n.name().equals(NAME))
                .findFirst()
                .map(n -> new Vmcoreinfo(n.content()))
                .orElse(null);
    }

    /**
     * {@return the note that the kernel in this view has ready for a crash dump, or null if it has none (yet)}
     *
     * @param view where memory is read
     * @param symbols of the kernel, at the addresses where it runs
     */
    public static CoreFile.Note inMemory(GuestView view, Symbols symbols) {
        Long data = symbols.address("vmcoreinfo_data");
        Long size = symbols.address("vmcoreinfo_size");
        long bytes = data == null || size == null ? 0 : view.load(size, 0);
        if (bytes <= 0 || bytes > MOST_TEXT) return null;
        byte[] text = new byte[(int) bytes];
        return view.read(view.load(data, 0), text, 0, text.length) == text.length
                ? new CoreFile.Note(NAME, 0, text)
                : null;
    }

    /** {@return the kernel's release, or null} */
    public String release() {
        return entries.get("OSRELEASE");
    }

    private Long number(String key, int radix) {
        String s = entries.get(key);
        try {
            return s == null ? null : radix == 16 ? Long.parseUnsignedLong(s, 16) : Long.decode(s);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** {@return bytes by which the kernel lies above the addresses in its file, or null if it does not say} */
    public Long slide() {
        return number("KERNELOFFSET", 16);
    }

    /**
     * {@return the CPUs of a core, by QEMU's description if it has one, else by kdump's}
     *
     * @param core the core file
     * @throws CoreException if its notes of CPUs cannot be used
     */
    public static List<SavedGuest> cpus(CoreFile core) throws CoreException {
        List<SavedGuest> cpus = core.qemuCpus();
        if (!cpus.isEmpty()) return cpus;
        Vmcoreinfo info = of(core);
        List<CoreFile.Note> statuses = core.notes().stream()
                .filter(n -> n.name().equals("CORE") && n.type() == NT_PRSTATUS)
                .toList();
        if (statuses.isEmpty())
            throw new CoreException(core.path() + " describes no CPU: it has neither QEMU's notes nor NT_PRSTATUS");
        if (info == null)
            throw new CoreException(
                    core.path() + " has neither QEMU's notes nor VMCOREINFO, so the page tables are not known");
        Long top = info.number("SYMBOL(init_top_pgt)", 16);
        if (top == null) top = info.number("SYMBOL(swapper_pg_dir)", 16);
        Long base = info.number("NUMBER(phys_base)", 10);
        if (top == null || base == null)
            throw new CoreException(
                    core.path() + ": its VMCOREINFO does not say where the page tables are (init_top_pgt, phys_base)");
        Long levels = info.number("NUMBER(pgtable_l5_enabled)", 10);
        long cr4 = CR4_PAE | (levels != null && levels == 1 ? CR4_LA57 : 0);
        for (CoreFile.Note n : statuses) {
            if (n.content().length >= PRSTATUS) cpus.add(cpu(core, n.content(), top - KERNEL_MAP + base, cr4));
        }
        if (cpus.isEmpty())
            throw new CoreException(
                    core.path() + " is a core of a 32-bit kernel without QEMU's notes, of which nothing can be read");
        return cpus;
    }

    private static SavedGuest cpu(CoreFile core, byte[] status, long cr3, long cr4) {
        ByteBuffer b = ByteBuffer.wrap(status).order(ByteOrder.LITTLE_ENDIAN);
        long[] gpr = new long[16];
        for (int i = 0; i < GENERAL.length; i++) gpr[GENERAL[i]] = register(b, i);
        gpr[Cpu.RSP] = register(b, RSP);
        int[] selectors = {
            selector(b, ES), selector(b, CS), selector(b, SS), selector(b, DS), selector(b, FS), selector(b, GS)
        };
        return new SavedGuest(
                core,
                gpr,
                register(b, RIP),
                register(b, RFLAGS),
                selectors,
                new long[6],
                CR0,
                0,
                cr3,
                cr4,
                Cpu.EFER_LMA | Cpu.EFER_LME,
                0,
                0,
                0,
                0);
    }

    private static long register(ByteBuffer b, int n) {
        return b.getLong(REGISTERS + 8 * n);
    }

    private static int selector(ByteBuffer b, int n) {
        return (int) register(b, n) & 0xffff;
    }

    /**
     * {@return adds what kdump leaves out and the kernel's symbols tell: a CPU's per-CPU memory, its interrupt table,
     * and its task-state segment}
     *
     * @param cpu what the dump has of the CPU
     * @param number of the CPU, as the kernel counts
     * @param symbols of the kernel, at the addresses where it runs
     */
    public static SavedGuest complete(SavedGuest cpu, int number, Symbols symbols) {
        if (cpu.idtBase() != 0) return cpu;
        GuestView view = new GuestView(cpu);
        Long offsets = symbols.address("__per_cpu_offset");
        long gs = offsets == null ? 0 : view.load(offsets + 8L * number, 0);
        Long idt = symbols.address("idt_table");
        Long tss = symbols.address("cpu_tss_rw");
        return cpu.withKernel(gs, tss == null || gs == 0 ? 0 : gs + tss, idt == null ? 0 : idt);
    }
}
