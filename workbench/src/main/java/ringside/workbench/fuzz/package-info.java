/** Random instructions, programs and systems on both engines and on the host's processor (docs/fuzzing.md). */
package ringside.workbench.fuzz;
