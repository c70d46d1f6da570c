package ringside.workbench.gdb;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import ringside.boot.BootOptions;
import ringside.cpu.CpuModel;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.workbench.debug.Debugger;
import ringside.workbench.monitor.GuestCommands;
import ringside.workbench.run.Guest;

/** The entry kernel behind a gdb server at a socket of its own, run by a thread of its own. */
final class ServedGuest implements AutoCloseable {
    static final Path KERNEL = Path.of("..", "testdata", "entrykernel", "entry-marker.elf");

    final Machine machine;
    final Path socket;
    /** How the run ended; null inside if a client ended it. */
    final CompletableFuture<Outcome> end = new CompletableFuture<>();

    /** What the guest's tasks are said to be. */
    volatile List<GuestThread> tasks = List.of();

    private final GdbServer server;
    private final Thread thread;
    private volatile boolean over;

    ServedGuest(Path folder, Machine.EngineFactory engine) throws Exception {
        machine = new Guest(
                        KERNEL,
                        BootOptions.NONE,
                        new MachineConfig(16 << 20, CpuModel.standard(), java.util.Set.of(), false))
                .load(engine);
        socket = folder.resolve("gdb");
        server = new GdbServer(ListenAddress.parse("unix:" + socket), machine);
        Debugger debugger = new Debugger(machine, on -> {}, () -> server.wanted() || over);
        GdbServer.Settings settings =
                new GdbServer.Settings(Long.MAX_VALUE, () -> over, true, () -> null, () -> tasks, m -> {});
        thread = Thread.ofPlatform().start(() -> {
            try {
                end.complete(server.run(debugger, GuestCommands.monitor(debugger, true, List.of()), settings, true));
            } catch (Throwable e) {
                end.completeExceptionally(e);
            }
        });
    }

    SocketChannel connect() throws Exception {
        SocketChannel c = SocketChannel.open(StandardProtocolFamily.UNIX);
        c.connect(UnixDomainSocketAddress.of(socket));
        return c;
    }

    @Override
    public void close() throws Exception {
        over = true;
        machine.requestStop();
        thread.join();
        server.close();
        machine.close();
    }
}
