package ringside.cli;

/** What the keys behind Ctrl-A do; called on the thread that reads the terminal. */
interface TerminalKeys {
    /** Ctrl-A x. */
    void quit();

    /** Ctrl-A s. */
    void save();

    /** Ctrl-A c: from the console to the monitor, or back. */
    void monitor();

    /** A key. @return whether the monitor has taken it; otherwise it is the guest's */
    boolean typed(int b);
}
