package ringside.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Compares every instruction of whole ELF files with objdump: {@code RINGSIDE_OBJDUMP_FILES} holds their paths,
 * separated by colons. EVEX instructions are compared in length only.
 */
@EnabledIfEnvironmentVariable(named = "RINGSIDE_OBJDUMP_FILES", matches = ".+")
class ObjdumpFilesTest {
    @Test
    void everyInstructionOfTheFilesIsDecodedAsObjdumpDoes() throws IOException, InterruptedException {
        Map<String, Integer> mismatches = new TreeMap<>();
        for (String file : System.getenv("RINGSIDE_OBJDUMP_FILES").split(":")) compare(file, mismatches);
        assertEquals(Map.of(), mismatches, "mismatches by mnemonic");
    }

    private static void compare(String file, Map<String, Integer> mismatches) throws IOException, InterruptedException {
        Process objdump = new ProcessBuilder("objdump", "-d", "-w", "-M", "intel,intel64", "--insn-width=16", file)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long count = 0;
        try (BufferedReader lines = objdump.inputReader()) {
            Instruction in = new Instruction();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] fields = line.split("\t");
                if (fields.length < 3 || !fields[0].endsWith(":")) continue;
                count++;
                compare(file, fields, in, mismatches);
            }
        }
        assertEquals(0, objdump.waitFor(), "objdump " + file);
        System.out.println(file + ": " + count + " instructions compared");
    }

    private static void compare(String file, String[] fields, Instruction in, Map<String, Integer> mismatches) {
        byte[] bytes = HexFormat.of().parseHex(fields[1].strip().replace(" ", ""));
        long address = Long.parseUnsignedLong(fields[0].strip().replace(":", ""), 16);
        int length = Decoder.decode(bytes, 0, bytes.length, 64, in);
        if (length == bytes.length && in.mnemonic == Mnemonic.EVEX) return;
        String expected = ObjdumpText.normalise(fields[2]);
        String actual = ObjdumpText.normalise(Formatter.format(in, address));
        if (length == bytes.length && actual.equals(expected) || ObjdumpText.isExplained(fields[2].strip(), bytes))
            return;
        String mnemonic = expected.split(" ")[0];
        if (mismatches.merge(mnemonic, 1, Integer::sum) == 1) {
            System.out.println(file + ": " + String.join(" ", fields) + " but " + length + " " + actual);
        }
    }
}
