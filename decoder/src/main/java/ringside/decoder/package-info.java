/**
 * Bytes to x86 instructions and instructions to text: opcode maps, prefixes, ModRM, VEX and EVEX, in 16-, 32- and
 * 64-bit mode (Intel SDM vol. 2). Knows nothing of a machine.
 */
package ringside.decoder;
