package ringside.boot;

/** A kernel or initrd file cannot be started; the message is one line that names the file and says why. */
public final class BootException extends Exception {
    private static final long serialVersionUID = 1L;

    public BootException(String message) {
        super(message);
    }

    public BootException(String message, Throwable cause) {
        super(message, cause);
    }
}
