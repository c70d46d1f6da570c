package ringside.workbench.gdb;

import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.memory.PhysicalMemory;

/**
 * Guest memory as gdb reads and writes it: at virtual addresses through the tables that are in force, whatever they
 * allow the code that runs; or at physical ones. Devices are neither read nor written, as that would change them.
 */
final class MemoryAccess {
    private final PhysicalMemory physical;
    private final GuestView view;
    private boolean byPhysical;

    MemoryAccess(Cpu cpu) {
        physical = cpu.physical;
        view = new GuestView(cpu);
    }

    GuestView view() {
        return view;
    }

    boolean byPhysical() {
        return byPhysical;
    }

    /** Takes addresses as physical ones from here on, as QEMU's {@code qqemu.PhyMemMode} does. */
    void byPhysical(boolean on) {
        byPhysical = on;
    }

    /** The guest has run: translations may have changed. */
    void refresh() {
        view.refresh();
    }

    /** @return the physical address of RAM, or -1 */
    private long ram(long address) {
        long pa = byPhysical ? address : view.translate(address);
        return pa != -1 && physical.ramPage(pa) != 0 ? pa : -1;
    }

    /** @return the bytes up to the first that cannot be read; none if that is the first one */
    byte[] read(long address, int length) {
        byte[] to = new byte[length];
        int done = 0;
        while (done < length) {
            long pa = ram(address + done);
            if (pa == -1) break;
            int n = (int) Math.min(length - done, 4096 - (pa & 0xfff));
            physical.read(pa, to, done, n);
            done += n;
        }
        return done == length ? to : java.util.Arrays.copyOf(to, done);
    }

    /** Writes all the bytes or none. @return whether all of them lie in RAM */
    boolean write(long address, byte[] bytes) {
        for (long k = 0; k < bytes.length; k += 4096 - (address + k & 0xfff)) {
            if (ram(address + k) == -1) return false;
        }
        for (int done = 0; done < bytes.length; ) {
            long pa = ram(address + done);
            int n = (int) Math.min(bytes.length - done, 4096 - (pa & 0xfff));
            physical.write(pa, bytes, done, n);
            done += n;
        }
        refresh();
        return true;
    }
}
