package ringside.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import ringside.decoder.InstructionInfo.Flow;
import ringside.decoder.InstructionInfo.Privilege;
import ringside.decoder.InstructionInfo.Stack;

/**
 * The facts against those that iced-x86 1.21.0 has of one instruction of each mnemonic and kinds of operands in each
 * mode. They are recorded by {@code src/test/tools/record-iced.mjs}, which says what a line holds.
 */
class InstructionInfoTest {
    private static final int RSP = 1 << 4;

    /** What iced says of one instruction. */
    private record Theirs(
            String[] accesses,
            int read,
            int written,
            int flagsRead,
            int flagsWritten,
            int flagsUndefined,
            String memory,
            String flow,
            boolean kernel,
            int stack) {
        static Theirs of(String[] f) {
            return new Theirs(
                    f[2].split(","),
                    Integer.parseInt(f[3], 16),
                    Integer.parseInt(f[4], 16),
                    Integer.parseInt(f[5], 16),
                    Integer.parseInt(f[6], 16),
                    Integer.parseInt(f[7], 16),
                    f[8],
                    f[9],
                    f[10].equals("kernel"),
                    Integer.parseInt(f[11]));
        }
    }

    /** Where iced says less, or sees it otherwise: beginning of the difference, reason. */
    private static final Map<String, String> EXPLAINED = Map.ofEntries(
            Map.entry("CLZERO memory", "iced leaves it out"),
            Map.entry("MONITOR", "iced counts neither the touched line nor the privilege, which AMD can lift"),
            Map.entry("MONITORX memory", "as MONITOR"),
            Map.entry("MWAIT privilege", "as MONITOR"),
            Map.entry("CMOV", "the upper half of a 32-bit destination is always written: iced calls that written"),
            Map.entry("GETSEC", "leaves differ, iced names what all have in common"),
            Map.entry("INCSSP memory", "iced does not count shadow stacks"),
            Map.entry("SAVEPREVSSP memory", "as INCSSP"),
            Map.entry("SETSSBSY memory", "as INCSSP"),
            Map.entry("INT", "iced does not count the frame of an interrupt"),
            Map.entry("MASKMOV", "the mask's other operand is the source, iced calls it written"),
            Map.entry("NOP registers read", "iced does not count the address of a NOP, we do"),
            Map.entry("UD0 registers read", "as NOP"),
            Map.entry("UD1 registers read", "as NOP"),
            Map.entry("BND", "the addresses in the operands of bounds are special"),
            Map.entry("PUSHF flags read", "iced leaves out AC in 16-bit forms"),
            Map.entry("RCR flags read", "iced knows counts that rotate nothing"),
            Map.entry("RCL flags read", "as RCR"),
            Map.entry("RSM privilege", "needs system management, not CPL 0"),
            Map.entry("SKINIT", "iced sees it start a new world"),
            Map.entry("SYSCALL registers written", "R11 in long mode only"),
            Map.entry("SYSRET registers read", "R11 in long mode only"),
            Map.entry("VMASKMOV", "iced calls a masked store written"),
            Map.entry("VPMASKMOV", "as VMASKMOV"),
            Map.entry("VMRUN flags read", "they are saved, not used"),
            Map.entry("XABORT", "iced counts XBEGIN alone as a transaction"),
            Map.entry("XEND", "as XABORT"));

    private final Map<String, String> differences = new TreeMap<>();
    private Instruction in;
    private String line;

    private void differ(String what, Object ours, Object theirs) {
        String name = in.mnemonic + " " + what;
        if (idiom() && (what.startsWith("operand") || what.equals("registers read"))) return;
        if (EXPLAINED.keySet().stream().anyMatch(name::startsWith)) return;
        differences.putIfAbsent(name, ours + " / " + theirs + " in " + line);
    }

    private void compare(InstructionInfo info, Theirs t) {
        operands(info, t);
        registers(info, t);
        flags(info, t);
        memory(info, t);
        if (!flows(info.flow()).contains(t.flow)) differ("flow", info.flow(), t.flow);
        boolean kernel = info.privilege() == Privilege.KERNEL;
        if (kernel != t.kernel && info.privilege() != Privilege.IO) differ("privilege", info.privilege(), t.kernel);
        boolean moves = info.stack() != Stack.NONE || info.flow() == Flow.FAR_CALL || info.flow() == Flow.FAR_RETURN;
        if (moves != (t.stack != 0)
                && info.stack() != Stack.ENTER
                && info.stack() != Stack.LEAVE
                && info.flow() != Flow.INTERRUPT) differ("stack", info.stack(), t.stack);
    }

    /** Whether two operands are one register, so that the result may not depend on it: iced knows which those are. */
    private boolean idiom() {
        for (int k = 1; k < in.operandCount; k++) {
            if (in.kind[k] == in.kind[k - 1] && in.reg[k] == in.reg[k - 1] && in.kind[k] != Instruction.MEM)
                return true;
        }
        return false;
    }

    private void operands(InstructionInfo info, Theirs t) {
        for (int k = 0; k < Math.min(in.operandCount, t.accesses.length); k++) {
            if (in.kind[k] == Instruction.IMM || in.kind[k] == Instruction.REL || in.kind[k] == Instruction.FAR)
                continue;
            String theirs = t.accesses[k];
            String ours = (info.reads(k) ? "r" : "") + (info.writes(k) ? info.mayLeave(k) ? "c" : "w" : "");
            if (ours.isEmpty()) ours = theirs.equals("a") ? "a" : "-";
            if (!ours.equals(theirs)) differ("operand " + k, ours, theirs);
        }
    }

    private void registers(InstructionInfo info, Theirs t) {
        int read = info.registersRead(in);
        int written = info.registersWritten(in);
        // a register that is written in part or perhaps is one that is read too, for iced in some cases and not in
        // others
        if ((t.read & ~(read | written)) != 0 || (read & ~t.read) != 0)
            differ("registers read", Integer.toHexString(read), Integer.toHexString(t.read));
        if (written != t.written)
            differ("registers written", Integer.toHexString(written), Integer.toHexString(t.written));
    }

    private void flags(InstructionInfo info, Theirs t) {
        int known = InstructionInfo.ARITHMETIC | InstructionInfo.DF | InstructionInfo.IF | InstructionInfo.AC;
        int read = info.flagsRead() & known;
        if (read != t.flagsRead) differ("flags read", Integer.toHexString(read), Integer.toHexString(t.flagsRead));
        int changed = info.flagsChanged() & known;
        int theirs = t.flagsWritten | t.flagsUndefined;
        int definite = info.flagsWritten() & known;
        boolean sometimes = changed != (definite | info.flagsUndefined());
        if ((theirs & ~changed) != 0 || !sometimes && theirs != changed)
            differ("flags changed", Integer.toHexString(changed), Integer.toHexString(theirs));
        if ((definite & ~t.flagsWritten) != 0)
            differ("flags written", Integer.toHexString(definite), Integer.toHexString(t.flagsWritten));
        if ((t.flagsUndefined & ~info.flagsUndefined()) != 0)
            differ(
                    "flags undefined",
                    Integer.toHexString(info.flagsUndefined()),
                    Integer.toHexString(t.flagsUndefined));
    }

    private void memory(InstructionInfo info, Theirs t) {
        String ours = (info.readsMemory(in) ? "r" : "") + (info.writesMemory(in) ? "w" : "");
        String theirs = t.memory
                .replace("cw", "w")
                .replace("c", "w")
                .replace("wr", "rw")
                .replace(".", "");
        if (!ours.equals(theirs)) differ("memory", ours, theirs);
    }

    /** The names that iced has for a kind of control flow. */
    private static Set<String> flows(Flow f) {
        return switch (f) {
            case NEXT, HALT -> Set.of("Next");
            case JUMP, FAR_JUMP -> Set.of("UnconditionalBranch", "IndirectBranch");
            case CONDITIONAL_JUMP, LOOP -> Set.of("ConditionalBranch");
            case CALL, FAR_CALL -> Set.of("Call", "IndirectCall");
            case SYSTEM_CALL, HYPERVISOR -> Set.of("Call", "Next");
            case RETURN, FAR_RETURN, INTERRUPT_RETURN, SYSTEM_RETURN -> Set.of("Return");
            case INTERRUPT -> Set.of("Interrupt");
            case EXCEPTION -> Set.of("Exception", "Return");
            case TRANSACTION -> Set.of("XbeginXabortXend");
        };
    }

    private List<String[]> recorded() throws IOException {
        List<String[]> lines = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(InstructionInfoTest.class.getResourceAsStream("iced-facts.txt.gz"))))) {
            for (String l = reader.readLine(); l != null; l = reader.readLine()) lines.add(l.split("\t"));
        }
        return lines;
    }

    @Test
    void factsAreThoseOfIced() throws IOException {
        Set<Mnemonic> seen = EnumSet.noneOf(Mnemonic.class);
        int count = 0;
        for (String[] f : recorded()) {
            in = new Instruction();
            byte[] bytes = HexFormat.of().parseHex(f[1]);
            if (Decoder.decode(bytes, 0, bytes.length, Integer.parseInt(f[0]), in) != bytes.length) continue;
            line = f[0] + " " + f[1] + " " + Formatter.format(in, 0);
            if (in.mnemonic == Mnemonic.EVEX) continue;
            seen.add(in.mnemonic);
            count++;
            compare(InstructionInfo.of(in), Theirs.of(f));
        }
        assertTrue(count > 15_000 && seen.size() > 900, count + " instructions of " + seen.size() + " mnemonics");
        assertEquals(Map.of(), differences);
    }
}
