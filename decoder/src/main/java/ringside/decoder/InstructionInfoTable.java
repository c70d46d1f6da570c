package ringside.decoder;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import ringside.decoder.InstructionInfo.Unit;

/** Reads {@link InstructionFacts} and finds an instruction's line. */
final class InstructionInfoTable {
    private static final String[] CONDITIONS = {
        "O", "NO", "B", "AE", "E", "NE", "BE", "A", "S", "NS", "P", "NP", "L", "GE", "LE", "G"
    };
    private static final List<String> REGISTERS =
            List.of("RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11");

    /** What one line says. */
    static final class Line {
        final Unit unit;
        final List<String> conditions = new ArrayList<>();
        InstructionInfo.Flow flow = InstructionInfo.Flow.NEXT;
        InstructionInfo.Stack stack = InstructionInfo.Stack.NONE;
        InstructionInfo.Privilege privilege = InstructionInfo.Privilege.USER;
        int accesses, registersRead, registersWritten, registersMaybe;
        int flagsRead, flagsWritten, flagsMaybe, flagsUndefined;
        boolean flagsOfCondition, traps, memoryRead, memoryWritten;

        Line(Unit unit) {
            this.unit = unit;
        }
    }

    /** A line as it holds for one mnemonic. */
    private record Entry(List<String> conditions, InstructionInfo info) {
        boolean holds(Instruction in) {
            for (String c : conditions) {
                if (!InstructionInfoTable.holds(c, in)) return false;
            }
            return true;
        }
    }

    private static final Entry[][] ENTRIES = new Entry[Mnemonic.values().length][];
    /** By the first mnemonic of a family: its sixteen. */
    private static final Map<Mnemonic, Mnemonic[]> FAMILIES = new EnumMap<>(Mnemonic.class);

    static {
        read(Unit.INTEGER, InstructionFacts.INTEGER);
        read(Unit.SYSTEM, InstructionFacts.SYSTEM);
        read(Unit.X87, InstructionFacts.X87);
        read(Unit.SIMD, InstructionFacts.SIMD);
        read(Unit.SHA, InstructionFacts.SHA);
        read(Unit.VEX, InstructionFacts.VEX);
        read(Unit.MASK, InstructionFacts.MASK);
        for (Mnemonic m : Mnemonic.values()) {
            Entry[] e = ENTRIES[m.ordinal()];
            if (e == null || !e[e.length - 1].conditions.isEmpty())
                throw new IllegalStateException("no general line for " + m);
        }
    }

    private InstructionInfoTable() {}

    static InstructionInfo find(Instruction in) {
        for (Entry e : ENTRIES[in.mnemonic.ordinal()]) {
            if (e.holds(in)) return e.info;
        }
        throw new AssertionError(in.mnemonic);
    }

    static InstructionInfo general(Mnemonic m) {
        Entry[] e = ENTRIES[m.ordinal()];
        return e[e.length - 1].info;
    }

    static Mnemonic relative(Mnemonic m, int condition) {
        return FAMILIES.get(m)[condition];
    }

    private static boolean holds(String condition, Instruction in) {
        return switch (condition) {
            case "n0", "n1", "n2", "n3" -> in.operandCount == condition.charAt(1) - '0';
            case "s1", "s2" -> in.size[0] == condition.charAt(1) - '0';
            case "narrow" -> in.size[0] < 4;
            case "cr" -> control(in.kind[0]) || control(in.kind[1]);
            case "m" -> in.memoryOperand() >= 0;
            case "store" -> in.kind[0] == Instruction.MEM;
            case "rep" -> in.has(Instruction.REP) || in.has(Instruction.REPNE);
            default -> throw new IllegalArgumentException("condition " + condition);
        };
    }

    private static boolean control(byte kind) {
        return kind == Instruction.CONTROL || kind == Instruction.DEBUG;
    }

    /** Reads a text; a line that ends in a comma goes on in the next. */
    private static void read(Unit unit, String text) {
        text.replace(",\n", ",").lines().filter(l -> !l.isBlank()).forEach(l -> read(unit, l.split(" ")));
    }

    private static void read(Unit unit, String[] words) {
        Line line = new Line(unit);
        for (int w = 1; w < words.length; w++) word(line, words[w]);
        for (String name : words[0].split(",")) {
            if (name.endsWith("cc")) {
                family(name.substring(0, name.length() - 2), line);
            } else {
                add(Mnemonic.valueOf(name), line, -1);
            }
        }
    }

    private static void family(String stem, Line line) {
        Mnemonic[] family = new Mnemonic[16];
        for (int c = 0; c < 16; c++) {
            family[c] = Mnemonic.valueOf(stem + CONDITIONS[c]);
            FAMILIES.put(family[c], family);
            add(family[c], line, c);
        }
    }

    private static void add(Mnemonic m, Line line, int condition) {
        Entry[] old = ENTRIES[m.ordinal()];
        int n = old == null ? 0 : old.length;
        if (n > 0 && old[n - 1].conditions.isEmpty()) throw new IllegalStateException("line never reached: " + m);
        Entry[] entries = new Entry[n + 1];
        if (n > 0) System.arraycopy(old, 0, entries, 0, n);
        entries[n] = new Entry(List.copyOf(line.conditions), new InstructionInfo(line, condition));
        ENTRIES[m.ordinal()] = entries;
    }

    private static void word(Line line, String word) {
        if (word.startsWith("f")) {
            if (flags(line, word)) return;
        }
        if (word.startsWith("<>")) {
            line.registersRead |= register(word.substring(2));
            line.registersWritten |= register(word.substring(2));
        } else if (word.startsWith("<")) {
            line.registersRead |= register(word.substring(1));
        } else if (word.startsWith(">?")) {
            line.registersMaybe |= register(word.substring(2));
        } else if (word.startsWith(">")) {
            line.registersWritten |= register(word.substring(1));
        } else if (word.matches("(r|w|rw|c|rc|a|-)(,(r|w|rw|c|rc|a|-))*")) {
            String[] operands = word.split(",");
            for (int k = 0; k < operands.length; k++) line.accesses |= access(operands[k]) << 4 * k;
        } else {
            name(line, word);
        }
    }

    private static int access(String letters) {
        return switch (letters) {
            case "r" -> InstructionInfo.READ;
            case "w" -> InstructionInfo.WRITE;
            case "rw" -> InstructionInfo.READ | InstructionInfo.WRITE;
            case "c" -> InstructionInfo.WRITE | InstructionInfo.MAYBE;
            case "rc" -> InstructionInfo.READ | InstructionInfo.WRITE | InstructionInfo.MAYBE;
            case "a" -> InstructionInfo.ADDRESS;
            default -> 0;
        };
    }

    private static int register(String name) {
        return 1 << REGISTERS.indexOf(name);
    }

    /** @return whether the word is about flags */
    private static boolean flags(Line line, String word) {
        if (word.equals("f<cc")) {
            line.flagsOfCondition = true;
            return true;
        }
        switch (word.charAt(1)) {
            case '<' -> line.flagsRead = set(word);
            case '>' -> line.flagsWritten = set(word);
            case '~' -> line.flagsMaybe = set(word);
            case '?' -> line.flagsUndefined = set(word);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static int set(String word) {
        int set = 0;
        for (char c : word.substring(2).toCharArray()) {
            set |= switch (c) {
                case 'O' -> InstructionInfo.OF;
                case 'S' -> InstructionInfo.SF;
                case 'Z' -> InstructionInfo.ZF;
                case 'A' -> InstructionInfo.AF;
                case 'P' -> InstructionInfo.PF;
                case 'C' -> InstructionInfo.CF;
                case 'D' -> InstructionInfo.DF;
                case 'I' -> InstructionInfo.IF | InstructionInfo.IOPL;
                case 'T' -> InstructionInfo.TF;
                case 'a' -> InstructionInfo.AC;
                default -> throw new IllegalArgumentException("flag " + c);
            };
        }
        return set;
    }

    private static void name(Line line, String word) {
        switch (word) {
            case "traps" -> line.traps = true;
            case "m<" -> line.memoryRead = true;
            case "m>" -> line.memoryWritten = true;
            case "kernel", "io" -> line.privilege = InstructionInfo.Privilege.valueOf(word.toUpperCase(Locale.ROOT));
            case "push", "pop", "push_all", "pop_all", "enter", "leave" ->
                line.stack = InstructionInfo.Stack.valueOf(word.toUpperCase(Locale.ROOT));
            case "jump",
                    "conditional_jump",
                    "loop",
                    "call",
                    "return",
                    "far_jump",
                    "far_call",
                    "far_return",
                    "interrupt",
                    "interrupt_return",
                    "system_call",
                    "system_return",
                    "halt",
                    "exception",
                    "transaction",
                    "hypervisor" -> line.flow = InstructionInfo.Flow.valueOf(word.toUpperCase(Locale.ROOT));
            default -> line.conditions.add(word);
        }
    }
}
