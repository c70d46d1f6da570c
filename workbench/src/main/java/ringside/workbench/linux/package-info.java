/** A bootable Debian guest: its kernel and packages from apt, an initramfs, files and a script. */
package ringside.workbench.linux;
