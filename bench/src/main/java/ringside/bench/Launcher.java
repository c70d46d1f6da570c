package ringside.bench;

import java.io.IOException;

/**
 * The main class of {@code benchmarks.jar}: JMH's, but for a JVM that is too old for the benchmarks. Compiled for older
 * JVMs than the rest, so that they can say so.
 */
final class Launcher {
    private static final int NEEDED = 25;

    private Launcher() {}

    public static void main(String[] args) throws IOException {
        String version = System.getProperty("java.specification.version");
        if (Double.parseDouble(version) < NEEDED) {
            System.err.println("benchmarks.jar: needs the java of JDK " + NEEDED + " or later; this one is " + version
                    + " (" + System.getProperty("java.home") + ")");
            System.exit(2);
        }
        org.openjdk.jmh.Main.main(args);
    }
}
