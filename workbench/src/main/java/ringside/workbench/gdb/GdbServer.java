package ringside.workbench.gdb;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.workbench.debug.Debugger;
import ringside.workbench.debug.Stop;
import ringside.workbench.monitor.Monitor;

/**
 * Lets gdb run a machine: listens at an address, serves one client after the other, and runs the guest by itself while
 * there is none. Clients are accepted by a thread of its own; all else happens on the machine's.
 */
public final class GdbServer implements Closeable {
    private static final int WAIT_MS = 50, GRACE = 20;

    /**
     * How to serve.
     *
     * @param limit instructions after which the run ends
     * @param over asked now and then: whether somebody else has ended the run
     * @param wide whether the guest is 64-bit code for sure, also where it starts in another mode
     * @param text where the kernel's code begins now, if the guest is a kernel that moves itself and it has; otherwise
     *     null
     * @param tasks of the guest that are to be threads; asked when the guest stands, and for each stop anew
     * @param say told in one line what happens to clients
     */
    public record Settings(
            long limit,
            BooleanSupplier over,
            boolean wide,
            Supplier<Long> text,
            Supplier<List<GuestThread>> tasks,
            Consumer<String> say) {}

    private final ListenAddress address;
    private final ServerSocketChannel listener;
    private final LinkedBlockingQueue<SocketChannel> arrivals = new LinkedBlockingQueue<>();
    private final Machine machine;
    private volatile boolean serving;
    private volatile Connection connection;

    /** Listens from here on. @throws IOException if the address cannot be listened at */
    public GdbServer(ListenAddress address, Machine machine) throws IOException {
        this.address = address;
        this.machine = machine;
        listener = address.listen();
        Thread.ofPlatform().daemon().name("gdb-listener").start(this::accept);
    }

    /** @return where it listens, as gdb's {@code target remote} takes it */
    public String where() {
        return address.name(listener);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel c = listener.accept();
                if (taken()) {
                    refuse(c);
                    continue;
                }
                arrivals.add(c);
                machine.requestStop();
            }
        } catch (IOException e) {
            // closed: no more clients
        }
    }

    /** @return whether another client is there to stay: one that has just left may not have been noticed yet */
    private boolean taken() {
        for (int i = 0; i < GRACE && (serving || !arrivals.isEmpty()); i++) LockSupport.parkNanos(WAIT_MS * 1_000_000L);
        return serving || !arrivals.isEmpty();
    }

    private static void refuse(SocketChannel c) {
        try (c) {
            c.write(ByteBuffer.wrap(
                    PacketWriter.frame("E.another gdb is connected".getBytes(StandardCharsets.US_ASCII))));
        } catch (IOException e) {
            // gone by itself
        }
    }

    /** @return whether the client that is served wants something; while there is none, whether one has come */
    public boolean wanted() {
        Connection c = connection;
        return c == null ? !arrivals.isEmpty() : c.wantsAttention();
    }

    /**
     * Runs the machine to its end.
     *
     * @param waits the guest stands until a client lets it run
     * @return how it ended: STOPPED if {@link Settings#over} did, null if a client did
     */
    public Outcome run(Debugger debugger, Monitor monitor, Settings settings, boolean waits)
            throws InterruptedException {
        boolean stands = waits;
        while (true) {
            if (settings.over().getAsBoolean()) return new Outcome(Outcome.Reason.STOPPED, 0);
            SocketChannel client = stands ? arrivals.poll(WAIT_MS, TimeUnit.MILLISECONDS) : arrivals.poll();
            if (client != null) {
                switch (serve(client, debugger, monitor, settings)) {
                    case KILLED, GUEST_ENDED -> {
                        return settings.over().getAsBoolean() ? new Outcome(Outcome.Reason.STOPPED, 0) : null;
                    }
                    case DETACHED -> {
                        debugger.detach();
                        stands = false;
                    }
                    case GONE -> {
                        debugger.clear();
                        stands = true;
                        settings.say()
                                .accept(String.format(
                                        "gdb has gone without a word; the guest stands after %,d instructions until it"
                                                + " comes back",
                                        machine.cpu().instructions()));
                    }
                }
            } else if (!stands) {
                Stop s = debugger.resume(settings.limit());
                if (s.reason() == Stop.Reason.ENDED) return s.outcome();
            }
        }
    }

    private GdbSession.End serve(SocketChannel client, Debugger debugger, Monitor monitor, Settings settings)
            throws InterruptedException {
        serving = true;
        try (Connection c = new Connection(client, machine::requestStop)) {
            connection = c;
            debugger.attach(true);
            return new GdbSession(c, debugger, monitor, settings).serve();
        } finally {
            connection = null;
            serving = false;
            machine.cancelStop();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        address.remove();
    }
}
