package ringside.translator.emit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import ringside.decoder.Mnemonic;

/** Emitted code refers to what exists, with its types, and to nothing else. */
class MembersTest {
    /** Parameters of a load. */
    private static final String LOAD = "(" + Names.MEMORY_TYPE + "J)";

    private static void refused(String owner, String name, String type, boolean isStatic) {
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> Members.require(owner, name, type, isStatic));
        assertTrue(e.getMessage().contains(name), e.getMessage());
    }

    @Test
    void whatExistsIsAccepted() {
        assertDoesNotThrow(() -> Members.require(Names.TLB_ACCESS, "loadHit64", LOAD + "J", true));
        assertDoesNotThrow(() -> Members.require(Names.CPU, "gpr", "[J", false));
        assertDoesNotThrow(() -> Members.requireLanes(Mnemonic.XORPD));
    }

    @Test
    void anotherNameTypeOrKindIsRefused() {
        refused(Names.TLB_ACCESS, "loadHit24", LOAD + "I", true);
        refused(Names.TLB_ACCESS, "loadHit64", LOAD + "I", true);
        refused(Names.TLB_ACCESS, "loadHit64", LOAD + "J", false);
        refused(Names.CPU, "halted", "I", false);
        refused("java/lang/System", "exit", "(I)V", true);
        assertThrows(IllegalStateException.class, () -> Members.requireLanes(Mnemonic.MOVAPS));
    }
}
