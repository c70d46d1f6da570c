package ringside.machine;

import java.util.function.LongSupplier;
import ringside.cpu.Cpu;
import ringside.cpu.CpuBus;

/** A board with nothing on it: ports read all ones, no interrupts, no local APIC. */
final class BareBus implements CpuBus {
    private final LongSupplier clock;
    private int taskPriority;

    BareBus(LongSupplier clock) {
        this.clock = clock;
    }

    @Override
    public int in(int port, int bytes) {
        return -1 >>> 32 - 8 * bytes;
    }

    @Override
    public void out(int port, int bytes, int value) {}

    @Override
    public boolean interruptPending() {
        return false;
    }

    @Override
    public int acknowledgeInterrupt() {
        throw new IllegalStateException("no interrupt is pending");
    }

    @Override
    public long timestamp() {
        return clock.getAsLong();
    }

    @Override
    public int taskPriority() {
        return taskPriority;
    }

    @Override
    public void setTaskPriority(int value) {
        taskPriority = value;
    }

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
}
