/** Firmware services: real-mode BIOS calls, the memory map, QEMU's fw_cfg. */
package ringside.device.firmware;
