/** PCI configuration access, power management and reset, as far as a machine without PCI devices has them. */
package ringside.device.chipset;
