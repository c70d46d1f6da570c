/** Ports for the guest to print, to end the run and to test devices with. */
package ringside.device.debug;
