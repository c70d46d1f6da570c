/** Logs of a run: kinds, filters and lines (docs/logs.md). */
package ringside.workbench.log;
