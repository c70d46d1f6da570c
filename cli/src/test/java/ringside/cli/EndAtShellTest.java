package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Where a run of Debian's kernel ends that is told nothing, or no more than how long it may take. */
class EndAtShellTest {
    private final KernelSource source = new KernelSource();
    private final RunOptions options = new RunOptions();

    EndAtShellTest() {
        source.linux = true;
        options.maxInstructions = Long.MAX_VALUE;
    }

    @Test
    void aTimeLimitIsNoEnd() {
        options.timeout = 100.0;
        assertTrue(source.endAtShell(options));
        assertEquals("Ringside: shell ready", options.until.pattern());
    }

    @Test
    void aRunThatIsGivenAnEndOrWorkKeepsIt() {
        options.maxInstructions = 1000;
        assertFalse(source.endAtShell(options));
        options.maxInstructions = Long.MAX_VALUE;
        source.script = Path.of("work");
        assertFalse(source.endAtShell(options));
        source.script = null;
        source.linux = false;
        assertFalse(source.endAtShell(options));
        assertNull(options.until);
    }
}
