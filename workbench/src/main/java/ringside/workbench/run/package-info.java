/** A guest that runs until something happens: its start, its stops, its console and its deadline. */
package ringside.workbench.run;
