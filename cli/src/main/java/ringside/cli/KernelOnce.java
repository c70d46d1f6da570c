package ringside.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import ringside.workbench.run.KnownKernel;

/** What a kernel's file tells, read when somebody wants to know. */
final class KernelOnce implements Supplier<KnownKernel> {
    private final Path kernel, symbols;
    private KnownKernel known;

    /** @param symbols vmlinux or System.map, or null */
    KernelOnce(Path kernel, Path symbols) {
        this.kernel = kernel;
        this.symbols = symbols;
    }

    @Override
    public KnownKernel get() {
        try {
            if (known == null) known = KnownKernel.read(kernel, symbols);
            return known;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
