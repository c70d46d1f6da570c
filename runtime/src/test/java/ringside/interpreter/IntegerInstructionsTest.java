package ringside.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import ringside.machine.Machine;

/** Integer instructions do what a real processor does, also with flags that the manual leaves undefined. */
class IntegerInstructionsTest {
    @TestFactory
    Stream<DynamicTest> interpreterAgreesWithTheProcessor() throws IOException {
        Machine m = InstructionCase.machine(Machine::interpreter);
        return InstructionCase.read("integer.txt").stream()
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> assertEquals(c.expected(), c.run(m), c.assembly())));
    }
}
