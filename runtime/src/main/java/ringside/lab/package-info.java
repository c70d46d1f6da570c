/** A laboratory: code on one bare processor without devices, set up and looked at from Java. */
package ringside.lab;
