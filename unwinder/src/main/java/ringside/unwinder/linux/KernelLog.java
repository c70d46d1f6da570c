package ringside.unwinder.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The stack traces that a Linux kernel has printed in its log, as it writes them since 4.9: lines behind
 * {@code Call Trace:}.
 */
public final class KernelLog {
    private static final Pattern STAMP = Pattern.compile("^\\[ *\\d+\\.\\d+\\](?:\\[ *[TC]\\d+\\])? ");
    private static final Pattern FRAME =
            Pattern.compile("^ (\\? )?(\\S+\\+0x[0-9a-f]+/0x[0-9a-f]+(?: \\[[^\\]]+\\])?|0x[0-9a-f]+)$");
    private static final Pattern STACK = Pattern.compile("^ </?([^<>]+)>$");
    private static final Pattern RIP = Pattern.compile("^RIP: ([0-9a-f]{4}):(.+)$");
    private static final Pattern REGISTERS =
            Pattern.compile("^(Code: |RSP: |R[A-D]X: |R[SD]I: |RBP: |R\\d\\d: |EFLAGS: |ORIG_RAX: ).*$");
    private static final Pattern HEADLINE = Pattern.compile(
            "^(?:sysrq: |WARNING: |BUG: |Oops|kernel BUG|general protection|divide error|invalid opcode|int3|stack"
                    + " segment|ringside-traces: |task:|NMI backtrace|Kernel panic|list_|INFO: |double fault).*$");

    /**
     * A stack trace in the log.
     *
     * @param headline the last line before it that says what happened, or an empty text
     * @param items callers as {@code function+0x1/0x2}, with the module's name if it has one, and saved registers as
     *     {@code RIP: function+0x1/0x2} or {@code RIP: 0x1234} for user code; those that the kernel marks as guesses
     *     are left out
     * @param stacks names of the stacks it went through
     * @param whole whether its end was printed
     */
    public record Printed(String headline, List<String> items, List<String> stacks, boolean whole) {}

    private KernelLog() {}

    /**
     * Finds the stack traces in a kernel's log.
     *
     * @param console everything the kernel wrote, with or without time stamps
     * @return the traces, in the order they were printed
     */
    public static List<Printed> traces(String console) {
        List<Printed> found = new ArrayList<>();
        String headline = "";
        List<String> items = null;
        List<String> stacks = null;
        String open = null;
        for (String raw : console.split("\r*\n")) {
            String line = STAMP.matcher(raw).replaceFirst("");
            if (line.equals("Call Trace:")) {
                if (items != null) found.add(new Printed(headline, items, stacks, open == null));
                items = new ArrayList<>();
                stacks = new ArrayList<>();
                open = null;
                continue;
            }
            if (items != null) {
                Matcher stack = STACK.matcher(line);
                Matcher frame = FRAME.matcher(line);
                Matcher rip = RIP.matcher(line);
                if (stack.matches()) {
                    boolean closing = line.startsWith(" </");
                    if (!closing) stacks.add(stack.group(1));
                    open = closing ? null : stack.group(1);
                    if (!(closing && stack.group(1).equals("TASK"))) continue;
                } else if (frame.matches()) {
                    if (frame.group(1) == null) items.add(frame.group(2));
                    continue;
                } else if (rip.matches()) {
                    items.add("RIP: " + rip.group(2));
                    continue;
                } else if (REGISTERS.matcher(line).matches()) {
                    continue;
                }
                found.add(new Printed(headline, items, stacks, open == null));
                items = null;
                headline = "";
            }
            if (HEADLINE.matcher(line).matches()) headline = line;
        }
        if (items != null) found.add(new Printed(headline, items, stacks, false));
        return found;
    }
}
