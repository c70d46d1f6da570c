/** The MC146818 real-time clock and its CMOS memory. */
package ringside.device.rtc;
