/**
 * A whole machine: a board of devices, memory, processors and the engines that run them; where time advances and where
 * a run ends.
 */
package ringside.machine;
