package ringside.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import ringside.workbench.linux.LinuxBoot;

/** {@code ringside doctor}: says what of this machine Ringside can use, what is missing, and what would bring it. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Says what this machine has of all that the commands use, and what brings the rest.",
        footer = {
            "",
            "Exit status: 0 everything that is needed is there, 1 something is missing without which some command"
                    + " fails."
        })
final class DoctorCommand implements Callable<Integer> {
    private static final long MIB = 1 << 20;
    private static final long SMALL = 1024 * MIB;

    private boolean lacking;

    @Override
    public Integer call() throws IOException {
        fine("Java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        int processors = Runtime.getRuntime().availableProcessors();
        if (processors > 1) fine("processors", String.valueOf(processors));
        else worse("processors", "1: translation and the guest share it", "more are faster");
        long heap = Runtime.getRuntime().maxMemory();
        if (heap >= SMALL) fine("Java heap", heap / MIB + " MiB at the most");
        else worse("Java heap", heap / MIB + " MiB at the most", "RINGSIDE_JAVA_OPTIONS=-Xmx1g gives more");
        cache();
        program(
                "apt-get",
                "'linux' and '--packages' fetch kernels and programs with it",
                "a Debian system, or give kernels as files to 'run'",
                true);
        program("as", "'exec --asm' and 'fuzz' assemble with it", "apt-get install binutils", false);
        program(
                "objcopy",
                "'exec --asm' takes the code out of the object file with it",
                "apt-get install binutils",
                false);
        program("gdb", "'run --gdb' waits for it", "apt-get install gdb", false);
        program("qemu-system-x86_64", "bench/compare measures against it", "apt-get install qemu-system-x86", false);
        return lacking ? 1 : ExitStatus.OK;
    }

    private void cache() {
        try {
            Path folder = LinuxBoot.cacheFolder();
            FileStore disk = Files.getFileStore(folder);
            long free = disk.getUsableSpace();
            if (!Files.isWritable(folder))
                missing("cache folder", folder + " cannot be written", "make it yours, or set XDG_CACHE_HOME");
            else if (free < SMALL)
                worse(
                        "cache folder",
                        folder + ", " + free / MIB + " MiB free",
                        "kernels and packages need some hundred MiB");
            else fine("cache folder", folder + ", " + free / MIB + " MiB free");
        } catch (IOException e) {
            missing("cache folder", e.getMessage(), "set XDG_CACHE_HOME to a folder that can be written");
        }
    }

    private void program(String name, String use, String remedy, boolean needed) {
        String path = onPath(name);
        if (path != null) fine(name, path);
        else if (needed) missing(name, use, remedy);
        else worse(name, "not found; " + use, remedy);
    }

    private static String onPath(String name) {
        List<String> folders =
                new ArrayList<>(List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)));
        for (String f : folders) {
            Path p = Path.of(f.isEmpty() ? "." : f, name);
            if (Files.isExecutable(p)) return p.toString();
        }
        return null;
    }

    private static void fine(String what, String how) {
        Output.results().printf("ok       %-20s %s%n", what, how);
    }

    private static void worse(String what, String how, String remedy) {
        Output.results().printf("note     %-20s %s (%s)%n", what, how, remedy);
    }

    private void missing(String what, String how, String remedy) {
        lacking = true;
        Output.results().printf("MISSING  %-20s %s (%s)%n", what, how, remedy);
    }
}
