package ringside.cli.exec;

import java.io.IOException;
import java.math.BigInteger;
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
    private static final List<String> FIELDS = List.of("name", "mode", "cpl", "at", "hex", "code", "asm", "elf", "map", "mem", "regs", "until", "limit", "deliver", "board", "engine", "cpu", "expect");

    String mode;
    Object cpl, at, until, limit;
    String hex, code, asm, elf, engine, cpu, board;
    boolean deliver;
    final List<String> maps = new ArrayList<>();
    final Map<Object, Object> memory = new LinkedHashMap<>();
    final Map<String, Object> registers = new LinkedHashMap<>();
    /** What the result should have; empty if nothing is said. */
    Expectation expectation = Expectation.NONE;

    /** @throws LabException if a field is unknown or has the wrong type */
    public static CaseSpec of(Map<String, Object> json) {
        for (String k : json.keySet()) {
            if (!FIELDS.contains(k)) throw new LabException("unknown field '" + k + "'; known are " + String.join(", ", FIELDS));
        }
        CaseSpec c = new CaseSpec();
        c.mode = text(json, "mode");
        c.cpl = json.get("cpl");
        c.at = json.get("at");
        c.until = json.get("until");
        c.limit = json.get("limit");
        c.hex = text(json, "hex");
        c.code = text(json, "code");
        c.asm = text(json, "asm");
        c.elf = text(json, "elf");
        c.engine = text(json, "engine");
        c.cpu = text(json, "cpu");
        c.board = text(json, "board");
        Object d = json.getOrDefault("deliver", false);
        if (!(d instanceof Boolean b)) throw new LabException("deliver: neither true nor false");
        c.deliver = b;
        c.addMaps(json.get("map"));
        c.addMemory(json.get("mem"));
        Object regs = json.getOrDefault("regs", Map.of());
        if (!(regs instanceof Map<?, ?> m)) throw new LabException("regs: not an object of names and values");
        m.forEach((k, v) -> c.registers.put(String.valueOf(k), v));
        if (json.get("expect") != null) c.expectation = Expectation.of(json.get("expect"));
        return c;
    }

    public Expectation expectation() {
        return expectation;
    }

    private static String text(Map<String, Object> json, String field) {
        Object v = json.get(field);
        if (v == null || v instanceof String) return (String) v;
        throw new LabException(field + ": not a text");
    }

    private void addMaps(Object v) {
        if (v == null) return;
        for (Object o : v instanceof List<?> l ? l : List.of(v)) {
            if (!(o instanceof String s)) throw new LabException("map: not a text ADDR:SIZE[=FILE][:rwx], or a list of them");
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
                if (!(o instanceof Map<?, ?> m) || m.get("at") == null) throw new LabException("mem: an entry has no 'at' and 'hex'");
                memory.put(m.get("at"), m.get("hex"));
            }
            return;
        }
        throw new LabException("mem: neither an object of addresses and bytes nor a list of {\"at\", \"hex\"}");
    }

    // ---- experiment ----

    /** @throws LabException if a field makes no sense */
    public Experiment experiment() throws IOException, BootException {
        long given = java.util.stream.Stream.of(hex, code, asm, elf).filter(java.util.Objects::nonNull).count();
        // code may be in memory already; then nothing says where it ends
        boolean inMemory = given == 0 && until != null && !(memory.isEmpty() && maps.isEmpty());
        if (given != 1 && !inMemory) {
            throw new LabException(given == 0 ? "no code: give one of hex, code, asm, elf, or memory that holds it and until" : "give only one of hex, code, asm, elf");
        }
        ElfFile program = elf == null ? null : program(elf);
        Mode m = mode != null ? modeNamed(mode) : program != null && !program.is64() ? Mode.PROTECTED : Mode.LONG;
        if (program != null && program.is64() != (m == Mode.LONG)) {
            throw new LabException("elf: " + elf + " is a program of " + (program.is64() ? 64 : 32) + " bits and cannot run in mode " + m.name().toLowerCase(Locale.ROOT));
        }
        Experiment e = new Experiment(m).pc(pc());
        if (cpl != null) e.cpl(Numbers.small(cpl, "cpl"));
        if (at != null) e.at(Numbers.number(at, "at"));
        for (String s : maps) addMap(e, s);
        if (program != null) {
            program(e, program);
        } else if (!inMemory) {
            byte[] bytes = codeBytes(e, m);
            if (bytes.length == 0) throw new LabException((hex != null ? "hex" : code != null ? "code: " + code : "asm") + ": there is no instruction in it");
            e.code(bytes);
        }
        memory.forEach((a, b) -> e.write(Numbers.number(a, "mem"), Numbers.bytes(b, "mem")));
        registers.forEach((n, v) -> e.register(n, registerValue(n, v)));
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

    private static BigInteger registerValue(String name, Object v) {
        return Numbers.integer(v, "register " + name);
    }

    private static Mode modeNamed(String s) {
        try {
            return Mode.valueOf(s.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException x) {
            throw new LabException("mode '" + s + "' is none of long, compat, protected, real");
        }
    }

    private byte[] codeBytes(Experiment e, Mode m) throws IOException {
        if (hex != null) return Numbers.bytes(hex, "hex");
        if (code != null) return file("code", code);
        return Assembler.assemble(asm, m, e.start());
    }

    private static byte[] file(String what, String name) throws IOException {
        Path p = path(what, name);
        if (Files.isDirectory(p)) throw new LabException(name + " is a directory");
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
            throw new LabException("elf: " + name + " is linked dynamically and needs " + f.interpreter() + ", which is not here; link it with -static");
        }
        return f;
    }

    /** ADDR:SIZE[=FILE][:rwx]; the file's bytes are put at the start of the region. */
    private static void addMap(Experiment e, String s) throws IOException {
        java.util.regex.Matcher m = java.util.regex.Pattern.compile("([^:=]+):([^:=]+)(?:=(.+?))?(?::([rwx]*))?").matcher(s);
        if (!m.matches()) throw new LabException("map: '" + s + "' is not ADDR:SIZE[=FILE][:rwx]");
        long address = Numbers.number(m.group(1), "map");
        long size = Numbers.number(m.group(2), "map");
        e.map(address, size, m.group(4) == null ? "rwx" : m.group(4));
        if (m.group(3) != null) {
            byte[] b = file("map", m.group(3));
            if (b.length > size) throw new LabException("map: " + m.group(3) + " has " + b.length + " bytes, more than the " + size + " of its region");
            e.write(address, b);
        }
    }

    private void program(Experiment e, ElfFile f) throws BootException {
        java.util.TreeMap<Long, String> pages = new java.util.TreeMap<>();
        for (ElfFile.Segment s : f.segments()) {
            if (s.memorySize() > 1L << 31) throw new LabException("elf: segment of " + s.memorySize() + " bytes");
            String rights = "r" + (s.writable() ? "w" : "") + (s.executable() ? "x" : "");
            for (long p = s.virtual() & -4096L; p < s.virtual() + s.memorySize(); p += 4096) {
                pages.merge(p, rights, (a, b) -> "r" + (a.contains("w") || b.contains("w") ? "w" : "") + (a.contains("x") || b.contains("x") ? "x" : ""));
            }
        }
        pages.forEach((p, rights) -> e.map(p, 4096, rights));
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
            java.util.regex.Matcher m = java.util.regex.Pattern.compile("(\\d[\\d_]*) *(i|instr|instructions?)").matcher(s);
            if (m.matches()) {
                long n = Numbers.number(m.group(1), "until");
                e.untilCount(n);
                if (limit == null) e.limit(n);
                return;
            }
        }
        e.until(Numbers.number(until, "until"));
    }
}
