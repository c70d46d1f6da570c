/** The 8042 keyboard controller and a keyboard that sends typed text. */
package ringside.device.keyboard;
