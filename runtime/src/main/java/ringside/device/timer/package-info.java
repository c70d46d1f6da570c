/** The 8254 interval timer and the HPET; the ACPI timer is in ringside.device.chipset. */
package ringside.device.timer;
