package ringside.workbench.inject;

import ringside.machine.Machine;

/** An event from outside that an {@link Injector} puts into a run. */
@FunctionalInterface
public interface Injection {
    void raise(Machine m);

    /** An edge on the processor's NMI line. */
    static Injection nmi() {
        return Machine::raiseNmi;
    }

    /** An interrupt that arrives at the local APIC, as from a device. @param vector 16 to 255 */
    static Injection interrupt(int vector) {
        if (vector < 16 || vector > 255) throw new IllegalArgumentException("vector " + vector);
        return m -> m.board().apic().raise(vector);
    }
}
