package ringside.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import ringside.workbench.run.KnownKernel;

/** What a kernel's file tells, read when somebody wants to know. */
final class KernelOnce implements Supplier<KnownKernel> {
    private final Path kernel;
    private KnownKernel known;

    KernelOnce(Path kernel) {
        this.kernel = kernel;
    }

    @Override
    public KnownKernel get() {
        try {
            if (known == null) known = KnownKernel.read(kernel, null);
            return known;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
