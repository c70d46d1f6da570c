package ringside.guest;

import ringside.memory.GuestMemory;

/**
 * One CPU of a guest as it was written down somewhere. What is not known is 0.
 *
 * @param memory physical memory of the dump
 * @param generalRegisters RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15
 * @param rip instruction pointer, an offset in CS
 * @param rflags the flags
 * @param selectors of ES, CS, SS, DS, FS, GS
 * @param bases of the same, linear
 * @param cr0 control register 0
 * @param cr2 linear address of the last page fault
 * @param cr3 control register 3, the guest physical address of the top page table with its low bits
 * @param cr4 control register 4
 * @param efer IA32_EFER
 * @param kernelGsBase IA32_KERNEL_GS_BASE, linear
 * @param lstar linear address where SYSCALL enters the kernel; 0 if unknown
 * @param tssBase linear address of the task-state segment; 0 if there is none
 * @param idtBase linear address of the interrupt descriptor table
 */
public record SavedGuest(
        GuestMemory memory,
        long[] generalRegisters,
        long rip,
        long rflags,
        int[] selectors,
        long[] bases,
        long cr0,
        long cr2,
        long cr3,
        long cr4,
        long efer,
        long kernelGsBase,
        long lstar,
        long tssBase,
        long idtBase)
        implements GuestState {
    /**
     * A copy with the kernel's own bases, for dumps that leave them out.
     *
     * @param gsBase the new {@code kernelGsBase}, linear
     * @param tss linear address of the task-state segment
     * @param idt linear address of the interrupt descriptor table
     * @return the copy
     */
    public SavedGuest withKernel(long gsBase, long tss, long idt) {
        return new SavedGuest(
                memory,
                generalRegisters,
                rip,
                rflags,
                selectors,
                bases,
                cr0,
                cr2,
                cr3,
                cr4,
                efer,
                gsBase,
                lstar,
                tss,
                idt);
    }

    @Override
    public long gpr(int n) {
        return generalRegisters[n];
    }

    @Override
    public int selector(int segment) {
        return selectors[segment];
    }

    @Override
    public long base(int segment) {
        return bases[segment];
    }
}
