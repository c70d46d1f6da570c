package ringside.decoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import ringside.decoder.OpcodeNode.Property;

/**
 * Builds the 256 {@link OpcodeNode}s of an opcode map from its text. A line is
 *
 * <pre>{@code OPCODE[-LAST][/REG[.RM]] [conditions] MNEMONIC [operands] [attributes]}</pre>
 *
 * <ul>
 * <li>{@code /REG.RM} is the register form (mod 3) with that rm.
 * <li>Conditions: {@code i64} not in 64-bit mode, {@code o64} only there; {@code np 66 f3 f2} mandatory prefix;
 *     {@code m}, {@code r} memory or register form; {@code s16 s32 s64} operand size; {@code W0 W1} and, counted as 0
 *     outside 64-bit mode, {@code w0 w1}; {@code L0 L1} vector length; {@code B1} REX.B. Operands {@code M..} imply
 *     {@code m}; {@code R..}, {@code U..} and {@code N..} imply {@code r}.
 * <li>A mnemonic that ends in {@code cc} gets the condition of the opcode; INVALID names an invalid encoding.
 * <li>Alternatives with {@code |} in condition, mnemonic and operands belong together by position and stand for that
 *     many lines.
 * <li>The first line that matches wins. What no line matches is invalid.
 * </ul>
 */
final class OpcodeTable {
    private static final String[] CONDITIONS = {
        "O", "NO", "B", "AE", "E", "NE", "BE", "A", "S", "NS", "P", "NP", "L", "GE", "LE", "G"
    };
    private static final List<String> PREFIXES = List.of("np", "66", "f3", "f2");
    private static final OperandSpec[] NO_OPERANDS = {};

    /** A form with the property values it wants, -1 where it does not care. */
    private record Line(OpcodeForm form, int[] wanted, boolean usesModrm) {
        boolean cares(Property property) {
            return wanted[property.ordinal()] >= 0;
        }

        boolean matches(Property property, int value) {
            return !cares(property) || wanted[property.ordinal()] == value;
        }
    }

    private final List<List<Line>> lines = new ArrayList<>();

    private OpcodeTable() {
        for (int i = 0; i < 256; i++) lines.add(new ArrayList<>());
    }

    static OpcodeNode[] parse(String... texts) {
        OpcodeTable table = new OpcodeTable();
        for (String text : texts) text.lines().filter(line -> !line.isBlank()).forEach(table::addAlternatives);
        OpcodeNode[] nodes = new OpcodeNode[256];
        for (int opcode = 0; opcode < 256; opcode++) nodes[opcode] = table.node(opcode);
        return nodes;
    }

    private void addAlternatives(String line) {
        String[] words = line.strip().split(" +");
        int count = 1;
        for (String word : words) count = Math.max(count, word.split("\\|").length);
        for (int i = 0; i < count; i++) {
            String[] chosen = new String[words.length];
            for (int w = 0; w < words.length; w++) {
                String[] alternatives = words[w].split("\\|");
                chosen[w] = alternatives.length == 1 ? words[w] : alternatives[i];
            }
            add(chosen);
        }
    }

    private void add(String[] words) {
        int[] wanted = new int[Property.values().length];
        Arrays.fill(wanted, -1);
        String opcodes = words[0];
        int slash = opcodes.indexOf('/');
        if (slash >= 0) {
            wantModrm(opcodes.substring(slash + 1), wanted);
            opcodes = opcodes.substring(0, slash);
        }
        int next = 1;
        while (want(words[next], wanted)) next++;
        String mnemonic = words[next++];
        OperandSpec[] operands = NO_OPERANDS;
        if (next < words.length && OpcodeForm.attribute(words[next]) == 0) operands = operands(words[next++], wanted);
        int attributes = 0;
        while (next < words.length) attributes |= OpcodeForm.attribute(words[next++]);
        if ((attributes & OpcodeForm.IGNORES_MOD) != 0) wanted[Property.MOD.ordinal()] = -1;
        int first = Integer.parseInt(opcodes.substring(0, 2), 16);
        int last = opcodes.length() > 2 ? Integer.parseInt(opcodes.substring(3), 16) : first;
        for (int opcode = first; opcode <= last; opcode++) {
            lines.get(opcode).add(line(name(mnemonic, opcode), operands, attributes, wanted));
        }
    }

    private static Line line(Mnemonic mnemonic, OperandSpec[] operands, int attributes, int[] wanted) {
        boolean consumes66 = wanted[Property.MANDATORY_PREFIX.ordinal()] == 1;
        boolean usesModrm = wanted[Property.MOD.ordinal()] >= 0 || wanted[Property.REG.ordinal()] >= 0;
        for (OperandSpec operand : operands) usesModrm |= operand.usesModrm();
        OpcodeForm form =
                mnemonic == Mnemonic.INVALID ? null : new OpcodeForm(mnemonic, operands, attributes, consumes66);
        return new Line(form, wanted, usesModrm);
    }

    private static Mnemonic name(String mnemonic, int opcode) {
        if (!mnemonic.endsWith("cc")) return Mnemonic.valueOf(mnemonic);
        return Mnemonic.valueOf(mnemonic.substring(0, mnemonic.length() - 2) + CONDITIONS[opcode & 15]);
    }

    private static OperandSpec[] operands(String text, int[] wanted) {
        String[] names = text.split(",");
        OperandSpec[] operands = new OperandSpec[names.length];
        for (int i = 0; i < names.length; i++) {
            operands[i] = OperandSpec.parse(names[i]);
            if (names[i].contains("/")) continue;
            switch (names[i].charAt(0)) {
                case 'M' -> wanted[Property.MOD.ordinal()] = 0;
                case 'R', 'U', 'N' -> wanted[Property.MOD.ordinal()] = 1;
                default -> {}
            }
        }
        return operands;
    }

    private static void wantModrm(String text, int[] wanted) {
        wanted[Property.REG.ordinal()] = text.charAt(0) - '0';
        if (text.length() > 1) {
            wanted[Property.MOD.ordinal()] = 1;
            wanted[Property.RM.ordinal()] = text.charAt(2) - '0';
        }
    }

    /** @return whether the word is a condition */
    private static boolean want(String word, int[] wanted) {
        Property property = switch (word) {
            case "i64", "o64" -> Property.MODE_64;
            case "np", "66", "f3", "f2" -> Property.MANDATORY_PREFIX;
            case "B1" -> Property.REX_B;
            case "m", "r" -> Property.MOD;
            case "s16", "s32", "s64" -> Property.OPERAND_SIZE;
            case "W0", "W1" -> Property.W;
            case "w0", "w1" -> Property.WIDE;
            case "L0", "L1" -> Property.L;
            default -> null;
        };
        if (property == null) return false;
        wanted[property.ordinal()] = switch (property) {
            case MANDATORY_PREFIX -> PREFIXES.indexOf(word);
            case OPERAND_SIZE -> Integer.parseInt(word.substring(1)) / 32;
            case MODE_64 -> word.equals("o64") ? 1 : 0;
            case MOD -> word.equals("r") ? 1 : 0;
            default -> word.charAt(1) - '0';
        };
        return true;
    }

    private OpcodeNode node(int opcode) {
        List<Line> candidates = lines.get(opcode);
        if (candidates.isEmpty()) return null;
        boolean hasModrm = candidates.stream().anyMatch(Line::usesModrm);
        return node(candidates, 0, hasModrm);
    }

    private static OpcodeNode node(List<Line> candidates, int firstProperty, boolean hasModrm) {
        Property[] properties = Property.values();
        for (int p = firstProperty; p < properties.length; p++) {
            Property property = properties[p];
            if (candidates.stream().noneMatch(line -> line.cares(property))) continue;
            OpcodeNode[] children = new OpcodeNode[property.values];
            for (int value = 0; value < children.length; value++) {
                int v = value;
                children[value] = node(
                        candidates.stream()
                                .filter(line -> line.matches(property, v))
                                .toList(),
                        p + 1,
                        hasModrm);
            }
            return new OpcodeNode(property, children, hasModrm);
        }
        return new OpcodeNode(candidates.isEmpty() ? null : candidates.getFirst().form, hasModrm);
    }
}
