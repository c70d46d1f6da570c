/** Unwinders held against the shadow stack, stop by stop: verdicts and their causes. */
package ringside.unwinder.audit;
