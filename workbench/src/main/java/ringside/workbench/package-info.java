/** What Ringside's commands do, as classes with results as values; nothing here prints. */
package ringside.workbench;
