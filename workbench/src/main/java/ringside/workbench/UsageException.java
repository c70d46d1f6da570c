package ringside.workbench;

/** Something the user can put right: shown as one line, exit status 2. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UsageException(String message) {
        super(message);
    }
}
