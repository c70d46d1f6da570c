/** Handlers of privileged and system instructions. */
package ringside.interpreter.system;
