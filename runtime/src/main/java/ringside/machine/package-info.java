/**
 * A whole machine: a board of devices, memory, a processor and the engine that runs it; where time advances and where a
 * run ends.
 */
package ringside.machine;
