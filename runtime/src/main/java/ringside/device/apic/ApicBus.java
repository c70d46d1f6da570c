package ringside.device.apic;

import java.util.ArrayList;
import java.util.List;

/**
 * Carries interrupt messages from I/O APICs and local APICs to the local APICs they name, and EOIs back. Source: Intel
 * SDM vol. 3, section 10.6.2.
 */
public final class ApicBus {
    private final List<LocalApic> locals = new ArrayList<>();
    private final List<IoApic> ioApics = new ArrayList<>();

    void add(LocalApic a) {
        locals.add(a);
    }

    void add(IoApic a) {
        ioApics.add(a);
    }

    /**
     * Delivers to every APIC the destination matches, or for lowest priority to one of them.
     * @return whether there was one
     */
    boolean send(Message m) {
        if (m.mode() == Message.LOWEST) {
            LocalApic best = null;
            for (LocalApic a : locals) {
                if (a.accepts(m)
                        && a.softwareEnabled()
                        && (best == null || a.processorPriority() < best.processorPriority())) best = a;
            }
            if (best == null) return false;
            best.receive(m);
            return true;
        }
        boolean any = false;
        for (LocalApic a : locals) {
            if (a.accepts(m)) {
                a.receive(m);
                any = true;
            }
        }
        return any;
    }

    /** Delivers to all, with or without the sender. */
    void broadcast(Message m, LocalApic except) {
        for (LocalApic a : locals) {
            if (a != except) a.receive(m);
        }
    }

    /** A local APIC ended a level-triggered interrupt. */
    void endOfInterrupt(int vector) {
        for (IoApic a : ioApics) a.endOfInterrupt(vector);
    }
}
