/**
 * What the unwinder knows of Linux, all read from the guest's memory: symbols (kallsyms), types (BTF), tasks, modules,
 * generated code, replaced return addresses, the kernel's log.
 */
package ringside.unwinder.linux;
