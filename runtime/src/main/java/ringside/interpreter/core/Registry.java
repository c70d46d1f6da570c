package ringside.interpreter.core;

import ringside.cpu.CpuModel;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;

/**
 * Where families put their makers. Those of one mnemonic are asked in turn until one knows the form (MOV with control
 * registers).
 */
public interface Registry {
    /** Makes the handler of one instruction; null means that it is of another maker's form, or #UD. */
    @FunctionalInterface
    interface Maker {
        Op make(Instruction i, CpuContext c);
    }

    /** What a handler may depend on besides the instruction. @param mode the MODE bits of Cpu */
    record CpuContext(int mode, CpuModel model) {}

    void add(Mnemonic m, Maker maker);
}
