/**
 * The emulator's own shadow stack: every call and entry of the guest as it happened, the yardstick of the unwinders.
 * Not the architecture's CET, which is in ringside.cpu.
 */
package ringside.shadow;
