package ringside.interpreter.vex;

import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.simd.LaneOps;
import ringside.interpreter.simd.ShuffleOps;
import ringside.interpreter.simd.Sse4Ops;
import ringside.interpreter.simd.SseFloatOps;
import ringside.interpreter.simd.VexForms;

/** Puts the VEX forms of legacy instructions into a registry. */
public record VexTwins(Registry registry) implements VexForms {
    @Override
    public void lane(Mnemonic legacy, LaneOps.Lane f) {
        VexLaneOps.lane(registry, Feature.AVX, Feature.AVX2, legacy, f);
    }

    @Override
    public void halves(
            Feature f128, Feature f256, Mnemonic legacy, ShuffleOps.Half low, ShuffleOps.Half high, int upperShift) {
        VexLaneOps.halves(registry, f128, f256, legacy, low, high, upperShift);
    }

    @Override
    public void widen(Mnemonic legacy, Sse4Ops.Unary f, int bitsPerLane) {
        VexMoveOps.widen(registry, Vex.of(legacy), f, bitsPerLane);
    }

    @Override
    public void arithmetic(
            Mnemonic ps, Mnemonic ss, SseFloatOps.Binary32 f, Mnemonic pd, Mnemonic sd, SseFloatOps.Binary64 g) {
        VexFloatOps.arithmetic(registry, ps, ss, f, pd, sd, g);
    }

    @Override
    public void same(Mnemonic legacy, Registry.Maker maker, boolean clearsFirst) {
        registry.add(Vex.of(legacy), Vex.avx((i, c) -> {
            Op op = maker.make(i, c);
            return clearsFirst ? Vex.clearUpper(op, 0) : op;
        }));
    }
}
