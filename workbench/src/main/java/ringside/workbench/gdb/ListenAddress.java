package ringside.workbench.gdb;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ringside.workbench.UsageException;

/**
 * Where a server listens: {@code PORT}, {@code HOST:PORT} or {@code unix:PATH}; without a host at the loopback address,
 * 0 for any free port.
 */
public final class ListenAddress {
    private static final Pattern INTERNET = Pattern.compile("(?:(.*):)?(\\d{1,5})");
    private static final String UNIX = "unix:";

    private final String host;
    private final int port;
    private final Path path;

    private ListenAddress(String host, int port, Path path) {
        this.host = host;
        this.port = port;
        this.path = path;
    }

    public static ListenAddress parse(String text) {
        if (text.startsWith(UNIX) && text.length() > UNIX.length()) {
            try {
                return new ListenAddress(null, 0, Path.of(text.substring(UNIX.length())));
            } catch (InvalidPathException e) {
                // said below
            }
        }
        Matcher m = INTERNET.matcher(text);
        if (m.matches() && Integer.parseInt(m.group(2)) <= 0xffff) {
            String h = m.group(1);
            return new ListenAddress(h == null || h.isEmpty() ? null : h, Integer.parseInt(m.group(2)), null);
        }
        throw new UsageException("'" + text + "' is no address to listen at; it is PORT, HOST:PORT or unix:PATH");
    }

    ServerSocketChannel listen() throws IOException {
        if (path == null) {
            ServerSocketChannel c = ServerSocketChannel.open();
            try {
                c.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                InetAddress a = host == null ? InetAddress.getLoopbackAddress() : InetAddress.getByName(host);
                return c.bind(new InetSocketAddress(a, port), 1);
            } catch (IOException e) {
                c.close();
                throw new UsageException(
                        "cannot listen at " + (host == null ? "port " : host + ":") + port + ": " + e.getMessage());
            }
        }
        // what an earlier run left behind is a socket without a listener; anything else is not ours to remove
        if (Files.exists(path)) {
            if ((int) Files.getAttribute(path, "unix:mode") >> 12 != 0xc || answers())
                throw new UsageException("cannot listen at " + path + ": it exists");
            Files.delete(path);
        }
        ServerSocketChannel c = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            return c.bind(UnixDomainSocketAddress.of(path), 1);
        } catch (IOException e) {
            c.close();
            throw new UsageException("cannot listen at " + path + ": " + e.getMessage());
        }
    }

    private boolean answers() {
        try (var c = java.nio.channels.SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return c.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    String name(ServerSocketChannel c) {
        if (path != null) return path.toString();
        try {
            InetSocketAddress a = (InetSocketAddress) c.getLocalAddress();
            return (host == null ? "" : host) + ":" + a.getPort();
        } catch (IOException e) {
            return (host == null ? "" : host) + ":" + port;
        }
    }

    void remove() throws IOException {
        if (path != null) Files.deleteIfExists(path);
    }
}
