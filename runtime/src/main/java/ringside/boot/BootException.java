package ringside.boot;

/** A kernel or initrd file cannot be started; the message is one line that names the file and says why. */
public final class BootException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * A kernel or image that cannot be started.
     *
     * @param message what is wrong with it, for the user
     */
    public BootException(String message) {
        super(message);
    }

    /**
     * A kernel or image that cannot be started, because something else failed.
     *
     * @param message what is wrong with it, for the user
     * @param cause what failed
     */
    public BootException(String message, Throwable cause) {
        super(message, cause);
    }
}
