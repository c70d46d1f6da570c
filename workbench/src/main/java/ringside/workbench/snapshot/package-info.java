/** Snapshots and recordings on disk, and runs that start from or repeat them (docs/snapshots.md, docs/replay.md). */
package ringside.workbench.snapshot;
