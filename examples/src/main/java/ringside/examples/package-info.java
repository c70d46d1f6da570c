/** Programs that use the API as somebody who embeds Ringside would; docs/embedding.md explains them. */
package ringside.examples;
