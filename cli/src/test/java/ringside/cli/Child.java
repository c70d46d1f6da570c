package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The command in a process of its own, as a user runs it: with signals, an exit status and two streams. */
public final class Child implements AutoCloseable {
    /**
     * Seconds that anything may take here at the most; a busy machine needs some, one that is paused now and then more.
     */
    private static final int BOUND = Integer.getInteger("ringside.bound", 60);

    private final Process process;
    private final StringBuffer out = new StringBuffer();
    private final StringBuffer err = new StringBuffer();
    private final List<Thread> readers = new ArrayList<>();

    private Child(Process process) {
        this.process = process;
        readers.add(reader(process.getInputStream(), out));
        readers.add(reader(process.getErrorStream(), err));
    }

    /** @param folder its current and its temporary folder */
    public static Child ringside(Path folder, String... arguments) throws IOException {
        return start(folder, "ringside.cli.Main", arguments);
    }

    /** @param main the class with main, from this test's class path */
    public static Child start(Path folder, String main, String... arguments) throws IOException {
        return new Child(builder(folder, main, arguments).start());
    }

    /** @param terminal the file of a terminal, for standard input and output */
    static Child on(java.io.File terminal, Path folder, String... arguments) throws IOException {
        return new Child(builder(folder, "ringside.cli.Main", arguments)
                .redirectInput(terminal)
                .redirectOutput(terminal)
                .start());
    }

    /** @param out what standard output goes to */
    static Child into(java.io.File out, Path folder, String... arguments) throws IOException {
        return new Child(builder(folder, "ringside.cli.Main", arguments)
                .redirectOutput(out)
                .start());
    }

    /** @param blocks of 512 bytes that a file may have, as on a disk that is full then */
    static Child limited(Path folder, int blocks, String... arguments) throws IOException {
        ProcessBuilder b = builder(folder, "ringside.cli.Main", arguments);
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -f " + blocks + "; exec \"$@\"", "sh"));
        command.addAll(b.command());
        return new Child(b.command(command).start());
    }

    /** @param cache its {@code XDG_CACHE_HOME} */
    static Child caching(Path cache, Path folder, String... arguments) throws IOException {
        ProcessBuilder b = builder(folder, "ringside.cli.Main", arguments);
        b.environment().put("XDG_CACHE_HOME", cache.toString());
        return new Child(b.start());
    }

    private static ProcessBuilder builder(Path folder, String main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx400m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                "-Djava.io.tmpdir=" + folder,
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).directory(folder.toFile());
    }

    private static Thread reader(InputStream in, StringBuffer into) {
        return Thread.ofPlatform().daemon().start(() -> {
            byte[] b = new byte[1 << 16];
            try {
                for (int n; (n = in.read(b)) >= 0; ) into.append(new String(b, 0, n, StandardCharsets.UTF_8));
            } catch (IOException e) {
                // the stream was closed
            }
        });
    }

    public String out() {
        return out.toString();
    }

    public String err() {
        return err.toString();
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    public void type(String text) throws IOException {
        OutputStream to = process.getOutputStream();
        to.write(text.getBytes(StandardCharsets.UTF_8));
        to.flush();
    }

    /** Goes away as the reader of its standard output. */
    void closeOutput() throws IOException {
        process.getInputStream().close();
    }

    /** Waits until something holds. @param what names it, should it never */
    public void await(String what, BooleanSupplier holds) throws InterruptedException {
        for (long end = System.nanoTime() + BOUND * 1_000_000_000L; !holds.getAsBoolean(); Thread.sleep(5)) {
            if (System.nanoTime() - end > 0 || !process.isAlive() && !holds.getAsBoolean())
                fail("never came: " + what + "; " + this);
        }
    }

    /**
     * @return whether the process hears this signal: a shell that started the tests in the background may have it
     *     ignored from the start
     */
    public boolean hears(int number) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("SigIgn:"))
                return (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> number - 1 & 1) == 0;
        }
        return true;
    }

    /** @param name INT, TERM, KILL */
    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .inheritIO()
                .start()
                .waitFor();
    }

    /** @return the exit status; a shell's, 128 and the signal's number, if a signal killed it */
    public int end() throws InterruptedException {
        assertTrue(process.waitFor(BOUND, TimeUnit.SECONDS), () -> "does not end: " + this);
        for (Thread t : readers) t.join(BOUND * 1000L);
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly();
        end();
    }

    @Override
    public String toString() {
        String o = out();
        return "standard output: " + o.substring(0, Math.min(o.length(), 2000)) + "\nstandard error: " + err();
    }
}
