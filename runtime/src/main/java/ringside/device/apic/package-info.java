/** Local APIC and I/O APIC (Intel SDM vol. 3, chapter 12; 82093AA data sheet). */
package ringside.device.apic;
