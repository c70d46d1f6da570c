/** The entry table: a compact description of entry code for unwinders (docs/entry-table.md). */
package ringside.unwinder.table;
