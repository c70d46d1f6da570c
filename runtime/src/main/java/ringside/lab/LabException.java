package ringside.lab;

/** An experiment that cannot be set up; the message names the field and the way out. */
public final class LabException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * An experiment that cannot be set up.
     *
     * @param message why, for the user
     */
    public LabException(String message) {
        super(message, null, false, false);
    }
}
