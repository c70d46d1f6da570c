/** Handlers of integer, branch, stack and string instructions. */
package ringside.interpreter.integer;
