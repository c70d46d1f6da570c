/** Instructions to JVM bytecode: one emitter a family, on top of ASM. */
package ringside.translator.emit;
