/** Exact profiles of entries and functions, and their reports (docs/profile.md). */
package ringside.workbench.profile;
