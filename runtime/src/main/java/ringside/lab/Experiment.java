package ringside.lab;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What to run: mode, memory, registers, code, and when to end. Addresses are linear. Setters return the experiment. */
public final class Experiment {
    /** End of an experiment without one of its own, in instructions. */
    public static final long DEFAULT_LIMIT = 1_000_000;

    enum End {
        CODE,
        ADDRESS,
        HLT,
        COUNT
    }

    /** A range of memory. Rights do not count in real mode. */
    record Region(long address, long size, boolean readable, boolean writable, boolean executable) {}

    /** Bytes put into memory before the run. */
    record Patch(long address, byte[] bytes) {}

    final Mode mode;
    int cpl;
    Long start;
    byte[] code = {};
    final List<Region> regions = new ArrayList<>();
    final List<Patch> patches = new ArrayList<>();
    final Map<String, BigInteger> registers = new LinkedHashMap<>();
    final List<String> shown = new ArrayList<>();
    End end = End.CODE;
    long endValue;
    long limit = DEFAULT_LIMIT;
    boolean deliver;
    boolean pc;

    public Experiment(Mode mode) {
        this.mode = mode;
    }

    public Mode mode() {
        return mode;
    }

    /** Privilege level, 0 (default) or 3. */
    public Experiment cpl(int level) {
        if (level != 0 && level != 3) throw new LabException("cpl " + level + ": it is 0 or 3");
        cpl = level;
        return this;
    }

    /** Code at the mode's default address: 401000h, in real mode 7C00h. */
    public Experiment code(byte[] bytes) {
        code = bytes.clone();
        return this;
    }

    /** Address of the code and of the first instruction. */
    public Experiment at(long address) {
        start = address;
        return this;
    }

    /** {@return linear address of the code} */
    public long start() {
        return start != null ? start : mode == Mode.REAL ? 0x7c00 : 0x401000;
    }

    /** Maps zeroed memory. @param rights any of "rwx"; without any, or without r, the pages are not present */
    public Experiment map(long address, long size, String rights) {
        if (!rights.chars().allMatch(c -> c == 'r' || c == 'w' || c == 'x'))
            throw new LabException("map: rights '" + rights + "' are not made of r, w and x");
        if (size <= 0)
            throw new LabException("map: size " + Long.toUnsignedString(size) + " is not from 1 to 2^63 - 1");
        regions.add(new Region(address, size, rights.contains("r"), rights.contains("w"), rights.contains("x")));
        return this;
    }

    /** Puts bytes into memory that is mapped, by {@link #map} or as code or stack. */
    public Experiment write(long address, byte[] bytes) {
        patches.add(new Patch(address, bytes.clone()));
        return this;
    }

    /** Sets a register before the run; names are those of {@link Registers}. */
    public Experiment register(String name, long value) {
        return register(name, BigInteger.valueOf(value));
    }

    public Experiment register(String name, BigInteger value) {
        registers.put(name.toLowerCase(java.util.Locale.ROOT), value);
        return this;
    }

    /**
     * Has the result show more registers than it does anyway: all general ones, the usual ones of the system, x87, MMX,
     * vectors, and those that were set.
     */
    public Experiment show(String... names) {
        for (String n : names) shown.add(n.toLowerCase(java.util.Locale.ROOT));
        return this;
    }

    /** Ends before the instruction at this address. Without any end it is the address behind the code. */
    public Experiment until(long address) {
        end = End.ADDRESS;
        endValue = address;
        return this;
    }

    /** Ends at HLT only. */
    public Experiment untilHlt() {
        end = End.HLT;
        return this;
    }

    /** Ends after so many instructions. */
    public Experiment untilCount(long instructions) {
        if (instructions < 0) throw new LabException("until: a negative number of instructions");
        end = End.COUNT;
        endValue = instructions;
        return this;
    }

    /** Ends with {@link Stop.Reason#LIMIT} after so many instructions. */
    public Experiment limit(long instructions) {
        if (instructions < 0) throw new LabException("limit: a negative number of instructions");
        limit = instructions;
        return this;
    }

    /** Runs on a whole PC ({@link PcLab}) instead of a bare processor. Addresses are physical then. */
    public Experiment pc(boolean on) {
        pc = on;
        return this;
    }

    /**
     * Delivers exceptions and interrupts through the guest's own tables instead of ending; in real mode through the
     * table at 0.
     */
    public Experiment deliver(boolean on) {
        deliver = on;
        return this;
    }
}
