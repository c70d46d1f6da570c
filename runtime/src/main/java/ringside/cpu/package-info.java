/**
 * One processor's architectural state and what the architecture does by itself: registers, modes, CPUID models,
 * segments, exceptions and their delivery, debug traps, shadow stacks, observers (Intel SDM vol. 3).
 */
package ringside.cpu;
