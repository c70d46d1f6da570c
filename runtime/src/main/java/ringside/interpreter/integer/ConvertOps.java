package ringside.interpreter.integer;

import ringside.cpu.Cpu;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;

/** CBW, CWDE, CDQE, CWD, CDQ, CQO: sign extension within and out of the accumulator. */
final class ConvertOps {
    private ConvertOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.CBW, (i, c) -> widen(2));
        r.add(Mnemonic.CWDE, (i, c) -> widen(4));
        r.add(Mnemonic.CDQE, (i, c) -> widen(8));
        r.add(Mnemonic.CWD, (i, c) -> signToData(2));
        r.add(Mnemonic.CDQ, (i, c) -> signToData(4));
        r.add(Mnemonic.CQO, (i, c) -> signToData(8));
    }

    /** The lower half of the accumulator, sign-extended to {@code size}. */
    private static Op widen(int size) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                GprAccess.set(cpu.gpr, Cpu.RAX, size, GprAccess.signExtend(cpu.gpr[Cpu.RAX], size / 2));
            }
        };
    }

    /** rDX filled with the accumulator's sign. */
    private static Op signToData(int size) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                GprAccess.set(cpu.gpr, Cpu.RDX, size, GprAccess.signExtend(cpu.gpr[Cpu.RAX], size) >> 63);
            }
        };
    }
}
