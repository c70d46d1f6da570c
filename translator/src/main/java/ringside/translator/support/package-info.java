/** What emitted code calls: arithmetic and flags too long to be emitted in place. */
package ringside.translator.support;
