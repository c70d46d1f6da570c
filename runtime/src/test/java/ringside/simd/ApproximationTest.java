package ringside.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * The bound and the special cases that the manual fixes for RCPPS and RSQRTPS; special results as a Zen 4 gives them.
 */
class ApproximationTest {
    private static final double BOUND = 1.5 / 4096;

    @Test
    void relativeErrorStaysWithinTheManualsBound() {
        for (int bits = 0x0080_0000; bits < 0x7e80_0000; bits += 997) {
            double x = Float.intBitsToFloat(bits);
            assertTrue(Math.abs(Float.intBitsToFloat(Approximation.reciprocal(bits)) * x - 1) <= BOUND, () -> "1/" + x);
            assertTrue(
                    Math.abs(Float.intBitsToFloat(Approximation.reciprocalRoot(bits)) * Math.sqrt(x) - 1) <= BOUND,
                    () -> "1/sqrt " + x);
        }
    }

    @Test
    void specialOperandsGiveTheirFixedResults() {
        int[][] cases = { // operand, reciprocal, reciprocal of the root
            {0, 0x7f80_0000, 0x7f80_0000},
            {0x8000_0000, 0xff80_0000, 0xff80_0000},
            {1, 0x7f80_0000, 0x7f80_0000},
            {0x8000_0001, 0xff80_0000, 0xff80_0000},
            {0x7f80_0000, 0, 0},
            {0xff80_0000, 0x8000_0000, 0xffc0_0000},
            {0x7f80_0001, 0x7fc0_0001, 0x7fc0_0001},
            {0xffc1_2345, 0xffc1_2345, 0xffc1_2345},
            {0x7e80_0001, 0, 0x1fff_f800},
        };
        for (int[] c : cases) {
            assertEquals(Integer.toHexString(c[1]), Integer.toHexString(Approximation.reciprocal(c[0])));
            int root = Approximation.reciprocalRoot(c[0]);
            if (c[0] == 0x7e80_0001) {
                assertTrue(Math.abs(root - c[2]) <= 0x1000);
            } else {
                assertEquals(Integer.toHexString(c[2]), Integer.toHexString(root));
            }
        }
    }
}
