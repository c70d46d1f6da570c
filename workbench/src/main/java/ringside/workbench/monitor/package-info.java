/** The words of the monitor, for gdb and for the terminal (docs/monitor.md). */
package ringside.workbench.monitor;
