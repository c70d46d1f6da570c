package ringside.interpreter.integer;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.cpu.Flags;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;

/**
 * RDRAND and RDSEED. They always succeed, and give the numbers of one generator (splitmix64) that is part of the
 * processor's state and starts from the same place at each reset: two runs get the same numbers. Nothing in the guest
 * that depends on them is secret. Intel SDM vol. 2.
 */
final class RandomOps {
    private RandomOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.RDRAND, (i, c) -> c.model().has(Feature.RDRAND) ? random(i) : null);
        r.add(Mnemonic.RDSEED, (i, c) -> c.model().has(Feature.RDSEED) ? random(i) : null);
    }

    private static long next(Cpu cpu) {
        cpu.random += 0x9e3779b97f4a7c15L;
        long z = cpu.random;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    private static Op random(Instruction i) {
        int register = i.reg[0];
        int size = i.size[0];
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                GprAccess.set(cpu.gpr, register, size, next(cpu));
                cpu.setArithmeticFlags(Flags.CF);
            }
        };
    }
}
