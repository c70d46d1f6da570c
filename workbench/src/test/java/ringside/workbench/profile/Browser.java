package ringside.workbench.profile;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Chromium without a window, with one page, driven by its DevTools protocol. It has no network but the protocol's.
 */
final class Browser implements AutoCloseable {
    private static final int SECONDS = 90;

    private final Process process;
    private final WebSocket socket;
    private final Path home;
    private final Map<Integer, CompletableFuture<Map<String, Object>>> answers = new ConcurrentHashMap<>();
    /** Errors that the page's code threw or wrote to its console, and what it asked the network for. */
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private final StringBuilder part = new StringBuilder();
    private int last;

    /** @return the command, or null if there is none here */
    static String command() {
        for (String name : List.of("chromium", "chromium-browser", "google-chrome"))
            for (String folder : System.getenv("PATH").split(":"))
                if (Files.isExecutable(Path.of(folder, name))) return name;
        return null;
    }

    Browser(int width, int height) throws Exception {
        home = Files.createTempDirectory("browser");
        process = new ProcessBuilder(
                        command(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--hide-scrollbars",
                        "--disable-background-networking",
                        "--host-resolver-rules=MAP * ~NOTFOUND",
                        "--remote-debugging-port=0",
                        "--window-size=" + width + "," + height,
                        "--user-data-dir=" + home,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start();
        Path port = home.resolve("DevToolsActivePort");
        for (int i = 0;
                i < 10 * SECONDS
                        && !(Files.exists(port) && Files.readAllLines(port).size() > 1);
                i++) Thread.sleep(100);
        List<String> lines = Files.readAllLines(port);
        String base = "127.0.0.1:" + lines.get(0);
        String targets = new String(
                URI.create("http://" + base + "/json/list").toURL().openStream().readAllBytes());
        Map<String, Object> page = ((List<?>) JSON.std.anyFrom(targets))
                .stream()
                        .map(Browser::map)
                        .filter(t -> t.get("type").equals("page"))
                        .findFirst()
                        .orElseThrow();
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create((String) page.get("webSocketDebuggerUrl")), new Listener())
                .get(SECONDS, TimeUnit.SECONDS);
        call("Runtime.enable", Map.of());
        call("Log.enable", Map.of());
        call("Network.enable", Map.of());
        call("Page.enable", Map.of());
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object o) {
        return (Map<String, Object>) o;
    }

    private final class Listener implements WebSocket.Listener {
        @Override
        public CompletionStage<?> onText(WebSocket s, CharSequence text, boolean end) {
            part.append(text);
            if (end) {
                String whole = part.toString();
                part.setLength(0);
                try {
                    message(JSON.std.mapFrom(whole));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            s.request(1);
            return null;
        }
    }

    private void message(Map<String, Object> m) {
        if (m.get("id") instanceof Integer id) {
            answers.remove(id).complete(m);
            return;
        }
        Map<String, Object> p = map(m.get("params"));
        switch ((String) m.get("method")) {
            case "Runtime.exceptionThrown" -> complaints.add(p.toString());
            case "Runtime.consoleAPICalled" -> {
                if (List.of("error", "warning", "assert").contains(p.get("type"))) complaints.add(p.toString());
            }
            case "Log.entryAdded" -> {
                if (!"verbose".equals(map(p.get("entry")).get("level"))) complaints.add(p.toString());
            }
            case "Network.requestWillBeSent" -> {
                String url = (String) map(p.get("request")).get("url");
                if (!url.startsWith("file:") && !url.startsWith("data:")) complaints.add("asks the network: " + url);
            }
            default -> {}
        }
    }

    Map<String, Object> call(String method, Map<String, Object> parameters) throws Exception {
        int id = ++last;
        CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(JSON.std.asString(Map.of("id", id, "method", method, "params", parameters)), true)
                .get(SECONDS, TimeUnit.SECONDS);
        Map<String, Object> m = answer.get(SECONDS, TimeUnit.SECONDS);
        if (m.containsKey("error")) throw new IllegalStateException(method + ": " + m.get("error"));
        return map(m.get("result"));
    }

    void open(Path page) throws Exception {
        call("Page.navigate", Map.of("url", page.toUri().toString()));
        for (int i = 0; i < 10 * SECONDS; i++) {
            if (Boolean.TRUE.equals(run("document.body && document.body.dataset.ready === 'yes'"))) break;
            if (!complaints.isEmpty()) break;
            Thread.sleep(100);
        }
    }

    /** @return the value of an expression in the page */
    Object run(String expression) throws Exception {
        Map<String, Object> r = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (r.containsKey("exceptionDetails")) throw new IllegalStateException(expression + ": " + r);
        return map(r.get("result")).get("value");
    }

    /** Clicks with the mouse into the middle of an element. @param selector a CSS selector, the first one's */
    void click(String selector) throws Exception {
        Object at = run("(() => { const e = document.querySelector(" + JSON.std.asString(selector)
                + "); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
                + " return [r.x + r.width / 2, r.y + r.height / 2]; })()");
        List<?> xy = (List<?>) at;
        for (String type : List.of("mouseMoved", "mousePressed", "mouseReleased"))
            call(
                    "Input.dispatchMouseEvent",
                    Map.of("type", type, "x", xy.get(0), "y", xy.get(1), "button", "left", "clickCount", 1));
        Thread.sleep(300);
    }

    void type(String selector, String text) throws Exception {
        click(selector);
        for (String c : text.split("")) {
            call("Input.dispatchKeyEvent", Map.of("type", "keyDown", "text", c, "key", c));
            call("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", c));
        }
        Thread.sleep(700);
    }

    void scheme(String colors, String media) throws Exception {
        call(
                "Emulation.setEmulatedMedia",
                Map.of("media", media, "features", List.of(Map.of("name", "prefers-color-scheme", "value", colors))));
        Thread.sleep(300);
    }

    /** @return a PNG of the whole page */
    byte[] picture() throws Exception {
        Map<String, Object> r = call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        return Base64.getDecoder().decode((String) r.get("data"));
    }

    byte[] paper() throws Exception {
        return Base64.getDecoder().decode((String)
                call("Page.printToPDF", Map.of("printBackground", true)).get("data"));
    }

    List<String> complaints() {
        return new ArrayList<>(complaints);
    }

    @Override
    public void close() throws Exception {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path f : files.sorted(java.util.Comparator.reverseOrder()).toList()) Files.deleteIfExists(f);
        } catch (IOException | UncheckedIOException e) {
            // a process of the browser's may still be writing; the folder is temporary
        }
    }
}
