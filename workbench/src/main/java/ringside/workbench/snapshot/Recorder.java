package ringside.workbench.snapshot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.IdentityHashMap;
import java.util.Map;
import ringside.machine.InputListener;
import ringside.machine.Machine;
import ringside.machine.Moment;
import ringside.machine.Outcome;
import ringside.snapshot.StateHash;

/**
 * Runs a machine and writes down what came to it from outside, each byte with its {@link Moment}, and from time to time
 * the machine's state: as often as that costs about a tenth of the run. The file only grows, record by record; a
 * reader takes as much of it as is whole, so a killed writer loses nothing that happened more than {@link #TELL_NANOS}
 * before.
 */
public final class Recorder implements AutoCloseable {
    /** A run's length between two looks at the clock, in instructions: a fraction of a second on any host. */
    private static final long QUANTUM = 1_000_000;
    /** Host ns after which the file says how far the run has come. */
    private static final long TELL_NANOS = 500_000_000L;
    /** A state is written when so many times its cost has passed since the last one. */
    private static final int PATIENCE = 10;
    /**
     * As many instructions a new JVM needs some seconds for: for a guest that is faster than that, states are closer.
     */
    private static final long FAR = 40_000_000;

    private static final int PATIENCE_FAR = 4;

    private static final long SHORTEST_NANOS = 200_000_000L;

    private final Machine machine;
    private final FileChannel to;
    private final Path file;
    private final Map<Chunk, Integer> numbers = new IdentityHashMap<>();
    private Image last;
    private long told, toldAt = -1, taken, takenAt, cost;

    /**
     * Begins with the machine's present state.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the file is there already
     */
    public Recorder(Path file, Machine machine, Map<String, String> labels) throws IOException {
        this.file = file;
        this.machine = machine;
        if (machine.config().wallClock()) throw new IllegalArgumentException("a recording needs the virtual clock");
        to = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            if (to.tryLock() == null) throw new IOException(file + ": another run records into it");
            SnapshotFile.put(to, ByteBuffer.wrap(Records.header()));
            put(SnapshotFile.ABOUT, new About(About.Kind.RECORDING, machine.config(), labels).bytes());
            checkpoint();
        } catch (IOException | RuntimeException e) {
            to.close();
            Files.deleteIfExists(file);
            if (e instanceof IOException && !String.valueOf(e.getMessage()).contains(file.toString()))
                throw new IOException(file + ": " + e.getMessage(), e);
            throw e;
        }
        machine.board().setInputListener(new InputListener() {
            @Override
            public void taken(Moment m, int port, int value) {
                input(m, port, value);
            }

            @Override
            public void idle(long nanoseconds) {
                // a guest at rest executes so little that a quantum may last for minutes
                if (nanoseconds < TELL_NANOS && System.nanoTime() - told < TELL_NANOS) return;
                try {
                    tell();
                } catch (IOException e) {
                    throw new UncheckedIOException(failed(e));
                }
            }
        });
    }

    public Path file() {
        return file;
    }

    private void put(int kind, byte[] bytes) throws IOException {
        SnapshotFile.put(to, Records.record(kind, bytes));
    }

    private void input(Moment m, int port, int value) {
        try {
            put(
                    Recording.INPUT,
                    ByteBuffer.allocate(22)
                            .putLong(m.instructions())
                            .putLong(m.time())
                            .putInt(m.acts())
                            .put((byte) port)
                            .put((byte) value)
                            .array());
        } catch (IOException e) {
            throw new UncheckedIOException(failed(e));
        }
    }

    private IOException failed(IOException e) {
        return new IOException(
                String.format(
                        "%s: %s; the recording ends at instruction %,d",
                        file, e.getMessage(), machine.cpu().instructions()),
                e);
    }

    /** Writes how far the run has come. */
    private void tell() throws IOException {
        told = System.nanoTime();
        long now = machine.cpu().instructions();
        if (now == toldAt) return;
        toldAt = now;
        put(Recording.PROGRESS, ByteBuffer.allocate(8).putLong(now).array());
    }

    private void checkpoint() throws IOException {
        long start = System.nanoTime();
        Image image = Image.of(machine, last);
        for (Chunk c : image.own()) {
            numbers.put(c, numbers.size());
            put(SnapshotFile.CHUNK, ImageCodec.chunk(c));
        }
        put(SnapshotFile.IMAGE, ImageCodec.image(image, last, numbers));
        last = image;
        taken = System.nanoTime();
        takenAt = machine.cpu().instructions();
        cost = taken - start;
    }

    /**
     * Runs as {@link Machine#run}.
     * @throws IOException if the file cannot be written: it is whole up to there, and the machine has stopped
     */
    public Outcome run(long limit) throws IOException {
        try {
            while (true) {
                long now = machine.cpu().instructions();
                Outcome o =
                        machine.run(Math.min(limit, now > Long.MAX_VALUE - QUANTUM ? Long.MAX_VALUE : now + QUANTUM));
                if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT
                        || machine.cpu().instructions() >= limit) return o;
                long clock = System.nanoTime();
                if (due(clock)) checkpoint();
                if (clock - told > TELL_NANOS) tell();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * Weighs what a state costs now against what going to an instruction between it and the last one will cost: that
     * run is cold, so that what counts there is instructions, not the time they took here.
     */
    private boolean due(long clock) {
        boolean far = machine.cpu().instructions() - takenAt >= FAR;
        return clock - taken > (far ? PATIENCE_FAR * cost : Math.max(SHORTEST_NANOS, PATIENCE * cost));
    }

    /** Writes how the run ended, as the machine stands. @param o what ended it */
    public void finish(Outcome o) throws IOException {
        Moment m = machine.moment();
        byte[] hash = StateHash.of(machine).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        put(
                Recording.FINISH,
                ByteBuffer.allocate(20 + 12 + hash.length)
                        .putLong(m.instructions())
                        .putLong(m.time())
                        .putInt(m.acts())
                        .putInt(o.reason().ordinal())
                        .putLong(o.detail())
                        .put(hash)
                        .array());
        to.force(true);
    }

    @Override
    public void close() throws IOException {
        machine.board().setInputListener(null);
        to.close();
    }
}
