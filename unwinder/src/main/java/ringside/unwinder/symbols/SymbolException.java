package ringside.unwinder.symbols;

/** A file of symbols that cannot be used; the message says why. */
public final class SymbolException extends Exception {
    private static final long serialVersionUID = 1;

    /**
     * Symbols that cannot be used.
     *
     * @param message what is wrong with them, for the user
     */
    public SymbolException(String message) {
        super(message);
    }
}
