/** Audit runs: which stops, what is compared, what a kernel's own printed traces say. */
package ringside.workbench.audit;
