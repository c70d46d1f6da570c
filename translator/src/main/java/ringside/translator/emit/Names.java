package ringside.translator.emit;

/** Internal names and descriptors that generated code refers to. */
public final class Names {
    public static final String REGION = "ringside/translator/region/Region";
    public static final String CPU = "ringside/cpu/Cpu";
    public static final String MEMORY = "ringside/memory/LinearMemory";
    public static final String MEMORY_TYPE = "Lringside/memory/LinearMemory;";
    public static final String TLB_ACCESS = "ringside/memory/TlbAccess";
    public static final String OP = "ringside/interpreter/core/Op";
    public static final String OP_TYPE = "Lringside/interpreter/core/Op;";
    public static final String SHADOW = "ringside/shadow/ShadowStack";
    public static final String SEGMENT = "ringside/cpu/Segment";
    public static final String FLAGS = "ringside/cpu/Flags";
    public static final String LAZY_FLAGS = "ringside/translator/support/LazyFlags";
    public static final String ARITHMETIC = "ringside/translator/support/Arithmetic";
    public static final String GUEST_FAULT = "ringside/memory/GuestFault";
    public static final String LEAVE_BLOCK = "ringside/memory/LeaveBlock";
    /** {@code int run(Cpu cpu, long base, int budget, int entry)}. */
    public static final String RUN = "(Lringside/cpu/Cpu;JII)I";

    private Names() {}
}
