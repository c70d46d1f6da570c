/** What a guest does, as events of the JDK's Flight Recorder (docs/performance.md). */
package ringside.workbench.jfr;
