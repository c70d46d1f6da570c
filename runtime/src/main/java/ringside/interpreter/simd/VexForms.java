package ringside.interpreter.simd;

import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Registry;

/**
 * Registers the VEX forms of an instruction beside its legacy form: the same operation, with an operand more and 256
 * bits.
 */
public interface VexForms {
    void lane(Mnemonic legacy, LaneOps.Lane f);

    /**
     * @param f128 feature of the form with 128 bits
     * @param f256 of the one with 256
     * @param upperShift immediate bits that the lower half takes
     */
    void halves(Feature f128, Feature f256, Mnemonic legacy, ShuffleOps.Half low, ShuffleOps.Half high, int upperShift);

    void widen(Mnemonic legacy, Sse4Ops.Unary f, int bitsPerLane);

    void arithmetic(Mnemonic ps, Mnemonic ss, SseFloatOps.Binary32 f, Mnemonic pd, Mnemonic sd, SseFloatOps.Binary64 g);

    /** A 128-bit form that is the legacy one. @param clearsFirst whether it clears bits 255:128 of XMM0 */
    void same(Mnemonic legacy, Registry.Maker maker, boolean clearsFirst);
}
