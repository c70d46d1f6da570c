/** Names and source lines of guest addresses: ELF symbols, System.map, DWARF's line programs. */
package ringside.unwinder.symbols;
