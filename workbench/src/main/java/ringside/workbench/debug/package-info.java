/** A machine under a debugger: positions, stops, watchpoints, and the way back in time. */
package ringside.workbench.debug;
