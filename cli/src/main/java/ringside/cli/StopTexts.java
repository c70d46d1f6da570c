package ringside.cli;

import java.util.List;
import ringside.guest.GuestView;
import ringside.unwinder.Frame;
import ringside.unwinder.Trace;

/** Prints what is found at one stop after the other; a call chain that repeats is counted instead. */
final class StopTexts {
    private String last;
    private int printed;
    private long again;
    private long lastAt;

    /** @return what makes two chains the same */
    static String chain(List<Trace> traces) {
        StringBuilder s = new StringBuilder();
        for (Trace t : traces) {
            s.append(t.kind()).append('\n');
            for (Frame f : t.frames())
                s.append(f.user() ? "user" : f.toString()).append('\n');
        }
        return s.toString();
    }

    /** @param chain what makes a repetition; null if this text is always to be shown */
    void show(String what, GuestView view, String text, String chain) {
        if (chain != null && chain.equals(last)) {
            // a watched value is worth a line each time
            if (what.startsWith("write of ") || what.startsWith("read of ")) {
                Output.result(TraceText.heading(what, view.state()) + "; the same chain\n");
                return;
            }
            again++;
            lastAt = view.state().instructions();
            return;
        }
        end();
        last = chain;
        Output.result(printed++ == 0 ? text : "\n" + text);
    }

    /** Tells how often the last chain was repeated. */
    void end() {
        if (again > 0)
            Output.result(String.format(
                    "... the same chain %,d more time%s, the last one after %,d instructions%n",
                    again, again == 1 ? "" : "s", lastAt));
        again = 0;
        last = null;
    }
}
