package ringside.workbench.profile;

import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import ringside.cpu.Cpu;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.guest.GuestView;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.Symbols;
import ringside.workbench.entry.MemoryOperations;

/** Finds out what is to be known of a run of kernel instructions, from its code and the kernel's symbols. */
final class RunReader {
    /** Functions that entry code calls without being in the handler yet: they are put in place of returns and jumps. */
    private static final Pattern THUNKS =
            Pattern.compile("__x86_(return|indirect)_thunk.*|srso_.*|retbleed_.*|zen_untrain_ret|"
                    + "entry_untrain_ret|entry_ibpb|write_ibpb|clear_bhb_loop");

    private static final Pattern EXIT_WORK =
            Pattern.compile("syscall_exit_to_user_mode(_prepare)?|irqentry_exit(_to_user_mode)?|"
                    + "exit_to_user_mode_(prepare|loop)|irqentry_nmi_exit|prepare_exit_to_usermode|syscall_exit_work");
    private static final Set<String> SOFTIRQS = Set.of("__do_softirq", "handle_softirqs", "__softirqentry_text_start");
    private static final Set<String> SCHEDULER = Set.of(
            "schedule",
            "__schedule",
            "preempt_schedule_irq",
            "irqentry_exit_cond_resched",
            "raw_irqentry_exit_cond_resched");

    private final Cpu cpu;
    private final GuestView view;
    private final byte[] bytes = new byte[64 * Instruction.MAX_LENGTH];
    private final Instruction decoded = new Instruction();
    private KernelModel model;
    /** Linear address of the count that forbids preemption, from the base of the per-CPU data; -1: not known. */
    private long preemption = -1;

    RunReader(Cpu cpu, GuestView view) {
        this.cpu = cpu;
        this.view = view;
    }

    void learn(KernelModel m) {
        model = m;
        Symbols s = m.symbols();
        Long count = s.address("__preempt_count"), hot = s.address("pcpu_hot");
        LinuxKernel linux = LinuxKernel.of(m);
        if (count != null) preemption = count;
        else if (hot != null && linux != null && linux.types() != null)
            preemption = linux.types().offset("pcpu_hot", "preempt_count").stream()
                    .mapToLong(o -> hot + o)
                    .findAny()
                    .orElse(-1);
    }

    /** @return whether the kernel counts what forbids preemption, and not only interrupts and softirqs in that word */
    boolean countsPreemption() {
        return preemption >= 0 && model.symbols().address("preempt_schedule") != null;
    }

    /** @return offset of the count that forbids preemption in the per-CPU data, or -1 */
    long preemption() {
        return preemption;
    }

    /** @return number of the function's symbol, or -1 */
    private int symbol(long at) {
        return model == null ? -1 : model.symbols().find(at);
    }

    /** Fills in what the kernel's symbols tell. */
    void name(Blocks b, int n) {
        long at = b.rip[n];
        int f = symbol(at);
        b.function[n] = f;
        b.kind[n] = Blocks.OTHER;
        if (f < 0) return;
        String name = model.symbols().name(f);
        boolean start = model.symbols().start(f) == at;
        if (model.isEntry(at)) b.kind[n] = Blocks.ENTRY_CODE;
        else if (THUNKS.matcher(name).matches()) b.kind[n] = Blocks.THUNK;
        else if (start && EXIT_WORK.matcher(name).matches()) b.kind[n] = Blocks.EXIT_WORK;
        else if (start && SOFTIRQS.contains(name)) b.kind[n] = Blocks.SOFTIRQ;
        else if (start && SCHEDULER.contains(name)) b.kind[n] = Blocks.SCHEDULER;
    }

    /** Finds in the code of a run that was read before what only the symbols tell. */
    void look(Blocks b, int n) {
        if (preemption < 0 || b.code[n] == null) return;
        byte[] code = b.code[n];
        for (int at = 0; at < code.length; at += decoded.length) {
            if (Decoder.decode(code, at, code.length, 64, decoded) <= 0) return;
            if (changesPreemption(b.rip[n] + at)) b.flags[n] |= Blocks.CHANGES_PREEMPTION;
        }
    }

    /** Reads the code of a new run, which is still where it was executed. */
    void read(Blocks b, int n) {
        view.refresh();
        int instructions = b.length(n);
        int have = view.read(b.rip[n], bytes, 0, Math.min(bytes.length, instructions * Instruction.MAX_LENGTH));
        int bits = cpu.code64() ? 64 : (cpu.mode & Cpu.MODE_MASK) == Cpu.MODE_32 ? 32 : 16;
        int at = 0;
        long memory = 0;
        for (int i = 0; i < instructions && at < have; i++) {
            if (Decoder.decode(bytes, at, have, bits, decoded) <= 0) break;
            memory += MemoryOperations.of(decoded, 1);
            if (decoded.mnemonic == Mnemonic.CLI && b.disables[n] < 0) b.disables[n] = (short) i;
            if (changesPreemption(b.rip[n] + at)) b.flags[n] |= Blocks.CHANGES_PREEMPTION;
            at += decoded.length;
        }
        b.memory[n] = (int) memory;
        b.code[n] = Arrays.copyOf(bytes, at);
    }

    /** @return whether the decoded instruction, which stands here, writes to the count that forbids preemption */
    private boolean changesPreemption(long at) {
        if (preemption < 0 || decoded.memoryOperand() != 0 || decoded.memSegment != Instruction.GS) return false;
        boolean relative = decoded.memBase == Instruction.RIP;
        if (!relative && decoded.memBase >= 0) return false;
        return (relative ? at + decoded.length : 0) + decoded.disp == preemption;
    }
}
