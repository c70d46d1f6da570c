package ringside.device.apic;

/**
 * The MSRs that belong to the local APIC: IA32_APIC_BASE, IA32_TSC_DEADLINE, and in x2APIC mode 800h..8FFh with their
 * reserved-bit rules. Every refusal is a #GP(0) of the guest's. Source: Intel SDM vol. 3, section 10.12.1.2.
 */
public final class ApicMsrs {
    public static final int APIC_BASE = 0x1b, TSC_DEADLINE = 0x6e0, X2APIC = 0x800, X2APIC_END = 0x900;

    private ApicMsrs() {}

    /** @return false if it is none of these MSRs or may not be read */
    public static boolean read(LocalApic apic, int msr, long[] value) {
        if (msr == APIC_BASE) {
            value[0] = apic.apicBase();
            return true;
        }
        if (msr == TSC_DEADLINE) {
            value[0] = apic.readDeadline();
            return true;
        }
        if (msr < X2APIC || msr >= X2APIC_END || !apic.x2apic()) return false;
        int r = msr - X2APIC;
        if (!readable(r)) return false;
        long v = Integer.toUnsignedLong(apic.readRegister(r));
        if (r == LocalApic.ICR) v |= (long) apic.readRegister(LocalApic.ICR_HIGH) << 32;
        value[0] = v;
        return true;
    }

    private static boolean readable(int r) {
        return switch (r) {
            case LocalApic.ID,
                    LocalApic.VERSION,
                    LocalApic.TPR,
                    LocalApic.PPR,
                    LocalApic.LDR,
                    LocalApic.SVR,
                    LocalApic.ESR,
                    LocalApic.ICR,
                    LocalApic.INITIAL_COUNT,
                    LocalApic.CURRENT_COUNT,
                    LocalApic.DIVIDE -> true;
            default ->
                r >= LocalApic.ISR && r < LocalApic.IRR + 8 || r >= LocalApic.LVT_TIMER && r <= LocalApic.LVT_ERROR;
        };
    }

    /** @return false if it is none of these MSRs, may not be written, or the value sets a reserved bit */
    public static boolean write(LocalApic apic, int msr, long v) {
        if (msr == APIC_BASE) return apic.setApicBase(v);
        if (msr == TSC_DEADLINE) {
            apic.writeDeadline(v);
            return true;
        }
        if (msr < X2APIC || msr >= X2APIC_END || !apic.x2apic()) return false;
        int r = msr - X2APIC;
        long allowed = switch (r) {
            case LocalApic.TPR -> 0xff;
            case LocalApic.EOI, LocalApic.ESR -> 0;
            case LocalApic.SVR -> 0x1ff;
            case LocalApic.ICR -> 0xffff_ffff_000c_cfffL;
            case LocalApic.INITIAL_COUNT -> 0xffff_ffffL;
            case LocalApic.DIVIDE -> 0xb;
            case LocalApic.SELF_IPI -> 0xff;
            default -> r >= LocalApic.LVT_TIMER && r <= LocalApic.LVT_ERROR ? LocalApic.lvtBits(r) : -1;
        };
        if (allowed == -1 || (v & ~allowed) != 0) return false;
        if (r == LocalApic.ICR) apic.writeRegister(LocalApic.ICR_HIGH, (int) (v >>> 32));
        apic.writeRegister(r, (int) v);
        return true;
    }
}
