/** Pieces of code on one bare processor: cases, batches and their answers (docs/exec.md). */
package ringside.workbench.exec;
