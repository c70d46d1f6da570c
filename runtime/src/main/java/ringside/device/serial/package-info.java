/** The PC16550D serial port. */
package ringside.device.serial;
