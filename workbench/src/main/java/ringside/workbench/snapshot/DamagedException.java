package ringside.workbench.snapshot;

import java.io.IOException;

/** A snapshot or recording that cannot be used; the message names the file and says why. */
public final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    public DamagedException(String message) {
        super(message);
    }
}
