/** Two engines in lockstep, the whole state compared, and the first instruction that differs. */
package ringside.workbench.compare;
