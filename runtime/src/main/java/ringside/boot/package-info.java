/**
 * Kernel images and how they are started: bzImage, ELF, PVH, multiboot 1 and 2, raw code; boot_params, command lines
 * and ramdisks.
 */
package ringside.boot;
