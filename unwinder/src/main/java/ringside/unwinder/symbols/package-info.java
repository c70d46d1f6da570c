/** Names of guest addresses: ELF symbols, System.map, and kallsyms found in guest memory. */
package ringside.unwinder.symbols;
