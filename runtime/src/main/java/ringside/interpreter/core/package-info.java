/** What the handlers of all families share: the operation itself, operands, blocks and their ends. */
package ringside.interpreter.core;
