/** The translating engine and its options and statistics. */
package ringside.translator;
