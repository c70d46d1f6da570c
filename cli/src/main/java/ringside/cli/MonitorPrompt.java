package ringside.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jline.reader.EndOfFileException;
import org.jline.reader.History;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.impl.LineDisciplineTerminal;
import ringside.workbench.monitor.Monitor;

/**
 * A prompt on the terminal with the words of the monitor, by JLine: editing, history, completion by Tab. The terminal
 * itself stays as {@link TerminalInput} has set it; its keys come here one by one, and JLine works on a terminal that
 * exists in memory only.
 */
final class MonitorPrompt implements Closeable {
    private static final int COLUMNS = 80, ROWS = 24, CTRL_D = 4;
    private static final String PROMPT = "(ringside) ";

    private final Monitor monitor;
    private final LineDisciplineTerminal terminal;
    private final LineReader reader;
    private volatile boolean ended;

    /** @param history lines typed before */
    MonitorPrompt(Monitor monitor, History history) throws IOException {
        this.monitor = monitor;
        String type = System.getenv("TERM");
        terminal = new LineDisciplineTerminal(
                "monitor", type == null || type.isEmpty() ? "dumb" : type, new ToTerminal(), StandardCharsets.UTF_8);
        terminal.setSize(new Size(COLUMNS, ROWS));
        Attributes a = terminal.getAttributes();
        a.setOutputFlag(Attributes.OutputFlag.ONLCR, true);
        terminal.setAttributes(a);
        reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .appName("ringside")
                .history(history)
                .completer(new StringsCompleter(monitor.phrases()))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .build();
    }

    /** Standard error, which stays open. */
    private static final class ToTerminal extends OutputStream {
        @Override
        public void write(int b) {
            Output.messages().write(b);
        }

        @Override
        public void write(byte[] b, int from, int length) {
            Output.messages().write(b, from, length);
        }

        @Override
        public void flush() {
            Output.messages().flush();
        }
    }

    /** Takes lines and does what they say, until {@link #end}. */
    void run() {
        while (!ended) {
            try {
                String line = reader.readLine(PROMPT).strip();
                if (!line.isEmpty()) Output.messages().print(monitor.execute(line));
            } catch (UserInterruptException e) {
                // Ctrl-C gives up the line
            } catch (EndOfFileException e) {
                ended = true;
            }
        }
    }

    /** A key, on the terminal's thread. @return whether it was taken */
    boolean typed(int b) {
        if (ended) return false;
        try {
            terminal.processInputByte(b);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Ends the prompt; from any thread. */
    void end() {
        if (ended) return;
        ended = true;
        try {
            // clears the line, and ends it
            terminal.processInputBytes(new byte[] {'U' & 0x1f, CTRL_D});
        } catch (IOException e) {
            // nobody reads any more
        }
    }

    @Override
    public void close() throws IOException {
        ended = true;
        terminal.close();
    }
}
