package ringside.workbench.exec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import ringside.boot.BootException;
import ringside.boot.ElfFile;
import ringside.lab.Experiment;
import ringside.lab.LabException;
import ringside.lab.Mode;

/** One case as its fields, from options or a JSON object, and the {@link Experiment} it describes. */
public final class CaseSpec {
    private static final List<String> FIELDS = List.of(
            "name", "mode", "cpl", "at", "hex", "code", "asm", "elf", "map", "mem", "regs", "reg", "show", "until",
            "limit", "timeout", "deliver", "board", "memory", "engine", "cpu", "trace", "expect", "only");
    private static final java.util.Set<String> KNOWN = java.util.Set.copyOf(FIELDS);
    private static final java.util.regex.Pattern MAP =
            java.util.regex.Pattern.compile("([^:=]+):([^:=]+)(?:=(.+?))?(?::([rwx]*))?");
    private static final java.util.regex.Pattern COUNT =
            java.util.regex.Pattern.compile("(\\d[\\d_]*) *(i|instr|instructions?)");

    /** Most bytes of memory for an ELF program: more than any laboratory has. */
    private static final long MOST_PROGRAM = 1L << 31;

    public String mode;
    public Object cpl, at, until, limit, timeout, ram;
    public String hex, code, asm, elf, engine, cpu, board;
    public boolean deliver, trace;
    public final List<String> maps = new ArrayList<>();
    public final Map<Object, Object> memory = new LinkedHashMap<>();
    final Map<String, Object> registers = new LinkedHashMap<>();
    final List<String> shown = new ArrayList<>();
    /** What the answer has. */
    public Only only = Only.ALL;
    /** What the result should have; empty if nothing is said. */
    public Expectation expectation = Expectation.NONE;

    /** @throws LabException if a field is unknown or has the wrong type */
    public static CaseSpec of(Map<String, Object> json) {
        return of(json, new CaseSpec());
    }

    /**
     * @param standard what holds where the case says nothing: its fields, and its maps, bytes, registers and
     *     expectations beside those of the case
     */
    static CaseSpec of(Map<String, Object> json, CaseSpec standard) {
        for (String k : json.keySet()) {
            if (!KNOWN.contains(k))
                throw new LabException("unknown field '" + k + "'; known are " + String.join(", ", FIELDS));
        }
        CaseSpec c = new CaseSpec();
        c.mode = text(json, "mode", standard.mode);
        c.cpl = value(json, "cpl", standard.cpl);
        c.at = value(json, "at", standard.at);
        c.until = value(json, "until", standard.until);
        c.limit = value(json, "limit", standard.limit);
        c.timeout = value(json, "timeout", standard.timeout);
        c.ram = value(json, "memory", standard.ram);
        c.hex = text(json, "hex", null);
        c.code = text(json, "code", null);
        c.asm = text(json, "asm", null);
        c.elf = text(json, "elf", null);
        c.engine = text(json, "engine", standard.engine);
        c.cpu = text(json, "cpu", standard.cpu);
        c.board = text(json, "board", standard.board);
        c.deliver = flag(json, "deliver", standard.deliver);
        c.trace = flag(json, "trace", standard.trace);
        c.maps.addAll(standard.maps);
        c.addMaps(json.get("map"));
        c.memory.putAll(standard.memory);
        c.addMemory(json.get("mem"));
        c.registers.putAll(standard.registers);
        c.addRegisters("regs", json.get("regs"));
        c.addRegisters("reg", json.get("reg"));
        c.shown.addAll(standard.shown);
        c.addShown(json.get("show"));
        c.only = json.get("only") == null ? standard.only : Only.of(json.get("only"));
        c.expectation = json.get("expect") == null
                ? standard.expectation
                : standard.expectation.with(Expectation.of(json.get("expect")));
        return c;
    }

    public Expectation expectation() {
        return expectation;
    }

    private static Object value(Map<String, Object> json, String field, Object standard) {
        Object v = json.get(field);
        return v == null ? standard : v;
    }

    private static String text(Map<String, Object> json, String field, String standard) {
        Object v = value(json, field, standard);
        if (v == null || v instanceof String) return (String) v;
        throw new LabException(field + ": not a text");
    }

    private static boolean flag(Map<String, Object> json, String field, boolean standard) {
        if (value(json, field, standard) instanceof Boolean b) return b;
        throw new LabException(field + ": neither true nor false");
    }

    /** An object of names and values, or texts NAME=VALUE as the option has them. */
    private void addRegisters(String field, Object v) {
        if (v == null) return;
        if (v instanceof Map<?, ?> m) {
            m.forEach((k, x) -> registers.put(String.valueOf(k).toLowerCase(Locale.ROOT), x));
            return;
        }
        for (Object o : v instanceof List<?> l ? l : List.of(v)) {
            if (!(o instanceof String s))
                throw new LabException(
                        field + ": neither an object of names and values nor a text NAME=VALUE or a list of them");
            addRegister(field, s);
        }
    }

    public void addRegister(String what, String s) {
        registers.put(left(s, what).toLowerCase(Locale.ROOT), right(s));
    }

    /** @param v names of parts and registers, in a list or behind commas; null for everything */
    public void only(Object v) {
        only = Only.of(v);
    }

    /** Names, in a list or behind commas. */
    public void addShown(Object v) {
        if (v == null) return;
        for (Object o : v instanceof List<?> l ? l : List.of(v)) {
            if (!(o instanceof String s)) throw new LabException("show: not the name of a register, or a list of them");
            for (String n : s.split(",")) shown.add(n.strip());
        }
    }

    /** @return what is left of the '=' in an option's value */
    public static String left(String s, String what) {
        int i = s.indexOf('=');
        if (i < 0) throw new LabException(what + " '" + s + "': there is no '='");
        if (i == 0) throw new LabException(what + " '" + s + "': there is nothing before the '='");
        return s.substring(0, i).strip();
    }

    public static String right(String s) {
        return s.substring(s.indexOf('=') + 1);
    }

    private void addMaps(Object v) {
        if (v == null) return;
        for (Object o : v instanceof List<?> l ? l : List.of(v)) {
            if (!(o instanceof String s))
                throw new LabException("map: not a text ADDR:SIZE[=FILE][:rwx], or a list of them");
            maps.add(s);
        }
    }

    /** Either an object of addresses and bytes, or a list of objects with "at" and "hex", as results have it. */
    private void addMemory(Object v) {
        if (v == null) return;
        if (v instanceof Map<?, ?> m) {
            memory.putAll(m);
            return;
        }
        if (v instanceof List<?> l) {
            for (Object o : l) {
                if (!(o instanceof Map<?, ?> m) || m.size() != 2 || m.get("at") == null || m.get("hex") == null)
                    throw new LabException("mem: an entry is not {\"at\", \"hex\"}");
                memory.put(m.get("at"), m.get("hex"));
            }
            return;
        }
        throw new LabException("mem: neither an object of addresses and bytes nor a list of {\"at\", \"hex\"}");
    }

    // ---- experiment ----

    /** @throws LabException if a field makes no sense */
    public Experiment experiment() throws IOException, BootException {
        int given = (hex != null ? 1 : 0) + (code != null ? 1 : 0) + (asm != null ? 1 : 0) + (elf != null ? 1 : 0);
        // code may be in memory already; then nothing says where it ends
        boolean inMemory = given == 0 && until != null && !(memory.isEmpty() && maps.isEmpty());
        if (given != 1 && !inMemory) {
            throw new LabException(
                    given == 0
                            ? "no code: give one of hex, code, asm, elf, or memory that holds it and until"
                            : "give only one of hex, code, asm, elf");
        }
        ElfFile program = elf == null ? null : program(elf);
        Mode m = mode != null ? modeNamed(mode) : program != null && !program.is64() ? Mode.PROTECTED : Mode.LONG;
        if (program != null && program.is64() != (m == Mode.LONG)) {
            throw new LabException("elf: " + elf + " is a program of " + (program.is64() ? 64 : 32)
                    + " bits and cannot run in mode " + m.name().toLowerCase(Locale.ROOT));
        }
        Experiment e = new Experiment(m).pc(pc());
        if (cpl != null) e.cpl(Numbers.small(cpl, "cpl"));
        if (at != null) e.at(Numbers.number(at, "at"));
        for (String s : maps) addMap(e, s);
        if (program != null) {
            program(e, program);
        } else if (!inMemory) {
            byte[] bytes = codeBytes(e, m);
            if (bytes.length == 0)
                throw new LabException((hex != null ? "hex" : code != null ? "code: " + code : "asm")
                        + ": there is no instruction in it");
            e.code(bytes);
        }
        memory.forEach((a, b) -> e.write(Numbers.number(a, "mem"), Numbers.bytes(b, "mem")));
        registers.forEach((n, v) -> e.register(n, Numbers.integer(v, "register " + n)));
        for (String n : shown) e.show(n);
        for (String n : only.registers()) e.show(n);
        if (limit != null) e.limit(Numbers.number(limit, "limit"));
        if (until != null) end(e);
        return e.deliver(deliver);
    }

    /** @return whether it is a case for a whole PC */
    public boolean pc() {
        if (board == null || board.equals("none")) return false;
        if (board.equals("pc")) return true;
        throw new LabException("board '" + board + "' is neither none nor pc");
    }

    /** @return host milliseconds, or 0 for no end */
    public long milliseconds() {
        if (timeout == null) return 0;
        double seconds;
        try {
            seconds = timeout instanceof Number n ? n.doubleValue() : Double.parseDouble(String.valueOf(timeout));
        } catch (NumberFormatException e) {
            throw new LabException("timeout: '" + Numbers.shown(timeout) + "' is not a number of seconds");
        }
        if (!(seconds > 0)) throw new LabException("timeout: it must be greater than 0");
        return Math.clamp((long) (seconds * 1000), 1, 1L << 40);
    }

    /** @return MiB of RAM */
    public int mebibytes() {
        if (ram == null) return 32;
        long n = Numbers.number(ram, "memory");
        if (n < 4 || n > 2048) throw new LabException("memory (--memory) must be from 4 to 2048 MiB");
        return (int) n;
    }

    private static Mode modeNamed(String s) {
        return switch (s.toLowerCase(Locale.ROOT)) {
            case "long" -> Mode.LONG;
            case "compat" -> Mode.COMPAT;
            case "protected" -> Mode.PROTECTED;
            case "real" -> Mode.REAL;
            default -> throw new LabException("mode '" + s + "' is none of long, compat, protected, real");
        };
    }

    private byte[] codeBytes(Experiment e, Mode m) throws IOException {
        if (hex != null) return Numbers.bytes(hex, "hex");
        if (code != null) return file("code", code);
        return Assembler.assemble(asm, m, e.start());
    }

    private static byte[] file(String what, String name) throws IOException {
        Path p = path(what, name);
        if (Files.isDirectory(p)) throw new LabException(name + " is a directory");
        if (!Files.exists(p)) throw new LabException(name + ": no such file");
        return Files.readAllBytes(p);
    }

    private static Path path(String what, String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new LabException(what + ": '" + name + "' is not a file's name");
        }
    }

    private static ElfFile program(String name) throws IOException, BootException {
        ElfFile f = ElfFile.read(path("elf", name));
        if (f.interpreter() != null) {
            throw new LabException("elf: " + name + " is linked dynamically and needs " + f.interpreter()
                    + ", which is not here; link it with -static");
        }
        return f;
    }

    /** ADDR:SIZE[=FILE][:rwx]; the file's bytes are put at the start of the region. */
    private static void addMap(Experiment e, String s) throws IOException {
        java.util.regex.Matcher m = MAP.matcher(s);
        if (!m.matches()) throw new LabException("map: '" + s + "' is not ADDR:SIZE[=FILE][:rwx]");
        long address = Numbers.number(m.group(1), "map");
        long size = Numbers.number(m.group(2), "map");
        e.map(address, size, m.group(4) == null ? "rwx" : m.group(4));
        if (m.group(3) != null) {
            byte[] b = file("map", m.group(3));
            if (b.length > size)
                throw new LabException(
                        "map: " + m.group(3) + " has " + b.length + " bytes, more than the " + size + " of its region");
            e.write(address, b);
        }
    }

    private void program(Experiment e, ElfFile f) throws BootException {
        java.util.TreeMap<Long, String> pages = new java.util.TreeMap<>();
        for (ElfFile.Segment s : f.segments()) {
            long first = s.virtual() & -4096L;
            long count = Long.compareUnsigned(s.memorySize(), MOST_PROGRAM) > 0
                    ? Long.MAX_VALUE
                    : s.memorySize() + (s.virtual() - first) + 4095 >> 12;
            if (count > (MOST_PROGRAM >> 12) - pages.size())
                throw new LabException("elf: segment of " + Long.toUnsignedString(s.memorySize()) + " bytes");
            String rights = "r" + (s.writable() ? "w" : "") + (s.executable() ? "x" : "");
            for (long i = 0; i < count; i++) {
                pages.merge(
                        first + (i << 12),
                        rights,
                        (a, b) -> "r" + (a.contains("w") || b.contains("w") ? "w" : "")
                                + (a.contains("x") || b.contains("x") ? "x" : ""));
            }
        }
        if (!pc()) pages.forEach((p, rights) -> e.map(p, 4096, rights));
        for (ElfFile.Segment s : f.segments()) e.write(s.virtual(), f.contents(s));
        if (at == null) e.at(f.entry());
        e.untilHlt();
    }

    private void end(Experiment e) {
        if (until instanceof String s) {
            if (s.equalsIgnoreCase("hlt")) {
                e.untilHlt();
                return;
            }
            java.util.regex.Matcher m = COUNT.matcher(s);
            if (m.matches()) {
                long n = Numbers.number(m.group(1), "until");
                e.untilCount(n);
                if (limit == null) e.limit(n);
                return;
            }
        }
        try {
            e.until(Numbers.number(until, "until"));
        } catch (LabException x) {
            throw new LabException(
                    "until: '" + Numbers.shown(until) + "' is none of an address, hlt, and 'N instructions'");
        }
    }
}
