package ringside.workbench.gdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import ringside.workbench.gdb.Fields.Malformed;

/**
 * The packets that begin with q or Q: what both sides can do, threads, descriptions, the monitor, and QEMU's own.
 * Source: GDB manual, appendix E.4.
 */
final class Queries {
    private static final int STEP_ENABLED = 1, STEP_MASKS_INTERRUPTS = 2, STEP_STOPS_TIMERS = 4;

    private final GdbSession session;
    private boolean softwareBreakpoints;
    /** Threads that the list being asked for has told. */
    private int listed;

    Queries(GdbSession session) {
        this.session = session;
    }

    /** @return whether the client wants to be told that a stop is a breakpoint's */
    boolean tellsSoftwareBreakpoints() {
        return softwareBreakpoints;
    }

    /** @return the answer; empty for what is not known; null if it has been given */
    String answer(String text) throws Malformed, IOException {
        int colon = text.indexOf(':');
        int comma = text.indexOf(',');
        int end = colon >= 0 && (comma < 0 || colon < comma) ? colon : comma >= 0 ? comma : text.length();
        Fields f = new Fields(text, Math.min(end + 1, text.length()));
        return switch (text.substring(0, end)) {
            case "qSupported" -> supported(f);
            case "QStartNoAckMode" -> {
                // before the answer: what comes behind it may be read at once
                session.connection().stopAcknowledging();
                yield "OK";
            }
            case "qAttached" -> "1";
            case "qC" -> "QC1";
            case "qfThreadInfo" -> {
                listed = 0;
                yield threads();
            }
            case "qsThreadInfo" -> threads();
            case "qThreadExtraInfo" ->
                HexFormat.of().formatHex(described(f.rest()).getBytes(StandardCharsets.UTF_8));
            case "qXfer" -> transfer(f);
            case "qRcmd" -> monitor(f.bytes());
            case "qOffsets" -> session.offsets();
            case "qSymbol" -> "OK";
            case "qqemu.sstepbits" ->
                "ENABLE=" + STEP_ENABLED + ",NOIRQ=" + STEP_MASKS_INTERRUPTS + ",NOTIMER=" + STEP_STOPS_TIMERS;
            case "qqemu.sstep" -> session.masked() ? "0x7" : "0x1";
            case "qqemu.PhyMemMode" -> session.memory().byPhysical() ? "1" : "0";
            default -> settings(text);
        };
    }

    /** QEMU's settings, of which the documentation writes some with '=' and some with ':'. */
    private String settings(String text) throws Malformed {
        String step = "Qqemu.sstep";
        String physical = "Qqemu.PhyMemMode";
        if (text.startsWith(step)) {
            session.masked((number(text.substring(step.length())) & STEP_MASKS_INTERRUPTS) != 0);
            return "OK";
        }
        if (text.startsWith(physical)) {
            session.memory().byPhysical(number(text.substring(physical.length())) != 0);
            return "OK";
        }
        return "";
    }

    private static int number(String s) throws Malformed {
        if (s.isEmpty() || s.charAt(0) != ':' && s.charAt(0) != '=') throw new Malformed();
        String digits = s.substring(1);
        Fields f = new Fields(digits.startsWith("0x") ? digits.substring(2) : digits, 0);
        int v = f.hex(0xffff);
        f.expectEnd();
        return v;
    }

    /** @return the next identifiers: the processor's, then the tasks' */
    private String threads() {
        StringBuilder s = new StringBuilder();
        for (; listed <= session.tasks().size() && s.length() < GdbSession.PACKET_SIZE / 2; listed++)
            s.append(s.isEmpty() ? "m" : ",")
                    .append(Long.toHexString(
                            listed == 0 ? 1 : session.tasks().get(listed - 1).id()));
        return s.isEmpty() ? "l" : s.toString();
    }

    private String described(String id) {
        GuestThread t = GdbSession.thread(id) ? null : session.task(id);
        return t == null ? processor() : t.name() + ", " + t.state();
    }

    private String threadList() {
        StringBuilder s =
                new StringBuilder("<?xml version=\"1.0\"?>\n<threads>\n  <thread id=\"1\" core=\"0\" name=\"CPU 0\">"
                        + session.debugger().describe() + "</thread>\n");
        for (GuestThread t : session.tasks())
            s.append(String.format(
                    "  <thread id=\"%x\" name=\"%s\">%s</thread>%n", t.id(), escaped(t.name()), escaped(t.state())));
        return s.append("</threads>\n").toString();
    }

    /** @return printable letters of ASCII as XML has them; a guest may call its tasks anything */
    private static String escaped(String s) {
        return s.replaceAll("[^ -~]", "?")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private String processor() {
        return "CPU 0, " + session.debugger().describe();
    }

    private String supported(Fields f) {
        List<String> theirs = Arrays.asList(f.rest().split(";"));
        softwareBreakpoints = theirs.contains("swbreak+");
        return String.format("PacketSize=%x", GdbSession.PACKET_SIZE)
                + ";QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;qXfer:memory-map:read+;swbreak+;vContSupported+;ReverseStep+;ReverseContinue+";
    }

    private String transfer(Fields f) throws Malformed {
        String object = f.until(':');
        String operation = f.until(':');
        String annex = f.until(':');
        int offset = f.hex(Integer.MAX_VALUE);
        int length = f.expect(',').hex(Integer.MAX_VALUE);
        f.expectEnd();
        String document = switch (object) {
            case "features" -> annex.equals("target.xml") ? TargetDescription.xml(session.registers()) : null;
            case "threads" -> threadList();
            case "memory-map" -> TargetDescription.memoryMap();
            default -> "";
        };
        if (document == null) return "E00";
        if (document.isEmpty() || !operation.equals("read")) return "";
        if (offset >= document.length()) return "l";
        int n = Math.min(Math.min(length, GdbSession.PACKET_SIZE - 16), document.length() - offset);
        return (offset + n == document.length() ? "l" : "m") + document.substring(offset, offset + n);
    }

    private String monitor(byte[] command) throws IOException {
        session.say(session.monitor().execute(new String(command, StandardCharsets.UTF_8).strip()));
        session.memory().refresh();
        return "OK";
    }
}
