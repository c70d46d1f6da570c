package ringside.guest;

import ringside.memory.GuestMemory;
import ringside.shadow.ShadowStack;

/**
 * One CPU of a guest and the memory it sees, at one instruction: of a live machine ({@link LiveGuest}), a snapshot, or
 * a file ({@link CoreFile}). Whoever looks into a guest takes this, mostly by a {@link GuestView}.
 *
 * <p>General registers and segments are numbered as the processor does: RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to
 * R15; ES, CS, SS, DS, FS, GS.
 */
public interface GuestState {
    /** {@return the guest's physical memory} */
    GuestMemory memory();

    /**
     * {@return a general register}
     *
     * @param n its number in instruction encoding: 0 for RAX, 1 RCX, 2 RDX, 3 RBX, 4 RSP, 5 RBP, 6 RSI, 7 RDI, 8 to 15
     *     for R8 to R15
     */
    long gpr(int n);

    /** {@return the instruction pointer, an offset in CS} */
    long rip();

    /** {@return the flags, those of user and of system} */
    long rflags();

    /**
     * {@return the selector in a segment register}
     *
     * @param segment 0 to 5: ES, CS, SS, DS, FS, GS
     */
    int selector(int segment);

    /**
     * {@return the base of a segment, linear}
     *
     * @param segment 0 to 5: ES, CS, SS, DS, FS, GS
     */
    long base(int segment);

    /** {@return control register 0: protected mode, paging, write protection} */
    long cr0();

    /** {@return the address of the last page fault} */
    long cr2();

    /**
     * {@return control register 3: the guest physical address of the top page table, with PCID or cache bits below
     * 1000h}
     */
    long cr3();

    /** {@return control register 4: PAE, 5-level paging, SMEP and other extensions} */
    long cr4();

    /** {@return IA32_EFER: long mode (LME, LMA), SYSCALL, no-execute} */
    long efer();

    /** {@return IA32_KERNEL_GS_BASE, which SWAPGS exchanges with the base of GS} */
    long kernelGsBase();

    /** {@return linear address where SYSCALL enters the kernel; 0 if unknown} */
    long lstar();

    /** {@return linear address of the task-state segment; 0 if there is none} */
    long tssBase();

    /** {@return linear address of the interrupt descriptor table} */
    long idtBase();

    /**
     * {@return the four page-directory-pointer entries that PAE paging has loaded, or null to read them from memory}
     */
    default long[] pdptes() {
        return null;
    }

    /** {@return instructions retired up to here, or -1 if this guest does not count them} */
    default long instructions() {
        return -1;
    }

    /** {@return the calls and entries that the processor made, or null if nobody kept them} */
    default ShadowStack shadow() {
        return null;
    }

    /** {@return whether the CPU runs in long mode: 64-bit or compatibility mode} */
    default boolean longMode() {
        return (efer() & 1 << 10) != 0;
    }
}
