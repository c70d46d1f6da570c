/** The {@code ringside} command: parses its options, prints results, and leaves the work to the workbench. */
package ringside.cli;
