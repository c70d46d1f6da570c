package ringside.interpreter.integer;

import ringside.cpu.Cpu;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registers;
import ringside.interpreter.core.Registry;

/** CBW, CWDE, CDQE, CWD, CDQ, CQO: sign extension within and out of the accumulator. */
final class ConvertOps {
    private ConvertOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.CBW, (i, c) -> new Widen(2));
        r.add(Mnemonic.CWDE, (i, c) -> new Widen(4));
        r.add(Mnemonic.CDQE, (i, c) -> new Widen(8));
        r.add(Mnemonic.CWD, (i, c) -> new SignToData(2));
        r.add(Mnemonic.CDQ, (i, c) -> new SignToData(4));
        r.add(Mnemonic.CQO, (i, c) -> new SignToData(8));
    }

    /** The lower half of the accumulator, sign-extended to {@code size}. */
    private static final class Widen extends Op {
        private final int size;

        Widen(int size) {
            this.size = size;
        }

        @Override
        public void execute(Cpu cpu) {
            Registers.set(cpu.gpr, Cpu.RAX, size, Registers.signExtend(cpu.gpr[Cpu.RAX], size / 2));
        }
    }

    /** rDX filled with the accumulator's sign. */
    private static final class SignToData extends Op {
        private final int size;

        SignToData(int size) {
            this.size = size;
        }

        @Override
        public void execute(Cpu cpu) {
            Registers.set(cpu.gpr, Cpu.RDX, size, Registers.signExtend(cpu.gpr[Cpu.RAX], size) >> 63);
        }
    }
}
