package ringside.workbench.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;

/** What the fuzzer's instructions are. */
class InstructionGeneratorTest {
    @ParameterizedTest
    @ValueSource(ints = {64, 32, 16})
    void everyMnemonicComes(int bits) {
        Set<Mnemonic> seen = EnumSet.noneOf(Mnemonic.class);
        InstructionGenerator g = new InstructionGenerator(new SplittableRandom(1), bits, 0x1000_0000, 0x1001_0000);
        Instruction i = new Instruction();
        for (int n = 0; n < 60_000; n++) {
            byte[] b = g.any();
            if (Decoder.decode(b, 0, b.length, bits, i) > 0) seen.add(i.mnemonic);
        }
        int known = Encodings.of(bits).byMnemonic().size();
        assertTrue(seen.size() >= known, seen.size() + " of " + known);
        Set<Mnemonic> rare = EnumSet.of(
                Mnemonic.VFNMSUB231SD,
                Mnemonic.VGATHERQPD,
                Mnemonic.VPGATHERDD,
                Mnemonic.PCMPESTRM,
                Mnemonic.SHA1RNDS4,
                Mnemonic.VCVTPS2PH,
                Mnemonic.FCMOVNBE,
                Mnemonic.CRC32,
                Mnemonic.CMPXCHG8B,
                Mnemonic.XLAT,
                Mnemonic.FPREM1,
                Mnemonic.MASKMOVDQU,
                Mnemonic.VMASKMOVPD,
                Mnemonic.VPCLMULQDQ,
                Mnemonic.MULX);
        if (bits != 16) assertEquals(rare, intersection(rare, seen));
    }

    private static Set<Mnemonic> intersection(Set<Mnemonic> a, Set<Mnemonic> b) {
        Set<Mnemonic> both = EnumSet.copyOf(a);
        both.retainAll(b);
        return both;
    }
}
