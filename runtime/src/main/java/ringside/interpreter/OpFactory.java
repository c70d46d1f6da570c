package ringside.interpreter;

import java.util.EnumMap;
import java.util.Map;
import ringside.cpu.CpuModel;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.UndefinedOp;
import ringside.interpreter.system.TrackingOps;

/**
 * Chooses the handler of an instruction: one table from mnemonic to family. Families register themselves here, each
 * from a table of its own; a mnemonic without one, or whose feature the CPU model lacks, gets a handler that raises
 * #UD.
 */
public final class OpFactory {
    /** Features of instructions whose families do not ask for one themselves. */
    private static final Map<Mnemonic, CpuModel.Feature> REQUIRED = new EnumMap<>(Mnemonic.class);

    static {
        for (Mnemonic m : new Mnemonic[] {
            Mnemonic.ADDSUBPS,
            Mnemonic.ADDSUBPD,
            Mnemonic.HADDPS,
            Mnemonic.HADDPD,
            Mnemonic.HSUBPS,
            Mnemonic.HSUBPD,
            Mnemonic.MOVDDUP,
            Mnemonic.MOVSHDUP,
            Mnemonic.MOVSLDUP,
            Mnemonic.LDDQU,
            Mnemonic.FISTTP
        }) {
            REQUIRED.put(m, CpuModel.Feature.SSE3);
        }
        for (Mnemonic m : new Mnemonic[] {
            Mnemonic.PSHUFB,
            Mnemonic.PHADDW,
            Mnemonic.PHADDD,
            Mnemonic.PHADDSW,
            Mnemonic.PHSUBW,
            Mnemonic.PHSUBD,
            Mnemonic.PHSUBSW,
            Mnemonic.PMADDUBSW,
            Mnemonic.PMULHRSW,
            Mnemonic.PSIGNB,
            Mnemonic.PSIGNW,
            Mnemonic.PSIGND,
            Mnemonic.PABSB,
            Mnemonic.PABSW,
            Mnemonic.PABSD,
            Mnemonic.PALIGNR
        }) {
            REQUIRED.put(m, CpuModel.Feature.SSSE3);
        }
    }

    private final Map<Mnemonic, Registry.Maker> makers = new EnumMap<>(Mnemonic.class);

    public OpFactory() {
        Families.register((m, maker) -> makers.merge(m, maker, OpFactory::either));
    }

    private static Registry.Maker either(Registry.Maker first, Registry.Maker second) {
        return (i, c) -> {
            Op op = first.make(i, c);
            return op != null ? op : second.make(i, c);
        };
    }

    /** @return whether any handler is registered for this mnemonic */
    public boolean knows(Mnemonic m) {
        return makers.containsKey(m);
    }

    /** @return whether a processor of this model executes it in that mode; otherwise it does nothing but raise #UD */
    public boolean defined(Instruction i, int mode, CpuModel model) {
        return !create(i, mode, model).undefined();
    }

    /** @param mode MODE bits of the CPU for which the block is decoded */
    public Op create(Instruction i, int mode, CpuModel model) {
        Registry.Maker m = makers.get(i.mnemonic);
        CpuModel.Feature required = REQUIRED.get(i.mnemonic);
        Op op = m == null || required != null && !model.has(required)
                ? null
                : m.make(i, new Registry.CpuContext(mode, model));
        if (op == null) op = new UndefinedOp();
        op = TrackingOps.tracked(op, i, new Registry.CpuContext(mode, model));
        op.instruction = i;
        op.length = i.length;
        return op;
    }
}
