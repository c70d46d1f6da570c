package ringside.workbench.crash;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ringside.cpu.Cpu;
import ringside.shadow.ShadowEntry;

/**
 * Notices on the console that a kernel says it is broken: a panic, a BUG, an oops, a stall. Remembers the first of them
 * with the call chain of that moment, because what runs afterwards hides it.
 */
public final class ConsoleAlarm {
    private static final int LONGEST_LINE = 512, FRAMES = 24;
    /** Lines of the kernel's log have a time stamp; what a program prints has none. */
    private static final Pattern TROUBLE = Pattern.compile(
            "^\\[ *\\d+\\.\\d+\\](?:\\[ *[TC]\\d+\\])? ((?:Kernel panic|BUG: |kernel BUG at|Oops: |Internal error"
                    + "|general protection fault|double fault|watchdog: BUG|rcu: INFO: .*stall|INFO: task .* blocked"
                    + "|Unable to handle).*)"
                    + "|^((?:Kernel panic|panic: ).*)");

    private final Cpu cpu;
    private final FaultChain chain;
    private final StringBuilder line = new StringBuilder();
    private String text;
    private long instruction;
    private FaultChain.Event first;
    private boolean panic;
    private final List<ShadowEntry> calls = new ArrayList<>();

    /** @param chain the faults that are open when it says so */
    public ConsoleAlarm(Cpu cpu, FaultChain chain) {
        this.cpu = cpu;
        this.chain = chain;
    }

    /** Takes a byte of the guest's console, on the machine's thread. */
    public void write(int b) {
        if (b == '\r') return;
        if (b != '\n') {
            if (line.length() < LONGEST_LINE) line.append((char) (b & 0xff));
            return;
        }
        Matcher m = TROUBLE.matcher(line);
        if (m.find()) said(m.group(1) != null ? m.group(1) : m.group(2));
        line.setLength(0);
    }

    private void said(String what) {
        // a task that is blocked may be called anything
        if (what.startsWith("Kernel panic") || what.startsWith("panic: ")) panic = true;
        if (text != null) return;
        text = what.replaceAll("[^ -~]", "?");
        instruction = cpu.instructions();
        first = chain.first();
        Iterator<ShadowEntry> i = cpu.shadow.chain().iterator();
        while (i.hasNext() && calls.size() < FRAMES) calls.add(i.next());
    }

    /** @return whether the kernel said that it is broken */
    public boolean happened() {
        return text != null;
    }

    /** @return the first line that said so, without its time stamp; null if there is none */
    public String text() {
        return text;
    }

    /** @return whether it, or a later one, was a panic, which is the end */
    public boolean panicked() {
        return panic;
    }

    /** @return instructions retired when the line was complete */
    public long instruction() {
        return instruction;
    }

    /** @return the first fault that was open then, or null */
    public FaultChain.Event fault() {
        return first;
    }

    /** @return the call chain of that moment, innermost first, as the shadow stack has it */
    public List<ShadowEntry> calls() {
        return calls;
    }
}
