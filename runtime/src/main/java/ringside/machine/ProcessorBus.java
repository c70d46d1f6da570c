package ringside.machine;

import ringside.cpu.Cpu;
import ringside.cpu.CpuBus;
import ringside.cpu.Reset;
import ringside.device.apic.ApicCpu;
import ringside.device.apic.ApicMsrs;
import ringside.device.apic.LocalApic;

/**
 * What one processor sees of the board: the port space, and its local APIC and the 8259s behind it as one interrupt
 * controller. To its local APIC it is the processor.
 */
final class ProcessorBus implements CpuBus, ApicCpu {
    private final Board board;
    private final Machine machine;
    private final Core core;
    private LocalApic apic;

    ProcessorBus(Board board, Core core) {
        this.board = board;
        this.machine = core.machine();
        this.core = core;
    }

    void connect(LocalApic a) {
        apic = a;
    }

    LocalApic apic() {
        return apic;
    }

    // ---- what the processor sees ----

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
        return apic.pending() || board.pic().requesting() && apic.acceptsExternal();
    }

    @Override
    public int acknowledgeInterrupt() {
        return apic.pending() ? apic.acknowledge() : board.pic().acknowledge();
    }

    @Override
    public long timestamp() {
        return machine.now();
    }

    @Override
    public void timestampMoved() {
        apic.tscChanged();
    }

    @Override
    public int taskPriority() {
        return apic.taskPriority();
    }

    @Override
    public void setTaskPriority(int value) {
        apic.setTaskPriority(value);
    }

    @Override
    public boolean readApicMsr(int msr, long[] value) {
        return ApicMsrs.read(apic, msr, value);
    }

    @Override
    public boolean writeApicMsr(int msr, long value) {
        return ApicMsrs.write(apic, msr, value);
    }

    @Override
    public boolean apicEnabled() {
        return apic.enabled();
    }

    @Override
    public void floatingPointError() {
        board.floatingPointError();
    }

    @Override
    public void tripleFault(Cpu cpu) {
        cpu.shutdown = true;
        cpu.attention = true;
    }

    // ---- what its local APIC sees ----

    @Override
    public void attention() {
        machine.look(core);
    }

    @Override
    public void nmi() {
        core.cpu().nmiPending = true;
        machine.look(core);
    }

    @Override
    public void init() {
        core.initPending = true;
        machine.look(core);
    }

    @Override
    public void startup(int page) {
        if (!core.cpu().waitsForStartup) return;
        machine.look(core);
        Reset.startup(core.cpu(), page);
    }

    @Override
    public long tsc() {
        return machine.now() + core.cpu().msrs.tscOffset;
    }

    @Override
    public void windowChanged() {
        board.placeApics();
    }
}
