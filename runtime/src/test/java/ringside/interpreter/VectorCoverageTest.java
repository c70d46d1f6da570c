package ringside.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Op;

/**
 * Which handlers the recorded vectors reach: every mnemonic with a handler and every handler class either occurs in
 * testdata/vectors, whose forms VectorsTest executes, or stands with its reason in testdata/vectors/not-covered.txt.
 */
class VectorCoverageTest {
    private static final Path VECTORS = Path.of("..", "testdata", "vectors");
    private static final int MODE = Cpu.MODE_FLAT | Cpu.MODE_SSE | Cpu.MODE_FPU | Cpu.MODE_AVX;

    private final OpFactory factory = new OpFactory();
    private final Map<String, Integer> reached = new TreeMap<>();

    /** @return class name without package; of a specialised copy, its template's; of a nameless one, who makes it */
    private static String name(Class<?> c) {
        Method maker = c.isAnonymousClass() ? c.getEnclosingMethod() : null;
        if (maker != null && !maker.isSynthetic()) return name(c.getEnclosingClass()) + "." + maker.getName();
        String n = c.getName().substring(c.getPackageName().length() + 1);
        int copy = n.indexOf('/');
        return (copy < 0 ? n : n.substring(0, copy)).replace('$', '.');
    }

    private void reach(String what) {
        reached.merge(what, 1, Integer::sum);
    }

    /** Counts all instructions of a form, which may be a sequence. */
    private void count(byte[] code, boolean legacy) {
        for (int at = 0; at < code.length; ) {
            Instruction i = new Instruction();
            int length = Decoder.decode(code, at, code.length, legacy ? 32 : 64, i);
            if (length <= 0) return;
            reach(i.mnemonic.name());
            reach(name(factory.create(
                            i, MODE | (legacy ? Cpu.MODE_32 | Cpu.MODE_STACK32 : Cpu.MODE_64), CpuModel.implemented())
                    .getClass()));
            at += length;
        }
    }

    private void countForms() throws IOException {
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(VECTORS.resolve("user.vectors.gz")))))) {
            in.lines()
                    .map(l -> l.split(" ", 4))
                    .forEach(f -> count(HexFormat.of().parseHex(f[1]), f[2].contains("l")));
        }
    }

    private static Map<String, String> explained() throws IOException {
        Map<String, String> m = new HashMap<>();
        for (String line : Files.readAllLines(VECTORS.resolve("not-covered.txt"))) {
            if (line.isBlank() || line.startsWith("#")) continue;
            int colon = line.indexOf(':');
            for (String n : line.substring(0, colon).trim().split("[ ,]+"))
                m.put(n, line.substring(colon + 1).trim());
        }
        return m;
    }

    /** All concrete handler classes, from the class files in the rooms of the interpreter. */
    private static Set<String> handlerClasses() throws Exception {
        Path house = Path.of(BlockCache.class.getResource("BlockCache.class").toURI())
                .getParent();
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(house)) {
            for (Path f : files.toList()) {
                String file = house.relativize(f).toString();
                if (!file.endsWith(".class")) continue;
                String room = file.substring(0, file.length() - 6)
                        .replace(f.getFileSystem().getSeparator(), ".");
                // not initialised: templates can only be by the specialiser
                Class<?> c = Class.forName("ringside.interpreter." + room, false, Op.class.getClassLoader());
                if (Op.class.isAssignableFrom(c) && !Modifier.isAbstract(c.getModifiers())) names.add(name(c));
            }
        }
        return names;
    }

    @Test
    void everyHandlerIsReachedOrExplained() throws Exception {
        countForms();
        Map<String, String> explained = explained();
        Set<String> classes = handlerClasses();
        Set<String> mnemonics = new TreeSet<>();
        for (Mnemonic m : Mnemonic.values()) {
            if (factory.knows(m)) mnemonics.add(m.name());
        }
        Set<String> all = new TreeSet<>(classes);
        all.addAll(mnemonics);
        System.out.printf(
                "vector coverage: %d of %d handler classes, %d of %d mnemonics; %d explained%n",
                classes.stream().filter(reached::containsKey).count(),
                classes.size(),
                mnemonics.stream().filter(reached::containsKey).count(),
                mnemonics.size(),
                explained.size());
        Set<String> missing = new TreeSet<>(all);
        missing.removeAll(reached.keySet());
        List<String> open =
                missing.stream().filter(n -> !explained.containsKey(n)).toList();
        assertEquals(List.of(), open, "neither in the vectors nor in not-covered.txt");
        List<String> stale = explained.keySet().stream()
                .filter(n -> reached.containsKey(n) || !all.contains(n))
                .sorted()
                .toList();
        assertEquals(List.of(), stale, "in not-covered.txt without need");
        assertTrue(explained.values().stream().noneMatch(String::isEmpty));
    }
}
