/** The visitor that reaches every piece of state which snapshots and hashes hold. */
package ringside.state;
