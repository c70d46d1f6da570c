package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.Maker;
import ringside.simd.Sha;

/** The SHA group, where the CPU model has it. Intel SDM vol. 2. */
final class ShaOps {
    private ShaOps() {}

    private static Maker gated(Maker m) {
        Maker enabled = Simd.sse(m);
        return (i, c) -> c.model().has(Feature.SHA) ? enabled.make(i, c) : null;
    }

    private static void wide(Registry r, Mnemonic m, ShuffleOps.Half low, ShuffleOps.Half high) {
        r.add(m, gated((i, c) -> ShuffleOps.xmm(i, c, low, high)));
    }

    static void register(Registry r) {
        wide(r, Mnemonic.SHA1NEXTE, (a0, a1, b0, b1, n) -> b0, (a0, a1, b0, b1, n) -> Sha.nextE(a1, b1));
        wide(r, Mnemonic.SHA1MSG1, (a0, a1, b0, b1, n) -> a0 ^ b1, (a0, a1, b0, b1, n) -> a1 ^ a0);
        wide(
                r,
                Mnemonic.SHA1MSG2,
                (a0, a1, b0, b1, n) -> Sha.message2(a0, a1, b0, b1, 0),
                (a0, a1, b0, b1, n) -> Sha.message2(a0, a1, b0, b1, 1));
        wide(
                r,
                Mnemonic.SHA1RNDS4,
                (a0, a1, b0, b1, n) -> Sha.rounds4(a0, a1, b0, b1, n, 0),
                (a0, a1, b0, b1, n) -> Sha.rounds4(a0, a1, b0, b1, n, 1));
        wide(
                r,
                Mnemonic.SHA256MSG1,
                (a0, a1, b0, b1, n) -> Sha.message1Of256(a0, a1),
                (a0, a1, b0, b1, n) -> Sha.message1Of256(a1, b0));
        wide(
                r,
                Mnemonic.SHA256MSG2,
                (a0, a1, b0, b1, n) -> Sha.message2Of256(a0, a1, b1, 0),
                (a0, a1, b0, b1, n) -> Sha.message2Of256(a0, a1, b1, 1));
        r.add(Mnemonic.SHA256RNDS2, gated((i, c) -> rounds2Handler(SseFloatOps.Source.of(i, c))));
    }

    private static Op rounds2Handler(SseFloatOps.Source s) {
        return new SseFloatOps.Pair(s) {
            @Override
            void apply(Cpu cpu, long b0, long b1) {
                long a0 = cpu.vec[s.d];
                long a1 = cpu.vec[s.d + 1];
                long wk = cpu.vec[0];
                cpu.vec[s.d] = Sha.rounds2(a0, a1, b0, b1, wk, 0);
                cpu.vec[s.d + 1] = Sha.rounds2(a0, a1, b0, b1, wk, 1);
            }
        };
    }
}
