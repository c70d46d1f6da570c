/**
 * Guest stacks to frames and saved registers: by frame pointers and what entry code adds to them (markers, encoded
 * pointers, the entry table), ORC, scanning, or the emulator's shadow stack.
 */
package ringside.unwinder;
