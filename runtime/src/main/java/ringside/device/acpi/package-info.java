/** ACPI tables (ACPI specification 6) for the devices that a board has. */
package ringside.device.acpi;
