/** What a plan needs to know of its instructions: effects and live flags. */
package ringside.translator.analysis;
