package ringside.device.apic;

/** What a local APIC can do to the processor it belongs to. */
public interface ApicCpu {
    /** An interrupt may have become deliverable. */
    void attention();

    void nmi();

    /** INIT: the processor takes its reset state and, if it is an application processor, waits for {@link #startup}. */
    void init();

    /** SIPI: an application processor that waits starts in real mode at physical address {@code page} x 4096. */
    void startup(int page);

    /** @return the time-stamp counter as the guest reads it */
    long tsc();

    /** The register window moved, appeared or vanished (IA32_APIC_BASE was written). */
    void windowChanged();
}
