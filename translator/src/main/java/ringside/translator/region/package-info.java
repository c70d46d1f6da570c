/** A translated region and the links between regions. */
package ringside.translator.region;
