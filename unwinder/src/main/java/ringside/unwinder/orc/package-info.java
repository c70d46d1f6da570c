/** Linux's ORC tables, from an ELF file or from guest memory. */
package ringside.unwinder.orc;
