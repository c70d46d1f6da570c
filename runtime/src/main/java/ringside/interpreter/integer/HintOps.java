package ringside.interpreter.integer;

import java.util.EnumSet;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;

/**
 * Instructions without a visible effect on a machine that executes in order and has no caches: NOP and its hints,
 * prefetches, fences. The cache-line flushes check their address as a load of one byte does.
 */
final class HintOps {
    private static final Set<Mnemonic> NONE = EnumSet.of(
            Mnemonic.NOP,
            Mnemonic.PAUSE,
            Mnemonic.PREFETCH,
            Mnemonic.PREFETCHW,
            Mnemonic.PREFETCHWT1,
            Mnemonic.PREFETCHNTA,
            Mnemonic.PREFETCHT0,
            Mnemonic.PREFETCHT1,
            Mnemonic.PREFETCHT2,
            Mnemonic.LFENCE,
            Mnemonic.MFENCE,
            Mnemonic.SFENCE,
            Mnemonic.CLDEMOTE);
    /**
     * Encoded in the space of reserved NOPs: they do nothing on a processor without MPX and shadow stacks, and software
     * counts on that.
     */
    private static final Set<Mnemonic> RESERVED = EnumSet.of(
            Mnemonic.BNDLDX,
            Mnemonic.BNDSTX,
            Mnemonic.BNDMOV,
            Mnemonic.BNDMK,
            Mnemonic.BNDCL,
            Mnemonic.BNDCU,
            Mnemonic.BNDCN);

    private HintOps() {}

    static void register(Registry r) {
        for (Mnemonic m : NONE) r.add(m, (i, c) -> nothing());
        for (Mnemonic m : RESERVED) r.add(m, (i, c) -> nothing());
        r.add(Mnemonic.CLFLUSH, FlushLine::new);
        r.add(Mnemonic.CLFLUSHOPT, (i, c) -> c.model().has(Feature.CLFLUSHOPT) ? new FlushLine(i, c) : null);
        r.add(Mnemonic.CLWB, (i, c) -> c.model().has(Feature.CLWB) ? new FlushLine(i, c) : null);
    }

    private static Op nothing() {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {}
        };
    }

    private static final class FlushLine extends Op {
        private final Address address;

        FlushLine(Instruction i, Registry.CpuContext c) {
            address = new Address(i, c.mode(), 1);
        }

        @Override
        public void execute(Cpu cpu) {
            cpu.mem.checkRead(address.forRead(cpu), 1);
        }
    }
}
