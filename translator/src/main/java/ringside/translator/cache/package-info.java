/** Which regions exist, who translates them and how their classes are defined. */
package ringside.translator.cache;
