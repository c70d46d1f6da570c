package ringside.machine;

import ringside.cpu.Cpu;
import ringside.cpu.CpuBus;
import ringside.state.StateVisitor;

/** The devices of the PC and their wiring: which ports, which interrupt lines, which physical addresses. */
public final class Board implements CpuBus {
    private final Machine machine;

    Board(Machine machine) {
        this.machine = machine;
    }

    @Override
    public int in(int port, int bytes) {
        return machine.ports().in(port, bytes);
    }

    @Override
    public void out(int port, int bytes, int value) {
        machine.ports().out(port, bytes, value);
    }

    @Override
    public boolean interruptPending() {
        return false;
    }

    @Override
    public int acknowledgeInterrupt() {
        return 0xff;
    }

    @Override
    public long timestamp() {
        return machine.now();
    }

    @Override
    public int taskPriority() {
        return 0;
    }

    @Override
    public void setTaskPriority(int value) {}

    @Override
    public boolean readApicMsr(int msr, long[] value) {
        return false;
    }

    @Override
    public boolean writeApicMsr(int msr, long value) {
        return false;
    }

    @Override
    public void tripleFault(Cpu cpu) {
        cpu.shutdown = true;
        cpu.attention = true;
    }

    /** @return whether bytes may still arrive from outside (a terminal is attached), so that a halted guest may be woken */
    boolean inputMayCome() {
        return false;
    }

    /**
     * Waits for outside input while the CPU is halted, if the clock or an attached terminal asks for it.
     *
     * @param ns virtual nanoseconds to the next event, or -1 if there is none
     * @return whether input came before that
     */
    boolean waitForInput(long ns) {
        return false;
    }

    void visit(StateVisitor v) {}
}
