/** What a guest does, as events of the JDK's Flight Recorder (docs/statistics.md). */
package ringside.workbench.jfr;
