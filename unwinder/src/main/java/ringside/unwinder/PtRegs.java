package ringside.unwinder;

import ringside.cpu.Cpu;
import ringside.guest.GuestView;

/**
 * Registers that entry code saved on a stack: Linux's {@code struct pt_regs} for x86-64, 21 words. The last five are
 * what the processor pushed (Intel SDM vol. 3, 6.14.2), above them stands orig_rax: the system call's number, the error
 * code, or the vector in the kernel's own encoding.
 */
public final class PtRegs {
    /** Size of the structure in bytes. */
    public static final int BYTES = 168;
    /** Words of the structure. */
    public static final int R15 = 0,
            R14 = 1,
            R13 = 2,
            R12 = 3,
            RBP = 4,
            RBX = 5,
            R11 = 6,
            R10 = 7,
            R9 = 8,
            R8 = 9,
            RAX = 10,
            RCX = 11,
            RDX = 12,
            RSI = 13,
            RDI = 14,
            ORIG_RAX = 15,
            RIP = 16,
            CS = 17,
            RFLAGS = 18,
            RSP = 19,
            SS = 20;
    /** Offset of the processor's frame. */
    public static final int FRAME = RIP * 8;
    /** Bits of rflags that never change: bit 1 is set; 3, 5, 15 and 22 to 63 are clear. */
    private static final long FLAGS_FIXED = 0xffff_ffff_ffc0_802aL, FLAGS_ONE = 2;

    private static final int ALL = (1 << 21) - 1;
    /**
     * Words that may lie between the stack pointer and the pointer to registers on another stack: those of a marker
     * frame.
     */
    private static final int POINTER_WORDS = 3;

    private static final int FRAME_ONLY = 0x1f << RIP;
    /** Number of the word for each register number of the instruction set. */
    private static final int[] WORD = {RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15};
    /** Names of the words, as the kernel writes them in an oops. */
    private static final String[] NAMES = {
        "R15",
        "R14",
        "R13",
        "R12",
        "RBP",
        "RBX",
        "R11",
        "R10",
        "R09",
        "R08",
        "RAX",
        "RCX",
        "RDX",
        "RSI",
        "RDI",
        "ORIG_RAX",
        "RIP",
        "CS",
        "EFLAGS",
        "RSP",
        "SS"
    };

    private final long address;
    private final long[] words;
    private final int known;

    private PtRegs(long address, long[] words, int known) {
        this.address = address;
        this.words = words;
        this.known = known;
    }

    /** @return the structure at this address, or null if it cannot be read or is not aligned */
    static PtRegs whole(GuestView view, long address) {
        return read(view, address, ALL);
    }

    /**
     * @param address where the whole structure would lie;
     * @return it with only the processor's frame known, or null if that cannot be read
     */
    static PtRegs frame(GuestView view, long address) {
        return read(view, address, FRAME_ONLY);
    }

    /**
     * A structure that is only partly on the stack.
     *
     * @param saved general registers stored below orig_rax, in the order rdi, rsi, ... r15
     * @param original whether orig_rax is there
     * @param live the CPU's registers, which still hold the others; null if they are not known
     */
    static PtRegs partial(GuestView view, long address, int saved, boolean original, long[] live) {
        int mask = FRAME_ONLY | (original ? 1 << ORIG_RAX : 0);
        for (int w = ORIG_RAX - 1; w >= 0 && saved > 0; w--, saved--) mask |= 1 << w;
        PtRegs r = read(view, address, mask);
        if (r == null || live == null) return r;
        int known = mask;
        for (int n = 0; n < 16; n++) {
            int w = WORD[n];
            if ((mask & 1 << w) == 0) r.words[w] = live[n];
            known |= 1 << w;
        }
        return new PtRegs(address, r.words, known);
    }

    /** Registers at a SYSCALL instruction, from the CPU's own: rip in rcx, rflags in r11 (SDM vol. 2, SYSCALL). */
    static PtRegs syscall(long[] live, long rsp) {
        long[] w = new long[21];
        for (int n = 0; n < 16; n++) w[WORD[n]] = live[n];
        w[RIP] = live[Cpu.RCX];
        w[RFLAGS] = live[11];
        w[RSP] = rsp;
        w[CS] = 0x33;
        w[SS] = 0x2b;
        return new PtRegs(0, w, ALL & ~(1 << ORIG_RAX));
    }

    /**
     * What the processor saved when it entered a handler, as far as memory still has it.
     *
     * @param slot where it stored rip; 0 if nowhere
     */
    static PtRegs ofEntry(GuestView view, long slot, long rip, long rsp, boolean user) {
        PtRegs r = slot == 0 || !view.load(slot) || view.value() != rip || view.load(slot + 24, ~rsp) != rsp
                ? null
                : frame(view, slot - FRAME);
        if (r != null && r.user() == user) return r;
        long[] w = new long[21];
        w[RIP] = rip;
        w[RSP] = rsp;
        w[CS] = user ? 3 : 8;
        return new PtRegs(slot == 0 ? 0 : slot - FRAME, w, 1 << RIP | 1 << RSP);
    }

    /**
     * The whole structure of an entry whose address and stack pointer are known, if it lies where entry code has it
     * when it calls a handler: at the stack pointer behind the call, or, if it lies on another stack, at a pointer
     * among the first words there.
     *
     * @param sp stack pointer behind the call from entry code
     * @return null if no place holds registers with this address and stack pointer
     */
    static PtRegs atCall(GuestView view, long sp, long rip, long rsp, boolean user) {
        for (int i = -1; i < POINTER_WORDS; i++) {
            long at = i < 0 ? sp : view.load(sp + 8L * i, 0);
            PtRegs r = at == 0 || !view.load(at + 8 * RIP) || view.value() != rip ? null : whole(view, at);
            if (r != null && r.rsp() == rsp && r.user() == user && r.plausible(false)) return r;
        }
        return null;
    }

    private static PtRegs read(GuestView view, long address, int mask) {
        if ((address & 7) != 0) return null;
        long[] w = new long[21];
        for (int i = 0; i < 21; i++) {
            if ((mask & 1 << i) == 0) continue;
            if (!view.load(address + 8 * i)) return null;
            w[i] = view.value();
        }
        return new PtRegs(address, w, mask);
    }

    /** {@return linear address of the structure; 0 if the registers are still in the CPU} */
    public long address() {
        return address;
    }

    /**
     * Reads a word of the structure.
     *
     * @param word one of the constants of this class; 0 if it is not {@link #known}
     * @return its value
     */
    public long word(int word) {
        return words[word];
    }

    /**
     * {@return whether a word of the structure is known; the others were not saved}
     *
     * @param word one of the constants of this class
     */
    public boolean known(int word) {
        return (known & 1 << word) != 0;
    }

    /** {@return how many words are known} */
    public int count() {
        return Integer.bitCount(known);
    }

    /** {@return whether all 15 general registers are known} */
    public boolean full() {
        return (known & 0x7fff) == 0x7fff;
    }

    /**
     * Reads a general register.
     *
     * @param register number of the instruction set (4 is rsp)
     * @return its value; 0 if it is not {@link #registerKnown}
     */
    public long register(int register) {
        return words[WORD[register]];
    }

    /**
     * {@return whether a general register is known}
     *
     * @param register number of the instruction set, 0 (rax) to 15 (r15)
     */
    public boolean registerKnown(int register) {
        return known(WORD[register]);
    }

    /** {@return the instruction pointer of the interrupted code} */
    public long rip() {
        return words[RIP];
    }

    /** {@return the stack pointer of the interrupted code} */
    public long rsp() {
        return words[RSP];
    }

    /** {@return rbp of the interrupted code; 0 if it is not known} */
    public long rbp() {
        return words[RBP];
    }

    /**
     * {@return the word above the general registers: number of the system call, error code or vector of the entry}
     */
    public long origRax() {
        return words[ORIG_RAX];
    }

    /** {@return the code segment's selector; its low two bits are the interrupted privilege level} */
    public int cs() {
        return (int) words[CS] & 0xffff;
    }

    /** {@return whether user code was interrupted} */
    public boolean user() {
        return (words[CS] & 3) == 3;
    }

    /** @return whether this may be the empty structure at the top of a kernel thread's stack */
    boolean empty() {
        return words[CS] == 0 && words[RIP] == 0;
    }

    /**
     * Whether the processor's frame can be one: selectors of 16 bits and one privilege level, reserved bits of rflags
     * as they always are (SDM vol. 1, 3.4.3), the kernel's stack in the upper half of the address space and user code
     * in the lower.
     *
     * @param upperHalf whether the kernel lies in the upper half
     */
    boolean plausible(boolean upperHalf) {
        boolean user = user();
        if (known(CS) && words[CS] >>> 16 != 0 || known(SS) && (words[SS] >>> 16 != 0 || user && (words[SS] & 3) != 3))
            return false;
        // a kernel that starts a program may leave bit 1 to the processor
        long flags = user ? words[RFLAGS] | FLAGS_ONE : words[RFLAGS];
        if (known(RFLAGS) && (flags & FLAGS_FIXED) != FLAGS_ONE) return false;
        return !upperHalf || (user ? words[RIP] >= 0 : words[RSP] < 0);
    }

    /**
     * {@return the name of a word, as the kernel's structure has it}
     *
     * @param word one of the constants of this class
     */
    public static String name(int word) {
        return NAMES[word];
    }

    /** @return the general registers by number, for table rows that need them */
    long[] registers() {
        long[] r = new long[16];
        for (int n = 0; n < 16; n++) r[n] = words[WORD[n]];
        return r;
    }
}
