package ringside.workbench.snapshot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import ringside.machine.MachineConfig;

/**
 * The first record of a snapshot or recording: what machine it is of, and words for people.
 *
 * @param labels "kernel" (the file's path), "append", "made" (when and by which command) and the like; nothing depends
 *     on them
 * @param parent the name of the snapshot's file, in the same folder, that holds what this one leaves out; empty if
 *     there is none
 * @param parentId that snapshot's {@link SnapshotFile#id}
 */
public record About(Kind kind, MachineConfig config, Map<String, String> labels, String parent, String parentId) {
    public enum Kind {
        SNAPSHOT,
        RECORDING
    }

    /** @throws IllegalArgumentException for a machine with several processors: the file does not say how many */
    public About {
        if (config.processors() != 1)
            throw new IllegalArgumentException("a machine with " + config.processors()
                    + " processors cannot be saved or recorded, only one with a single processor");
    }

    public About(Kind kind, MachineConfig config, Map<String, String> labels) {
        this(kind, config, labels, "", "");
    }

    /** @return what a file says of itself; the rest of it is not looked at */
    public static About of(Path file) throws IOException {
        try (Records.Reader r = new Records.Reader(file)) {
            Records.Entry first = r.next();
            if (first == null || first.kind() != SnapshotFile.ABOUT)
                throw r.bad("is damaged: it does not begin with what it is of");
            try {
                return read(r.bytes(first));
            } catch (DamagedException e) {
                throw e.getMessage().startsWith(file.toString()) ? e : r.bad(e.getMessage());
            }
        } catch (java.io.EOFException e) {
            throw new DamagedException(file + ": is cut off within its first record");
        }
    }

    /** @return the file of the kernel that it is of, or null if that is not known */
    public Path kernel() {
        String name = labels.get("kernel");
        try {
            return name == null ? null : Path.of(name);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(kind.ordinal());
            Packed.config(out, config);
            out.writeInt(labels.size());
            for (Map.Entry<String, String> l : labels.entrySet()) {
                out.writeUTF(l.getKey());
                out.writeUTF(l.getValue());
            }
            out.writeUTF(parent);
            out.writeUTF(parentId);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    static About read(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        int kind = in.readByte();
        if (kind < 0 || kind >= Kind.values().length) throw new DamagedException("it is of unknown kind " + kind);
        MachineConfig config = Packed.config(in);
        Map<String, String> labels = new LinkedHashMap<>();
        for (int n = in.readInt(); n > 0; n--) labels.put(in.readUTF(), in.readUTF());
        return new About(Kind.values()[kind], config, labels, in.readUTF(), in.readUTF());
    }
}
