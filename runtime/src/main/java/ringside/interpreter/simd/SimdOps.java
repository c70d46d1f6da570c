package ringside.interpreter.simd;

import ringside.interpreter.core.Registry;

/** The handler families of MMX, SSE to SSE4.2, AES, PCLMULQDQ, GFNI, SHA and SSE4A. */
public final class SimdOps {
    private SimdOps() {}

    public static void register(Registry r, VexForms v) {
        LaneOps.register(r);
        ShuffleOps.register(r);
        VectorMoveOps.register(r);
        ScalarMoveOps.register(r);
        MmxMoveOps.register(r);
        VectorGprOps.register(r);
        SseFloatOps.register(r, v);
        SseConvertOps.register(r);
        Sse4Ops.register(r, v);
        Sse4ElementOps.register(r);
        ShaOps.register(r);
        Sse4aOps.register(r);
    }
}
