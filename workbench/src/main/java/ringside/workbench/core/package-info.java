/** A guest read from an ELF core file. */
package ringside.workbench.core;
