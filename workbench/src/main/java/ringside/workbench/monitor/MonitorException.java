package ringside.workbench.monitor;

/** A command that cannot be carried out, in one line for the user. */
public final class MonitorException extends Exception {
    private static final long serialVersionUID = 1;

    public MonitorException(String message) {
        super(message, null, false, false);
    }
}
