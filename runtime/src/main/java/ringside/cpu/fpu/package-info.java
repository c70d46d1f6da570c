/** The x87 state, its 80-bit arithmetic and the areas of FXSAVE and XSAVE (Intel SDM vol. 1, chapters 8 and 13). */
package ringside.cpu.fpu;
