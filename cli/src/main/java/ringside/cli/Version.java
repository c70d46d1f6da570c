package ringside.cli;

import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String v = Version.class.getPackage().getImplementationVersion();
        return new String[] {
            "ringside " + (v == null ? "(not packaged)" : v), "JVM " + System.getProperty("java.vm.version")
        };
    }
}
