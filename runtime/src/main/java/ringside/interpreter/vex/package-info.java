/** Handlers of AVX and other VEX-encoded instructions. */
package ringside.interpreter.vex;
