/** Lane arithmetic of SIMD instructions that is not a single Java operator. */
package ringside.simd;
