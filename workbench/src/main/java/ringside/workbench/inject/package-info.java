/** Interrupts and exceptions put into a running guest at chosen instructions. */
package ringside.workbench.inject;
