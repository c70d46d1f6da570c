/** What entry code costs, by each way of helping unwinders (docs/entry-cost.md). */
package ringside.workbench.entry;
