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
    GuestMemory memory();

    long gpr(int n);

    long rip();

    long rflags();

    int selector(int segment);

    /** The base of a segment, linear. */
    long base(int segment);

    long cr0();

    /** The address of the last page fault. */
    long cr2();

    long cr3();

    long cr4();

    long efer();

    /** IA32_KERNEL_GS_BASE, which SWAPGS exchanges with the base of GS. */
    long kernelGsBase();

    /** Where SYSCALL enters the kernel; 0 if unknown. */
    long lstar();

    /** Linear address of the task-state segment; 0 if there is none. */
    long tssBase();

    /** Linear address of the interrupt descriptor table. */
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

    default boolean longMode() {
        return (efer() & 1 << 10) != 0;
    }
}
