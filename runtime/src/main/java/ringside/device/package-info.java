/** Devices and the wires between them: what a device claims, and the interface that a board is made of. */
package ringside.device;
