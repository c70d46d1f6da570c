package ringside.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import ringside.interpreter.core.Op;

/**
 * Every x87 encoding that is no transcendental function, on generated states, against what a processor (AMD Zen 4) made
 * of them: registers, tags, status and control words, EFLAGS, memory. The recording (testdata/recorder/x87.c, "hashes")
 * has one hash for each 64 cases.
 */
class X87VectorTest {
    private static final int BATCH = 64;

    static Stream<String> encodings() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(X87VectorTest.class.getResourceAsStream("x87-hashes.txt.gz"))));
        return in.lines().onClose(() -> {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void doesWhatTheProcessorDoes(String line) {
        String[] f = line.split(" ");
        X87Case c = new X87Case();
        Op op = X87Case.decode(f[0], c.cpu().model);
        int memory = Integer.parseInt(f[1]);
        for (int b = 2; b < f.length; b++) {
            long h = 0;
            int first = (b - 2) * BATCH;
            for (int i = 0; i < BATCH; i++) {
                c.generate(first + i, memory);
                c.run(op);
                h = c.hash(h);
            }
            assertEquals(
                    f[b],
                    String.format("%08x", (int) (h >>> 32)),
                    "code " + f[0] + ", cases " + first + " to " + (first + BATCH - 1));
        }
    }
}
