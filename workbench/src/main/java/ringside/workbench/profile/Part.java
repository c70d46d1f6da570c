package ringside.workbench.profile;

/** The parts of one entry, in their usual order. Each instruction of an entry is in exactly one of them. */
public enum Part {
    /** Entry code up to the first function that is none. */
    IN("entry assembly"),
    /** What the entry is for. */
    HANDLER("handler"),
    /** Softirqs that ran at the interrupt's end, or when bottom halves were allowed again. */
    SOFTIRQ("softirqs"),
    /** The scheduler, called on the way out. */
    RESCHEDULING("rescheduling"),
    /** The kernel's exit work: signals, task work, looking for both. */
    EXIT_WORK("exit work"),
    /** Entry code behind all that. */
    OUT("exit assembly");

    private final String label;

    Part(String label) {
        this.label = label;
    }

    /** @return for people */
    public String label() {
        return label;
    }
}
