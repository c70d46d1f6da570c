/** Why a run ended badly: the chain of faults, and the report about it. */
package ringside.workbench.crash;
