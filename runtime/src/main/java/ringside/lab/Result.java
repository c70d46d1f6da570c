package ringside.lab;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * The state after an experiment.
 *
 * @param stop why and where it ended
 * @param instructions retired; a faulting instruction is none, and a REP string instruction is one for each chunk that
 *     can be interrupted
 * @param registers every register of the mode by name (class {@link Registers}), in a fixed order
 * @param memory bytes that differ from before, as runs in rising order of linear address
 */
public record Result(Stop stop, long instructions, Map<String, BigInteger> registers, List<Bytes> memory) {
    /**
     * Bytes at a linear address.
     *
     * @param address linear, of the first byte
     * @param bytes what is there now
     */
    public record Bytes(long address, byte[] bytes) {}

    /**
     * {@return the low 64 bits of a register}
     *
     * @param name as in {@link #registers}
     */
    public long register(String name) {
        BigInteger v = registers.get(name);
        if (v == null) throw new LabException("no register '" + name + "' in this result");
        return v.longValue();
    }
}
