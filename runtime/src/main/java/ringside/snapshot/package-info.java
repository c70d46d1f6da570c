/** A machine's whole state as bytes and as a hash, and back. */
package ringside.snapshot;
