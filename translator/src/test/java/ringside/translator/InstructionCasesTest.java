package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import ringside.interpreter.InstructionCase;

/** The cases that were recorded on a real processor, through translated code. */
class InstructionCasesTest {
    @TestFactory
    Stream<DynamicTest> translatedCodeAgreesWithTheProcessor() throws IOException {
        return InstructionCase.read("integer.txt").stream()
                .map(c -> DynamicTest.dynamicTest(
                        c.name(),
                        () -> assertEquals(
                                c.expected(), c.run(InstructionCase.machine(Guests.translated(1))), c.assembly())));
    }
}
