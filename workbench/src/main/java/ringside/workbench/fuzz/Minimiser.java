package ringside.workbench.fuzz;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.lab.Mode;

/**
 * Makes a case that differs smaller, as long as it differs: instructions go first, then registers, memory and mappings,
 * then prefixes, operands, immediates and displacements of the instructions that are left, and bits of the values that
 * are left. Repeated until nothing more goes, or the time is over.
 */
public final class Minimiser {
    private static final byte NOP = (byte) 0x90, HLT = (byte) 0xf4;
    private static final int ROUNDS = 4;

    private final Predicate<Map<String, Object>> differs;
    /** System.nanoTime() at which to be content with what there is. */
    private final long end;

    private Map<String, Object> best;

    /** @param differs whether a case still shows the difference @param seconds most host time to take */
    public Minimiser(Predicate<Map<String, Object>> differs, double seconds) {
        this.differs = differs;
        end = System.nanoTime() + (long) (seconds * 1e9);
    }

    /** @return a case that differs and is as small as was found */
    public Map<String, Object> minimise(Map<String, Object> fields) {
        best = fields;
        withoutInstructions();
        withoutInstructions(); // what an instruction that has gone now needed
        for (String field : new String[] {"mem", "deliver"}) drop(field);
        Map<String, Object> before = null;
        for (int round = 0; round < ROUNDS && !best.equals(before); round++) {
            before = best;
            if (round > 0) withoutInstructions();
            shorterCode();
            for (String n : new ArrayList<>(object("regs").keySet())) without("regs", n);
            for (String a : new ArrayList<>(object("mem").keySet())) without("mem", a);
            maps();
            if (code() != null) simplerInstructions();
            for (String n : new ArrayList<>(object("regs").keySet())) simplerRegister(n);
            for (String a : new ArrayList<>(object("mem").keySet())) simplerMemory(a);
        }
        return best;
    }

    private boolean accept(Map<String, Object> smaller) {
        if (System.nanoTime() - end > 0 || !differs.test(smaller)) return false;
        best = smaller;
        return true;
    }

    private boolean with(String field, Object value) {
        Map<String, Object> c = new LinkedHashMap<>(best);
        c.put(field, value);
        return accept(c);
    }

    private void drop(String field) {
        Map<String, Object> c = new LinkedHashMap<>(best);
        if (c.remove(field) != null) accept(c);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> object(String field) {
        return best.get(field) instanceof Map<?, ?> m ? (Map<String, Object>) m : Map.of();
    }

    /** Leaves one member of an object out. */
    private void without(String field, String name) {
        Map<String, Object> o = new LinkedHashMap<>(object(field));
        o.remove(name);
        with(field, o);
    }

    private void maps() {
        if (!(best.get("map") instanceof List<?> all)) return;
        for (Object o : all) {
            List<Object> rest = new ArrayList<>((List<?>) best.get("map"));
            rest.remove(o);
            with("map", rest);
        }
    }

    // ---- code ----

    private byte[] code() {
        return best.get("hex") instanceof String s ? HexFormat.of().parseHex(s) : null;
    }

    private boolean withCode(byte[] code) {
        return with("hex", HexFormat.of().formatHex(code));
    }

    private int bits() {
        Object mode = best.get("mode");
        return mode == null
                ? 64
                : Mode.valueOf(mode.toString().toUpperCase(Locale.ROOT)).bits();
    }

    private Instruction at(byte[] code, int at) {
        Instruction i = new Instruction();
        return Decoder.decode(code, at, Math.min(code.length, at + Instruction.MAX_LENGTH), bits(), i) > 0 ? i : null;
    }

    private void withoutInstructions() {
        byte[] code = code();
        for (int at = 0; code != null && at < code.length; ) {
            Instruction i = at(code, at);
            int n = i == null ? 1 : i.length;
            if (code[at] != HLT && code[at] != NOP) {
                byte[] smaller = code.clone();
                Arrays.fill(smaller, at, at + n, NOP);
                if (withCode(smaller)) code = smaller;
            }
            at += n;
        }
    }

    /** Takes NOPs out, the first ones first, and all but one HLT at the end. */
    private void shorterCode() {
        byte[] code = code();
        if (code == null) return;
        int end = code.length;
        while (end > 1 && code[end - 1] == HLT && code[end - 2] == HLT) end--;
        if (end < code.length && withCode(Arrays.copyOf(code, end))) code = code();
        byte[] dense = new byte[code.length];
        int n = 0;
        for (int at = 0; at < code.length; ) {
            Instruction i = at(code, at);
            int length = i == null ? 1 : i.length;
            if (code[at] != NOP) {
                System.arraycopy(code, at, dense, n, length);
                n += length;
            }
            at += length;
        }
        if (n == code.length || withCode(Arrays.copyOf(dense, n))) return;
        for (int at = 0; at < code.length; at++) {
            if (code[at] == NOP && withCode(cut(code, at))) code = cut(code, at--);
        }
    }

    private static byte[] cut(byte[] code, int at) {
        byte[] c = Arrays.copyOf(code, code.length - 1);
        System.arraycopy(code, at + 1, c, at, c.length - at);
        return c;
    }

    private static boolean prefix(int b, int bits) {
        return switch (b) {
            case 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65 -> true;
            default -> bits == 64 && b >= 0x40 && b < 0x50;
        };
    }

    /**
     * Drops prefixes, then zeroes what is behind the opcode, and single bits of it, as long as the instruction keeps
     * its name and length.
     */
    private void simplerInstructions() {
        for (int at = 0; at < code().length; at++) {
            byte[] code = code();
            Instruction i = at(code, at);
            if (i == null || code[at] == HLT || code[at] == NOP) continue;
            for (int k = at; k < at + i.length && prefix(code[k] & 0xff, bits()); ) {
                byte[] shorter = cut(code, k);
                Instruction s = at(shorter, at);
                if (s != null && s.mnemonic == i.mnemonic && withCode(shorter)) {
                    code = shorter;
                    i = s;
                } else {
                    k++;
                }
            }
            for (int k = at + 1; k < at + i.length; k++) { // a whole displacement or immediate
                byte[] c = code.clone();
                Arrays.fill(c, k, at + i.length, (byte) 0);
                if (same(c, at, i)) code = c;
            }
            for (int k = at + i.length - 1; k > at; k--) {
                for (int bit = 0x80; bit != 0 && code[k] != 0; bit >>= 1) {
                    byte[] c = code.clone();
                    c[k] &= (byte) ~bit;
                    if (same(c, at, i)) code = c;
                }
            }
            at += i.length - 1;
        }
    }

    /**
     * Takes a code that has the same instruction at {@code at} but for its operands, if it differs; a register does not
     * become memory.
     * @return whether it was taken
     */
    private boolean same(byte[] c, int at, Instruction i) {
        Instruction s = at(c, at);
        boolean kept = s != null
                && s.mnemonic == i.mnemonic
                && s.length == i.length
                && s.opcode == i.opcode
                && (s.memoryOperand() < 0 || i.memoryOperand() >= 0);
        return kept && !Arrays.equals(c, code()) && withCode(c);
    }

    // ---- values ----

    /** Small numbers first, then parts of the value zeroed, from halves down to single bits. */
    private void simplerRegister(String name) {
        BigInteger v = number(object("regs").get(name));
        if (v == null || v.signum() <= 0) return;
        for (int small = 0; small < 3; small++) {
            BigInteger s = BigInteger.valueOf(small);
            if (s.compareTo(v) < 0 && withRegister(name, s)) return;
        }
        for (int width = Integer.highestOneBit(v.bitLength()); width > 0; width >>= 1) {
            for (int at = (v.bitLength() - 1) / width * width; at >= 0; at -= width) {
                BigInteger mask =
                        BigInteger.ONE.shiftLeft(width).subtract(BigInteger.ONE).shiftLeft(at);
                BigInteger s = v.andNot(mask);
                if (!s.equals(v) && withRegister(name, s)) v = s;
            }
        }
    }

    private static BigInteger number(Object v) {
        if (v instanceof Number n) return BigInteger.valueOf(n.longValue());
        return v instanceof String s && s.startsWith("0x") ? new BigInteger(s.substring(2), 16) : null;
    }

    private boolean withRegister(String name, BigInteger v) {
        Map<String, Object> o = new LinkedHashMap<>(object("regs"));
        o.put(name, "0x" + v.toString(16));
        return with("regs", o);
    }

    /**
     * Zeroes parts of the bytes at an address, from halves down to single bytes, and leaves zeroes at their end out.
     */
    private void simplerMemory(String address) {
        if (!(object("mem").get(address) instanceof String hex) || hex.isEmpty()) return;
        byte[] b = HexFormat.of().parseHex(hex);
        for (int width = Integer.highestOneBit(b.length); width > 0; width >>= 1) {
            for (int at = 0; at < b.length; at += width) {
                byte[] c = b.clone();
                Arrays.fill(c, at, Math.min(b.length, at + width), (byte) 0);
                if (!Arrays.equals(b, c) && withMemory(address, c)) b = c;
            }
        }
        int n = b.length;
        while (n > 1 && b[n - 1] == 0) n--;
        if (n < b.length) withMemory(address, Arrays.copyOf(b, n));
    }

    private boolean withMemory(String address, byte[] b) {
        Map<String, Object> o = new LinkedHashMap<>(object("mem"));
        o.put(address, HexFormat.of().formatHex(b));
        return with("mem", o);
    }
}
