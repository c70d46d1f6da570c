package ringside.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import ringside.machine.Machine;

/** Integer instructions do what a real processor does, also with flags that the manual leaves undefined. */
class IntegerInstructionsTest {
    @Test
    void thereAreHundredsOfCasesWrittenAsAssembly() throws IOException {
        var cases = InstructionCase.read("integer.txt");
        assertTrue(cases.size() >= 800, cases.size() + " cases");
        for (InstructionCase c : cases) assertFalse(c.assembly().isBlank(), c.name());
    }

    @TestFactory
    Stream<DynamicTest> interpreterAgreesWithTheProcessor() throws IOException {
        Machine m = InstructionCase.machine(Machine::interpreter);
        return InstructionCase.read("integer.txt").stream()
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> assertEquals(c.expected(), c.run(m), c.assembly())));
    }
}
