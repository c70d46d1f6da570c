/** The pair of 8259A interrupt controllers (Intel data sheet 231468). */
package ringside.device.interrupt;
