package ringside.guest;

import java.io.IOException;

/** A core file that cannot be used, with the reason in one line. */
public final class CoreException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * A core file that cannot be used.
     *
     * @param message what is wrong with it, for the user
     */
    public CoreException(String message) {
        super(message);
    }
}
