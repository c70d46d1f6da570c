package ringside.workbench.gdb;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One client's socket. A thread of its own reads it, so that an interrupt character, and a client that is gone, are
 * noticed while the guest runs: then {@code attention} is called, on that thread, for every item that comes in.
 */
final class Connection implements Closeable {
    /** Packets that may wait; a client that sends more without reading answers is made to wait itself. */
    private static final int WAITING = 256;

    private final SocketChannel channel;
    private final LinkedBlockingQueue<PacketReader.Item> items = new LinkedBlockingQueue<>(WAITING);
    private final PacketWriter writer;
    private volatile boolean ended;
    private volatile boolean acknowledging = true;
    /** A packet has come that is not answered yet. */
    private volatile boolean owing;

    Connection(SocketChannel channel, Runnable attention) {
        this.channel = channel;
        writer = new PacketWriter(Channels.newOutputStream(channel));
        PacketReader reader = new PacketReader(Channels.newInputStream(channel));
        Thread.ofPlatform().daemon().name("gdb-input").start(() -> read(reader, attention));
    }

    private void read(PacketReader reader, Runnable attention) {
        try {
            while (!ended) {
                PacketReader.Item i = reader.next();
                switch (i.kind()) {
                    case INTERRUPTED -> items.offer(i);
                    case END -> ended = true;
                    case ACKNOWLEDGED -> {
                        continue;
                    }
                    case AGAIN -> {
                        // only what answers the last packet can have come in damaged; a client that is tired of waiting
                        // for an answer says the same
                        if (acknowledging && !owing) writer.again();
                        continue;
                    }
                    case DAMAGED -> {
                        if (acknowledging) writer.acknowledge(false);
                        continue;
                    }
                    default -> {
                        // at once, whatever the machine's thread does: clients send a packet again that is not
                        // acknowledged within two seconds
                        if (acknowledging) writer.acknowledge(true);
                        owing = true;
                        items.put(i);
                    }
                }
                attention.run();
            }
        } catch (InterruptedException | IOException e) {
            ended = true;
            attention.run();
        }
    }

    /** @return whether something waits for whoever runs the guest: a packet, an interrupt, the end */
    boolean wantsAttention() {
        return ended || !items.isEmpty();
    }

    boolean ended() {
        return ended && items.isEmpty();
    }

    /**
     * Waits for a packet.
     * @return null if none came within the time; or an interrupt came, which has done its work by waking whoever ran
     *     the guest
     */
    byte[] receive(int milliseconds) throws IOException, InterruptedException {
        PacketReader.Item i = items.poll(milliseconds, TimeUnit.MILLISECONDS);
        if (i == null) return null;
        if (i.kind() == PacketReader.Kind.OVERSIZED) send("E.the packet is longer than PacketSize");
        return i.data();
    }

    void send(String text) throws IOException {
        owing = false;
        writer.send(text);
    }

    /** The line is reliable: nothing is acknowledged from here on. */
    void stopAcknowledging() {
        acknowledging = false;
    }

    @Override
    public void close() {
        ended = true;
        try {
            channel.close();
        } catch (IOException e) {
            // gone already
        }
    }
}
