package ringside.guest;

import ringside.memory.GuestMemory;

/**
 * One CPU of a guest as it was written down somewhere. What is not known is 0.
 *
 * @param generalRegisters RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15
 * @param selectors of ES, CS, SS, DS, FS, GS
 * @param bases of the same, linear
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
    /** A copy with the kernel's own bases, for dumps that leave them out. */
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
