package ringside.workbench.crash;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.OpFactory;

/** Why a processor raised #UD: the guest asked for it, the processor lacks the instruction, or nobody knows it. */
final class UndefinedReason {
    private static final int LOCK = 0xf0;

    private UndefinedReason() {}

    /**
     * @param bytes of the code there, as many as are mapped
     * @param mode MODE bits of the CPU
     * @param bits 16, 32 or 64
     */
    static String of(byte[] bytes, int have, int mode, int bits, CpuModel model) {
        Instruction in = new Instruction();
        int n = Decoder.decode(bytes, 0, have, bits, model.amd(), in);
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < Math.min(have, n > 0 ? n : 8); i++) hex.append(String.format(" %02x", bytes[i]));
        if (n <= 0 && have > 1 && (bytes[0] & 0xff) == LOCK && Decoder.decode(bytes, 1, have, bits, in) > 0)
            return in.mnemonic.name().toLowerCase(Locale.ROOT) + " takes no LOCK prefix here:" + hex;
        if (n <= 0) return "not an instruction that Ringside knows:" + hex;
        if (in.mnemonic == Mnemonic.EVEX) return "AVX-512 (an EVEX prefix) is not implemented:" + hex;
        if (in.mnemonic == Mnemonic.UD2 || in.mnemonic == Mnemonic.UD1 || in.mnemonic == Mnemonic.UD0)
            return "the code asks for it: Linux puts ud2 where BUG() and WARN() stand";
        OpFactory factory = new OpFactory();
        int on = mode | Cpu.MODE_AVX | Cpu.MODE_SSE | Cpu.MODE_FPU;
        String name = in.mnemonic.name().toLowerCase(Locale.ROOT);
        if (!factory.knows(in.mnemonic)) return name + " is not implemented";
        if (factory.defined(in, on, model))
            return name + " exists, but the guest has not switched it on (CR4, XCR0, or the processor's mode)";
        List<String> would = new ArrayList<>();
        for (Feature f : Feature.values()) {
            if (model.has(f)) continue;
            Set<Feature> more = EnumSet.of(f);
            for (Feature x : Feature.values()) if (model.has(x)) more.add(x);
            if (factory.defined(in, on, new CpuModel(more))) would.add(f.name().toLowerCase(Locale.ROOT));
        }
        if (!would.isEmpty())
            return name + " needs " + String.join(" or ", would)
                    + ", which the processor that --cpu chooses does not have";
        return name + " is not valid in this form or mode";
    }
}
