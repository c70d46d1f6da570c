/** Guest stacks to frames and saved registers: by frame pointers, ORC, scanning, or the emulator's shadow stack. */
package ringside.unwinder;
