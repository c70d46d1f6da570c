package ringside.interpreter;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.OpFactory.CpuContext;

/** The x87 family: which mnemonics it has, and who makes their handlers. */
final class X87Ops {
    private X87Ops() {}

    static void register(OpFactory.Registry r) {
        for (Mnemonic m : Mnemonic.values()) {
            if (m.compareTo(Mnemonic.FLD) >= 0 && m.compareTo(Mnemonic.FRSTPM) <= 0) r.add(m, X87Ops::make);
        }
        r.add(Mnemonic.WAIT, (i, c) -> new X87StateOps.Wait());
        r.add(Mnemonic.EMMS, (i, c) -> new X87StateOps.Emms());
        XsaveOps.register(r);
    }

    private static Op make(Instruction i, CpuContext c) {
        if ((c.mode() & Cpu.MODE_FPU) == 0) return new X87StateOps.NotAvailable();
        X87Op op = X87StateOps.make(i, c);
        return op == null ? null : op.encode(i);
    }
}
