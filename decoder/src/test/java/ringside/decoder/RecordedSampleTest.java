package ringside.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Length and operands against what objdump wrote, one instruction of each mnemonic and kinds of operands in each mode.
 * The sample is recorded by {@code src/test/tools/record-sample.py}; a line is mode, address, bytes and text.
 */
class RecordedSampleTest {
    @Test
    void everyInstructionOfTheSampleIsDecodedAsObjdumpDoes() throws IOException {
        List<String> mismatches = new ArrayList<>();
        int count = 0;
        Instruction in = new Instruction();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                RecordedSampleTest.class.getResourceAsStream("objdump-sample.txt"), StandardCharsets.US_ASCII))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] fields = line.split("\t");
                byte[] bytes = HexFormat.of().parseHex(fields[2]);
                int length = Decoder.decode(bytes, 0, bytes.length, Integer.parseInt(fields[0]), in);
                String text = ObjdumpText.normalise(Formatter.format(in, Long.parseUnsignedLong(fields[1], 16)));
                count++;
                if (length != bytes.length || !text.equals(ObjdumpText.normalise(fields[3])))
                    mismatches.add(line + " but " + text);
            }
        }
        assertTrue(count > 3000, "only " + count + " instructions in the sample");
        assertEquals(List.of(), mismatches);
    }

    /**
     * One instruction of each mnemonic and kinds of operands that the text of busybox, libc, libcrypto, libm, Debian's
     * kernel and perl holds (8,762,450 instructions), everything that objdump printed and nothing chosen
     * ({@code record-programs.py}). What may differ is named by {@link ObjdumpText}; most of it is data between
     * functions that objdump calls (bad).
     */
    @Test
    void everyKindOfInstructionInRealProgramsIsDecodedAsObjdumpDoes() throws IOException {
        List<String> mismatches = new ArrayList<>();
        int count = 0;
        int explained = 0;
        Instruction in = new Instruction();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                RecordedSampleTest.class.getResourceAsStream("objdump-programs.txt"), StandardCharsets.US_ASCII))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] fields = line.split("\t");
                byte[] bytes = HexFormat.of().parseHex(fields[2]);
                int length = Decoder.decode(bytes, 0, bytes.length, 64, in);
                count++;
                if (length == bytes.length && in.mnemonic == Mnemonic.EVEX) continue;
                String text = ObjdumpText.normalise(Formatter.format(in, Long.parseUnsignedLong(fields[1], 16)));
                if (length == bytes.length && text.equals(ObjdumpText.normalise(fields[3]))) continue;
                if (ObjdumpText.isExplained(fields[3], bytes)) explained++;
                else mismatches.add(line + " but " + length + " " + text);
            }
        }
        assertTrue(count > 4000, "only " + count + " instructions in the sample");
        assertTrue(explained < 300, explained + " differences that are explained");
        assertEquals(List.of(), mismatches);
    }
}
