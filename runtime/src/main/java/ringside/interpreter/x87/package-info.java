/** Handlers of x87 instructions. */
package ringside.interpreter.x87;
