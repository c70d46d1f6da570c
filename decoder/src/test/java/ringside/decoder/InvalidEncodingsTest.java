package ringside.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Encodings that the opcode maps of Intel SDM vol. 2, appendix A, leave empty or forbid, each followed by bytes that
 * would complete an instruction.
 */
class InvalidEncodingsTest {
    private static int decode(String hex, int mode) {
        byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
        byte[] padded = Arrays.copyOf(b, 24);
        return Decoder.decode(padded, 0, padded.length, mode, new Instruction());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "06", "07", "0e", "16", "17", "1e", "1f", "27", "2f", "37", "3f", "60", "61", "82 c0", "9a", "ce",
                "d4 0a", "d5 0a", "d6", "ea"
            })
    void oneByteOpcodesThatSixtyFourBitModeLacks(String hex) {
        assertEquals(Decoder.INVALID, decode(hex, 64), hex);
        if (!hex.equals("d6")) assertTrue(decode(hex, 32) > 0, hex + " in 32-bit mode");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0f 04",
                "0f 0a",
                "0f 0c",
                "0f 24 c0",
                "0f 25 c0",
                "0f 26 c0",
                "0f 27 c0",
                "0f 36",
                "0f 39",
                "0f 3b",
                "0f 3c",
                "0f 3d",
                "0f 3e",
                "0f 3f",
                "0f 7a c0",
                "0f 7b c0",
                "0f a6 c0",
                "0f a7 c0",
                "0f b8 c0",
                "0f 38 0c c0",
                "0f 38 3f c0",
                "0f 38 10 c0",
                "0f 38 ff c0",
                "0f 3a 00 c0 00",
                "0f 3a cb c0 00"
            })
    void emptyPlacesOfTheTwoAndThreeByteMaps(String hex) {
        for (int mode : new int[] {16, 32, 64})
            assertEquals(Decoder.INVALID, decode(hex, mode), hex + " in " + mode + "-bit mode");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8f c8",
                "8f f8",
                "c6 c8 00",
                "c6 38 00",
                "c7 c8 00",
                "fe d0",
                "fe 38",
                "ff f8",
                "ff 38",
                "0f 00 f0",
                "0f 00 f8",
                "0f ba c0 00",
                "0f ba d8 00",
                "0f 71 c0 01",
                "0f 71 c8 01",
                "0f 71 10 01",
                "0f 72 c0 01",
                "0f 72 f8 01",
                "0f 73 c0 01",
                "0f 73 e0 01",
                "0f 73 d8 01",
                "0f c7 c0",
                "0f c7 c8",
                "0f c7 00"
            })
    void emptyPlacesOfTheGroups(String hex) {
        assertEquals(Decoder.INVALID, decode(hex, 64), hex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "d9 d1", "d9 d7", "d9 e2", "d9 e3", "d9 e6", "d9 e7", "d9 ef", "d9 08", "da e0", "da e8", "da ea",
                "da f0", "da ff", "db e5", "db e6", "db e7", "db f8", "db 20", "db 30", "dd f0", "dd f8", "dd 28",
                "df e1", "df e7", "df f8"
            })
    void emptyPlacesOfTheX87Maps(String hex) {
        assertEquals(Decoder.INVALID, decode(hex, 64), hex);
        assertEquals(Decoder.INVALID, decode(hex, 32), hex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8d c0",
                "c4 c0",
                "c5 c0",
                "62 c0",
                "0f b2 c0",
                "0f b4 c0",
                "0f b5 c0",
                "0f c7 c8",
                "ff d8",
                "ff e8",
                "0f e7 c0",
                "0f 2b c0",
                "0f c3 c0",
                "66 0f e7 c0",
                "f2 0f f0 c0",
                "66 0f 38 2a c0",
                "0f 50 00",
                "66 0f d7 00",
                "0f f7 00",
                "66 0f f7 00"
            })
    void registersWhereMemoryIsNeededAndMemoryWhereARegisterIs(String hex) {
        boolean legacy = hex.startsWith("c4") || hex.startsWith("c5") || hex.startsWith("62");
        assertEquals(Decoder.INVALID, decode(hex, legacy ? 16 : 64), hex);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8e c8", "8e f0", "8c f0", "0f 20 c8", "0f 22 e8", "0f 22 f8", "44 0f 20 c8"})
    void registersThatDoNotExist(String hex) {
        assertEquals(Decoder.INVALID, decode(hex, 64), hex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "66 c5 f8 58 c1",
                "f2 c5 f8 58 c1",
                "f3 c5 f8 58 c1",
                "f0 c5 f8 58 c1",
                "48 c5 f8 58 c1",
                "c5 f0 51 c1",
                "c4 e0 78 58 c1",
                "c4 e4 78 58 c1",
                "c5 f8 0b"
            })
    void vexEncodingsThatAreForbidden(String hex) {
        assertEquals(Decoder.INVALID, decode(hex, 64), hex);
    }

    /**
     * VEX.vvvv that names no operand is 1111b in every mode; VEX.W1 forms of VPINSRQ and VPEXTRQ are for 64-bit mode.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "c4 e3 3d 19 c0 00",
                "c4 e3 bb f0 c0 07",
                "c4 e1 3e 7f c0",
                "c4 e3 e1 22 c1 00",
                "c4 e3 f9 16 c1 00"
            })
    void vexEncodingsThatThirtyTwoBitCodeLacks(String hex) {
        assertEquals(Decoder.INVALID, decode(hex, 32), hex);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "f0 90",
                "f0 01 c0",
                "f0 89 00",
                "f0 3b 00",
                "f0 39 00",
                "f0 0f a3 00",
                "f0 84 00",
                "f0 8b 00",
                "f0 f4",
                "f0 e8 00 00 00 00"
            })
    void lockOfWhatCannotBeLocked(String hex) {
        assertEquals(Decoder.INVALID, decode(hex, 64), hex);
    }
}
