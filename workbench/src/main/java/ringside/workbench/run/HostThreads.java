package ringside.workbench.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Processor time of this process by what its threads do: the guest, HotSpot's two compilers, the translation of
 * regions, everything else. Source: {@code /proc/self/task} (proc(5)); empty where the host has none.
 */
public final class HostThreads {
    private static final Path TASKS = Path.of("/proc/self/task");
    /** {@code sysconf(_SC_CLK_TCK)} is 100 on every Linux for x86-64 and AArch64. */
    private static final int MILLIS_A_TICK = 10;

    private HostThreads() {}

    /** {@return milliseconds of processor time, user and system, by {@code guest}, {@code c1}, {@code c2}, ...} */
    public static Map<String, Long> millis() {
        Map<String, Long> sums = new LinkedHashMap<>();
        for (String k : new String[] {"guest", "c1", "c2", "translation", "rest"}) sums.put(k, 0L);
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path t : tasks) add(t, sums);
        } catch (IOException | SecurityException e) {
            return Map.of();
        }
        return sums;
    }

    private static void add(Path task, Map<String, Long> sums) {
        String stat;
        try {
            stat = Files.readString(task.resolve("stat"));
        } catch (IOException e) {
            return; // it has ended
        }
        int end = stat.lastIndexOf(')');
        String[] fields = stat.substring(end + 2).split(" ");
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        sums.merge(kind(stat.substring(stat.indexOf('(') + 1, end)), ticks * MILLIS_A_TICK, Long::sum);
    }

    /** The host cuts names behind 15 characters. */
    private static String kind(String name) {
        if (name.startsWith("C1 Compiler")) return "c1";
        if (name.startsWith("C2 Compiler")) return "c2";
        if (name.startsWith("ringside transl")) return "translation";
        return name.equals("main") || name.equals("java") ? "guest" : "rest";
    }
}
