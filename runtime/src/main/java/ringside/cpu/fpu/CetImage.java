package ringside.cpu.fpu;

import ringside.cpu.Cet;
import ringside.cpu.Cpu;
import ringside.cpu.XsaveLayout;

/**
 * The state components of shadow stacks in a compacted XSAVE area: CET_U (IA32_U_CET, IA32_PL3_SSP) and CET_S
 * (IA32_PL0_SSP to IA32_PL2_SSP). Source: Intel SDM vol. 1, 13.5.9.
 */
final class CetImage {
    private final Cpu cpu;
    private final long la;
    private final long present;
    private final int user, supervisor;

    /** @param present components that are read or written @param layout components that have a place in the area */
    CetImage(Cpu cpu, long la, long present, long layout) {
        this.cpu = cpu;
        this.la = la;
        this.present = present;
        user = XsaveLayout.compactedOffset(XsaveLayout.CET_U, layout);
        supervisor = XsaveLayout.compactedOffset(XsaveLayout.CET_S, layout);
    }

    private boolean has(long component) {
        return (present & component) != 0;
    }

    private long at(int offset) {
        return FpuEnvironment.at(cpu, la, offset);
    }

    void checkWrite() {
        if (has(XsaveLayout.CET_U_BIT)) cpu.mem.checkWrite(at(user), 16);
        if (has(XsaveLayout.CET_S_BIT)) cpu.mem.checkWrite(at(supervisor), 24);
    }

    /** Finds every fault of a restore: the values must be ones that WRMSR takes. */
    void checkRead() {
        if (has(XsaveLayout.CET_U_BIT)) {
            long control = cpu.mem.load64(at(user));
            if (!Cet.validControl(cpu, control)) throw cpu.gp(0);
            checkPointer(cpu.mem.load64(at(user + 8)));
        }
        for (int i = 0; i < 3 && has(XsaveLayout.CET_S_BIT); i++) checkPointer(cpu.mem.load64(at(supervisor + 8 * i)));
    }

    private void checkPointer(long ssp) {
        if ((ssp & 3) != 0 || !cpu.canonical(ssp)) throw cpu.gp(0);
    }

    void save() {
        if (has(XsaveLayout.CET_U_BIT)) {
            cpu.mem.store64(at(user), cpu.msrs.uCet);
            cpu.mem.store64(at(user + 8), cpu.msrs.plSsp[3]);
        }
        for (int i = 0; i < 3 && has(XsaveLayout.CET_S_BIT); i++)
            cpu.mem.store64(at(supervisor + 8 * i), cpu.msrs.plSsp[i]);
    }

    /** @param requested components; those not present get their initial value */
    void restore(long requested) {
        if ((requested & XsaveLayout.CET_U_BIT) != 0) {
            boolean load = has(XsaveLayout.CET_U_BIT);
            cpu.msrs.uCet = load ? cpu.mem.load64(at(user)) : 0;
            cpu.msrs.plSsp[3] = load ? cpu.mem.load64(at(user + 8)) : 0;
        }
        for (int i = 0; i < 3 && (requested & XsaveLayout.CET_S_BIT) != 0; i++) {
            cpu.msrs.plSsp[i] = has(XsaveLayout.CET_S_BIT) ? cpu.mem.load64(at(supervisor + 8 * i)) : 0;
        }
    }
}
