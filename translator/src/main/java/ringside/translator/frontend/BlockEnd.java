package ringside.translator.frontend;

import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Op;

/**
 * What a region does with an instruction that ends a block and is no branch. Its handler can be called in the region
 * where the handler leaves the mapping of the code alone ({@link #CONTINUES}); where it goes elsewhere or changes
 * mappings, the region ends behind it and a link leads on ({@link #LEAVES}). All others are left to the interpreter.
 */
public enum BlockEnd {
    CONTINUES,
    LEAVES,
    INTERPRETED;

    public static BlockEnd of(Op op) {
        return op.undefined() ? INTERPRETED : of(op.instruction.mnemonic);
    }

    private static BlockEnd of(Mnemonic m) {
        return switch (m) {
            case SWAPGS, CLI, STI, RDTSC, RDTSCP, CLAC, STAC, POPF, RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE -> CONTINUES;
            case SYSCALL, SYSRET, IRET, WRMSR, RDMSR, MOV, INVLPG, INT3 -> LEAVES;
            default -> INTERPRETED;
        };
    }
}
