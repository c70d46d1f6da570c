/** The 8254 interval timer, the HPET and the ACPI timer. */
package ringside.device.timer;
