package ringside;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.palantir.javaformat.java.Main;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * All Java sources are as palantir-java-format lays them out. {@code mvn verify -Dringside.format=write} writes them
 * that way instead. It is a test and no plugin because it needs the JDK that the sources are for, which is not always
 * the one that Maven runs on.
 */
class FormatTest {
    private static final Path ROOT = Path.of("..");

    @Test
    void everySourceIsFormatted() throws Exception {
        boolean write = "write".equals(System.getProperty("ringside.format"));
        List<String> command = new ArrayList<>(List.of("--palantir", write ? "--replace" : "--dry-run"));
        sources().forEach(p -> command.add(p.toString()));
        StringWriter out = new StringWriter(), err = new StringWriter();
        Main formatter =
                new Main(new PrintWriter(out, true), new PrintWriter(err, true), new ByteArrayInputStream(new byte[0]));
        formatter.format(command.toArray(String[]::new));
        assertEquals("", err.toString());
        assertEquals("", out.toString(), "not formatted; mvn verify -Dringside.format=write formats them");
    }

    private static List<Path> sources() throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.filter(m -> Files.exists(m.resolve("pom.xml")))
                    .sorted()
                    .toList()) {
                Path src = module.resolve("src");
                if (!Files.isDirectory(src)) continue;
                try (Stream<Path> files = Files.walk(src)) {
                    files.filter(f -> f.toString().endsWith(".java")).forEach(found::add);
                }
            }
        }
        return found;
    }
}
