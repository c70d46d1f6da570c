package ringside.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderRobustnessTest {
    private static final int RANDOM_BYTES = 10_000_000;

    /** The array ends where the 15 bytes end, so any read behind them throws. */
    @ParameterizedTest
    @ValueSource(ints = {64, 32, 16})
    void randomBytesNeverThrowNorAreReadBehindTheFifteenth(int mode) {
        SplittableRandom random = new SplittableRandom(mode);
        byte[] bytes = new byte[15];
        Instruction in = new Instruction();
        for (int i = 0; i < RANDOM_BYTES / 15; i++) {
            random.nextBytes(bytes);
            if ((i & 3) == 0) bytes[0] = 0x0f;
            if ((i & 7) == 1) Arrays.fill(bytes, 0, 1 + i % 14, (byte) 0x66);
            int length = Decoder.decode(bytes, 0, 15, mode, in);
            assertTrue(length >= Decoder.TOO_LONG && length <= 15 && length != 0);
            assertTrue(in.length >= 1 && in.length <= 15);
            Formatter.format(in, 0x1000);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 32, 16})
    void bytesBehindTheEndDoNotMatter(int mode) {
        SplittableRandom random = new SplittableRandom(7 + mode);
        byte[] bytes = new byte[15];
        Instruction in = new Instruction();
        for (int i = 0; i < 300_000; i++) {
            random.nextBytes(bytes);
            int length = Decoder.decode(bytes, 0, 15, mode, in);
            if (length <= 0) continue;
            byte[] exact = Arrays.copyOf(bytes, length);
            assertEquals(length, Decoder.decode(exact, 0, length, mode, in));
            for (int shorter = 1; shorter < length; shorter++) {
                int result = Decoder.decode(Arrays.copyOf(bytes, shorter), 0, shorter, mode, in);
                assertEquals(Decoder.TRUNCATED, result);
            }
        }
    }
}
