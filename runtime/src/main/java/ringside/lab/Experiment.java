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

    /**
     * An experiment without code, at privilege level 0.
     *
     * @param mode the mode the CPU is in before the first instruction
     */
    public Experiment(Mode mode) {
        this.mode = mode;
    }

    /** {@return the mode the CPU is in before the first instruction} */
    public Mode mode() {
        return mode;
    }

    /**
     * Sets the privilege level.
     *
     * @param level 0 (default) or 3
     * @return this experiment
     */
    public Experiment cpl(int level) {
        if (level != 0 && level != 3) throw new LabException("cpl " + level + ": it is 0 or 3");
        cpl = level;
        return this;
    }

    /**
     * Code at the mode's default address: 401000h, in real mode 7C00h.
     *
     * @param bytes the machine code, which is copied
     * @return this experiment
     */
    public Experiment code(byte[] bytes) {
        code = bytes.clone();
        return this;
    }

    /**
     * Sets the address of the code and of the first instruction.
     *
     * @param address guest linear
     * @return this experiment
     */
    public Experiment at(long address) {
        start = address;
        return this;
    }

    /** {@return linear address of the code} */
    public long start() {
        return start != null ? start : mode == Mode.REAL ? 0x7c00 : 0x401000;
    }

    /**
     * Maps zeroed memory. Pages that an earlier region has are replaced.
     *
     * @param rights any of "rwx"; without any, or without r, the pages are not present
     * @param address guest linear, of the first byte
     * @param size in bytes, from 1 to 2^63 - 1
     * @return this experiment
     */
    public Experiment map(long address, long size, String rights) {
        if (!rights.chars().allMatch(c -> c == 'r' || c == 'w' || c == 'x'))
            throw new LabException("map: rights '" + rights + "' are not made of r, w and x");
        if (size <= 0)
            throw new LabException("map: size " + Long.toUnsignedString(size) + " is not from 1 to 2^63 - 1");
        regions.add(new Region(address, size, rights.contains("r"), rights.contains("w"), rights.contains("x")));
        return this;
    }

    /**
     * Puts bytes into memory. Pages that nothing has mapped are mapped with all rights.
     *
     * @param address guest linear, of the first byte
     * @param bytes the content, which is copied
     * @return this experiment
     */
    public Experiment write(long address, byte[] bytes) {
        patches.add(new Patch(address, bytes.clone()));
        return this;
    }

    /**
     * Sets a register before the run; names are those of {@link Registers}.
     *
     * @param name the register, in either case
     * @param value its value; negative ones are two's complement
     * @return this experiment
     */
    public Experiment register(String name, long value) {
        return register(name, BigInteger.valueOf(value));
    }

    /**
     * Sets a register before the run that may be wider than 64 bits; names are those of {@link Registers}.
     *
     * @param name the register, in either case
     * @param value unsigned, or negative in two's complement
     * @return this experiment
     */
    public Experiment register(String name, BigInteger value) {
        registers.put(name.toLowerCase(java.util.Locale.ROOT), value);
        return this;
    }

    /**
     * Has the result show more registers than it does anyway: all general ones, the usual ones of the system, x87, MMX,
     * vectors, and those that were set.
     *
     * @param names of registers, in either case
     * @return this experiment
     */
    public Experiment show(String... names) {
        for (String n : names) shown.add(n.toLowerCase(java.util.Locale.ROOT));
        return this;
    }

    /**
     * Ends before the instruction at this address. Without any end it is the address behind the code.
     *
     * @param address guest linear
     * @return this experiment
     */
    public Experiment until(long address) {
        end = End.ADDRESS;
        endValue = address;
        return this;
    }

    /**
     * Ends at HLT only.
     *
     * @return this experiment
     */
    public Experiment untilHlt() {
        end = End.HLT;
        return this;
    }

    /**
     * Ends after so many instructions.
     *
     * @param instructions how many are executed
     * @return this experiment
     */
    public Experiment untilCount(long instructions) {
        if (instructions < 0) throw new LabException("until: a negative number of instructions");
        end = End.COUNT;
        endValue = instructions;
        return this;
    }

    /**
     * Ends with {@link Stop.Reason#LIMIT} after so many instructions.
     *
     * @param instructions how many are executed at most
     * @return this experiment
     */
    public Experiment limit(long instructions) {
        if (instructions < 0) throw new LabException("limit: a negative number of instructions");
        limit = instructions;
        return this;
    }

    /**
     * Runs on a whole PC ({@link PcLab}) instead of a bare processor. Addresses are physical then.
     *
     * @param on false for the bare processor, the default
     * @return this experiment
     */
    public Experiment pc(boolean on) {
        pc = on;
        return this;
    }

    /**
     * Delivers exceptions and interrupts through the guest's own tables instead of ending; in real mode through the
     * table at 0.
     *
     * @param on false to end at the first of them, the default
     * @return this experiment
     */
    public Experiment deliver(boolean on) {
        deliver = on;
        return this;
    }
}
