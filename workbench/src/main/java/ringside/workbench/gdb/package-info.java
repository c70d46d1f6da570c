/** The server side of GDB's remote serial protocol. */
package ringside.workbench.gdb;
