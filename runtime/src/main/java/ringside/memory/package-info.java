/** Guest-physical RAM, guest-linear access through page tables and TLB, and the protection of pages that hold code. */
package ringside.memory;
