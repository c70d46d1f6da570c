package ringside.guest;

import ringside.cpu.Cpu;
import ringside.memory.GuestMemory;
import ringside.shadow.ShadowStack;

/** The CPU of a machine as it is at each question; the machine must not run in between. */
public final class LiveGuest implements GuestState {
    private final Cpu cpu;

    /**
     * The state of a CPU as it is whenever it is asked for: nothing is copied.
     *
     * @param cpu the CPU, which must not run meanwhile
     */
    public LiveGuest(Cpu cpu) {
        this.cpu = cpu;
    }

    @Override
    public GuestMemory memory() {
        return cpu.physical;
    }

    @Override
    public long gpr(int n) {
        return cpu.gpr[n];
    }

    @Override
    public long rip() {
        return cpu.rip;
    }

    @Override
    public long rflags() {
        return cpu.rflags();
    }

    @Override
    public int selector(int segment) {
        return cpu.seg[segment].selector;
    }

    @Override
    public long base(int segment) {
        return cpu.seg[segment].base;
    }

    @Override
    public long cr0() {
        return cpu.cr0;
    }

    @Override
    public long cr2() {
        return cpu.cr2;
    }

    @Override
    public long cr3() {
        return cpu.cr3;
    }

    @Override
    public long cr4() {
        return cpu.cr4;
    }

    @Override
    public long efer() {
        return cpu.efer;
    }

    @Override
    public long kernelGsBase() {
        return cpu.msrs.kernelGsBase;
    }

    @Override
    public long lstar() {
        return cpu.msrs.lstar;
    }

    @Override
    public long tssBase() {
        return cpu.tr.usable ? cpu.tr.base : 0;
    }

    @Override
    public long idtBase() {
        return cpu.idtBase;
    }

    @Override
    public long[] pdptes() {
        return cpu.pdpte;
    }

    @Override
    public long instructions() {
        return cpu.instructions();
    }

    @Override
    public ShadowStack shadow() {
        return cpu.shadow;
    }
}
