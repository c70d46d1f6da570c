/**
 * The reference engine: blocks of decoded instructions, each executed by a handler. What it does is right by
 * definition; docs/add-an-instruction.md says where a handler is found.
 */
package ringside.interpreter;
