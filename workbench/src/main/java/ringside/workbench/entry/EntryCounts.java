package ringside.workbench.entry;

import java.io.IOException;
import ringside.boot.BootException;
import ringside.cpu.Cpu;
import ringside.cpu.Observer;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;

/**
 * Exact costs of one kind of entry, by stepping through a run of the entry kernel that does nothing else: the
 * difference of two runs, one of which has more entries, divided by their number. So start and end of the run cancel
 * out.
 *
 * @param entry instructions of entry code before the first C-like handler
 * @param exit instructions of entry code behind it, those between two handlers included
 * @param entryMemory loads and stores of {@code entry}, with the words that the processor pushes
 * @param exitMemory loads and stores of {@code exit}
 * @param handler instructions of handlers
 * @param switching instructions of the change of stacks between two tasks
 */
public record EntryCounts(
        double entry, double exit, double entryMemory, double exitMemory, double handler, double switching) {
    private static final int FEW = 5, MORE = 15;
    private static final int ENTRY = 0, EXIT = 1, HANDLER = 2, SWITCHING = 3, PARTS = 4;

    static EntryCounts of(EntryKernel kernel, EntryKind kind) throws IOException, BootException {
        long[] few = new Run(kernel, kind, FEW).counts;
        long[] more = new Run(kernel, kind, MORE).counts;
        double[] d = new double[2 * PARTS];
        for (int i = 0; i < d.length; i++)
            d[i] = (double) (more[i] - few[i]) / (MORE - FEW) / (kind == EntryKind.SWITCH ? 2 : 1);
        return new EntryCounts(d[ENTRY], d[EXIT], d[PARTS + ENTRY], d[PARTS + EXIT], d[HANDLER], d[SWITCHING]);
    }

    /** One run, stepped on the interpreter. */
    private static final class Run {
        /** Instructions, then loads and stores, of each part. */
        final long[] counts = new long[2 * PARTS];

        private final EntryKind kind;
        private final Machine machine;
        private final EntryTruth kernel;
        /** Whether a handler has run, for each nested entry. */
        private final boolean[] handled = new boolean[64];

        private int depth;

        Run(EntryKernel image, EntryKind kind, int times) throws IOException, BootException {
            this.kind = kind;
            machine = image.start(Machine::interpreter, kind.commandLine(times));
            kernel = new EntryTruth(image, machine);
            GuestView view = kernel.view();
            machine.cpu().observers.add(Observer.of(this::delivered));
            Instruction decoded = new Instruction();
            byte[] code = new byte[Instruction.MAX_LENGTH];
            Cpu cpu = machine.cpu();
            while (true) {
                long rip = cpu.rip;
                boolean user = cpu.cpl == 3;
                view.refresh();
                int have = view.read(rip, code, 0, code.length);
                long rcx = cpu.gpr[Cpu.RCX];
                int depthBefore = depth;
                if (machine.run(cpu.instructions() + 1).reason() != Outcome.Reason.INSTRUCTION_LIMIT) break;
                boolean entered = depth > depthBefore;
                Decoder.decode(code, 0, have, 64, decoded);
                if (entered && (decoded.mnemonic == Mnemonic.INT || decoded.mnemonic == Mnemonic.INT3)) continue;
                if (entered) { // a fault: what was executed is the first instruction of its entry
                    rip = kernel.functionStart(cpu.rip - 1);
                    Decoder.decode(code, 0, view.read(rip, code, 0, code.length), 64, decoded);
                } else if (user) {
                    if (decoded.mnemonic == Mnemonic.SYSCALL) enter();
                    continue;
                }
                if (depth > 0) step(rip, decoded, rcx);
            }
            machine.close();
        }

        private boolean delivered(Cpu cpu, int vector, int error, boolean software) {
            enter();
            counted(ENTRY, 0, MemoryOperations.DELIVERY + (error >= 0 ? 1 : 0));
            return false;
        }

        private void enter() {
            handled[depth++] = false;
        }

        private void counted(int part, int instructions, long memory) {
            if (depth != kind.depth) return;
            counts[part] += instructions;
            counts[PARTS + part] += memory;
        }

        private void step(long rip, Instruction i, long rcx) {
            String f = kernel.function(rip);
            boolean switching = "switch_stacks".equals(f) || "finish_switch".equals(f);
            boolean entryCode = kernel.inEntryCode(rip) || "move_to_task_stack".equals(f);
            if (!entryCode && !switching) handled[depth - 1] = true;
            int part = switching ? SWITCHING : !entryCode ? HANDLER : handled[depth - 1] ? EXIT : ENTRY;
            counted(part, 1, MemoryOperations.of(i, rcx));
            if (i.mnemonic == Mnemonic.IRET || i.mnemonic == Mnemonic.SYSRET) depth--;
        }
    }
}
