/**
 * What devices and machine share: port and memory windows, interrupt lines, the clock and its queue of events. No
 * device is named here.
 */
package ringside.bus;
