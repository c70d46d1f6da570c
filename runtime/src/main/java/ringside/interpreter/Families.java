package ringside.interpreter;

/** The list of all handler families. */
final class Families {
    private Families() {}

    static void register(OpFactory.Registry r) {
        X87Ops.register(r);
    }
}
