/** Handlers of MMX and SSE instructions. */
package ringside.interpreter.simd;
