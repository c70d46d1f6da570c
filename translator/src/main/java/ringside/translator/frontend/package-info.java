/** From guest code to the plan of a region: its blocks, their ends and what leaves it. */
package ringside.translator.frontend;
