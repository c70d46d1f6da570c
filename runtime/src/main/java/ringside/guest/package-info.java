/**
 * A guest as those see it who look into it: registers and memory of a machine that stands still, of a snapshot, or of a
 * core file, read without any effect on the guest.
 */
package ringside.guest;
