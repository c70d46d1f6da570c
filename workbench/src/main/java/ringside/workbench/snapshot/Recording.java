package ringside.workbench.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import ringside.machine.InputScript;
import ringside.machine.Machine;
import ringside.machine.Moment;
import ringside.machine.Outcome;
import ringside.workbench.snapshot.Records.Entry;

/**
 * A run that was recorded: all input with its moments, the machine's state at some instructions, and how it ended. If
 * its writer was killed, the file ends within a record, which is left out, and {@link #end} is null. A record that has
 * changed is an error: nothing behind it could be trusted.
 */
public final class Recording implements AutoCloseable {
    static final int INPUT = 5, PROGRESS = 6, FINISH = 7;

    private static final int MOST_SHOWN = 20;

    /** How the recorded run ended. @param hash of its whole state there */
    public record End(Moment moment, Outcome outcome, String hash) {}

    private record Checkpoint(long instructions, Entry entry, int chunks) {}

    private final Records.Reader reader;
    private final About about;
    private final List<Chunk> chunks = new ArrayList<>();
    private final List<Checkpoint> checkpoints = new ArrayList<>();
    private final List<InputScript.Piece> input = new ArrayList<>();
    private long reaches;
    private End end;
    private boolean cut;
    /** The image that was made last, and its number. */
    private Image image;

    private int imageNumber = -1;

    private Recording(Records.Reader reader, About about) {
        this.reader = reader;
        this.about = about;
    }

    public static Recording open(Path file) throws IOException {
        Records.Reader r = new Records.Reader(file);
        try {
            Entry first = r.next();
            if (first == null || first.kind() != SnapshotFile.ABOUT)
                throw r.bad("is damaged: it does not begin with what it is of");
            About about = About.read(r.bytes(first));
            if (about.kind() != About.Kind.RECORDING) throw r.bad("is a snapshot, not a recording");
            Recording recording = new Recording(r, about);
            recording.scan();
            return recording;
        } catch (EOFException e) {
            r.close();
            throw r.bad("is cut off before its first state");
        } catch (DamagedException e) {
            r.close();
            throw e.getMessage().startsWith(file.toString()) ? e : r.bad(e.getMessage());
        } catch (IOException | RuntimeException e) {
            r.close();
            throw r.bad("is damaged: " + e.getMessage());
        }
    }

    private void scan() throws IOException {
        try {
            for (Entry e; (e = reader.next()) != null; ) take(e);
        } catch (EOFException e) {
            cut = true;
        }
        if (checkpoints.isEmpty()) throw new EOFException();
    }

    private void take(Entry e) throws IOException {
        if (end != null) throw reader.bad("has records behind its end");
        switch (e.kind()) {
            case SnapshotFile.CHUNK -> {
                // looked at now, as a replay need not come to this state
                reader.bytes(e);
                chunks.add(ImageCodec.chunk(reader, e));
            }
            case SnapshotFile.IMAGE -> {
                if (e.length() < 8) throw reader.bad("is damaged: a state has " + e.length() + " bytes");
                long at = ByteBuffer.wrap(reader.bytes(e)).getLong();
                if (at < reaches) throw reader.bad("is damaged: its states are not in order");
                checkpoints.add(new Checkpoint(at, e, chunks.size()));
                reaches = at;
            }
            case INPUT -> {
                ByteBuffer b = sized(e, 22);
                Moment m = new Moment(b.getLong(), b.getLong(), b.getInt());
                int port = b.get();
                int value = b.get() & 0xff;
                if (port < 0
                        || port > 3
                        || !input.isEmpty() && input.getLast().moment().compareTo(m) > 0)
                    throw reader.bad("is damaged: its input is not in order");
                input.add(new InputScript.Piece(m, port, value));
                reaches = Math.max(reaches, m.instructions());
            }
            case PROGRESS -> reaches = Math.max(reaches, sized(e, 8).getLong());
            case FINISH -> {
                ByteBuffer b = sized(e, 48);
                Moment m = new Moment(b.getLong(), b.getLong(), b.getInt());
                int reason = b.getInt();
                if (reason < 0 || reason >= Outcome.Reason.values().length)
                    throw reader.bad("is damaged: it ended for reason " + reason);
                Outcome o = new Outcome(Outcome.Reason.values()[reason], b.getLong());
                byte[] hash = new byte[16];
                b.get(hash);
                end = new End(m, o, new String(hash, StandardCharsets.US_ASCII));
                reaches = m.instructions();
            }
            default -> throw reader.bad("is damaged: a record of unknown kind " + e.kind());
        }
    }

    private ByteBuffer sized(Entry e, int length) throws IOException {
        if (e.length() != length)
            throw reader.bad("is damaged: the record at byte " + e.at() + " has " + e.length() + " bytes");
        return ByteBuffer.wrap(reader.bytes(e));
    }

    public Path file() {
        return reader.file();
    }

    public About about() {
        return about;
    }

    /** @return all input, in order */
    public List<InputScript.Piece> input() {
        return input;
    }

    /** @return how the run ended, or null if the writer was killed */
    public End end() {
        return end;
    }

    /** @return the instruction up to which the file tells all that came from outside */
    public long reaches() {
        return reaches;
    }

    /** @return whether the file ends within a record */
    public boolean cutOff() {
        return cut;
    }

    /** @return the instruction counts of the states in the file, in order; the first is where the recording began */
    public List<Long> checkpoints() {
        return checkpoints.stream().map(Checkpoint::instructions).toList();
    }

    /** @return the number of the last state at or before an instruction; 0 if there is none */
    public int checkpointBefore(long instruction) {
        int k = 0;
        while (k + 1 < checkpoints.size() && checkpoints.get(k + 1).instructions() <= instruction) k++;
        return k;
    }

    /** @return an instruction at which a state is, and that was at or before a virtual time @param ns since power-on */
    public long instructionBefore(long ns) throws IOException {
        // time is instructions and what was slept: never less than the instructions alone
        int k = checkpointBefore(ns / ringside.bus.Clock.NS_PER_INSTRUCTION);
        while (k > 0 && timeOf(k) > ns) k--;
        return checkpoints.get(k).instructions();
    }

    private long timeOf(int number) throws IOException {
        Object idle = image(number).fields().get("idle");
        return checkpoints.get(number).instructions() * ringside.bus.Clock.NS_PER_INSTRUCTION
                + (idle instanceof Long l ? l : 0);
    }

    /** @return the state of that number */
    public Image image(int number) throws IOException {
        if (number < imageNumber) {
            image = null;
            imageNumber = -1;
        }
        while (imageNumber < number) {
            Checkpoint c = checkpoints.get(imageNumber + 1);
            try {
                image = ImageCodec.image(
                        reader.bytes(c.entry),
                        image,
                        chunks.subList(0, c.chunks),
                        about.config().memory());
            } catch (DamagedException e) {
                throw e.getMessage().startsWith(file().toString()) ? e : reader.bad("is damaged: " + e.getMessage());
            }
            imageNumber++;
        }
        return image;
    }

    /** @return how a machine that stands where a state was recorded differs from it, in words; empty if it does not */
    public List<String> departures(Machine m, int number) throws IOException {
        Image there = image(number);
        Image here = Image.of(m, there);
        List<String> out = new ArrayList<>();
        if (here.instructions() != there.instructions())
            out.add("instructions: " + here.instructions() + ", recorded " + there.instructions());
        there.fields().forEach((name, value) -> {
            Object now = here.fields().get(name);
            if (!java.util.Objects.deepEquals(now, value))
                out.add(name + " differs" + (value instanceof Number ? ": " + now + ", recorded " + value : ""));
        });
        for (int p = 0; p < there.places().length; p++) {
            if (!here.samePage(there, p)) out.add(String.format("RAM page %xh differs", (long) p << 12));
        }
        return out.size() > MOST_SHOWN ? out.subList(0, MOST_SHOWN) : out;
    }

    /**
     * @return the recorded input, to be set into a machine that stands at an instruction; it ends where the recorded
     *     run ended
     */
    public InputScript script(long instruction) {
        InputScript s = new InputScript(
                input, end != null && end.outcome.reason() == Outcome.Reason.STOPPED ? end.moment : null);
        s.seek(instruction);
        return s;
    }

    /**
     * @return a machine in the last recorded state at or before an instruction, with the input that follows; the caller
     *     closes it
     */
    public Machine machine(Machine.EngineFactory engine, long instruction) throws IOException {
        Machine m = new Machine(about.config(), engine);
        try {
            Image i = image(checkpointBefore(instruction));
            i.restoreFresh(m);
            m.setScript(script(i.instructions()));
            return m;
        } catch (IOException | RuntimeException e) {
            m.close();
            throw e;
        }
    }

    /**
     * Puts a machine of this recording into the last state at or before an instruction, with the input that follows.
     */
    public void go(Machine m, long instruction) throws IOException {
        Image i = image(checkpointBefore(instruction));
        i.restore(m);
        m.setScript(script(i.instructions()));
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
