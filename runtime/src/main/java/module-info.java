/**
 * The machine: processor, memory, devices, boot loaders, the interpreter, the laboratory. What is exported without
 * {@code to} is the API; the rest may change at any time.
 */
module ringside.runtime {
    requires transitive ringside.decoder;

    exports ringside.boot;
    exports ringside.bus;
    exports ringside.cpu;
    exports ringside.device;
    exports ringside.device.serial;
    exports ringside.guest;
    exports ringside.lab;
    exports ringside.machine;
    exports ringside.memory;
    exports ringside.shadow;
    exports ringside.snapshot;
    exports ringside.state;
    exports ringside.cpu.fpu to
            ringside.workbench;
    exports ringside.device.apic to
            ringside.workbench;
    exports ringside.device.debug to
            ringside.workbench;
    exports ringside.interpreter to
            ringside.translator,
            ringside.workbench;
    exports ringside.interpreter.core to
            ringside.translator;
    exports ringside.interpreter.integer to
            ringside.translator;
    exports ringside.simd to
            ringside.translator;
    exports ringside.softfloat to
            ringside.translator;
}
