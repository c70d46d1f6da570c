package ringside.device;

import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import ringside.cpu.CpuModel;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;

/**
 * A board whose devices a test drives through their ports and registers, as the data sheets describe them. Time is set
 * through the retired-instruction count.
 */
public abstract class DrivenBoard {
    protected final Machine m =
            Machine.interpreted(new MachineConfig(8 << 20, CpuModel.standard(), Set.of("testdev"), false));

    @AfterEach
    void close() {
        m.close();
    }

    protected final void out(int port, int... values) {
        for (int v : values) m.ports().out(port, 1, v);
    }

    protected final int in(int port) {
        return m.ports().in(port, 1);
    }

    /** Lets virtual time pass and fires what is due. */
    protected final void pass(long ns) {
        m.cpu().budgetEnd += ns;
        m.events().run(m.now());
    }

    /** Sets both interrupt controllers up for edges, with vectors from 20h and 28h. */
    protected final void pic() {
        out(0x20, 0x11);
        out(0x21, 0x20, 0x04, 0x01, 0x00);
        out(0xa0, 0x11);
        out(0xa1, 0x28, 0x02, 0x01, 0x00);
    }

    /** Drives an interrupt line by the test device. */
    protected final void wire(int n, boolean level) {
        out(0x2000 + n, level ? 1 : 0);
    }
}
