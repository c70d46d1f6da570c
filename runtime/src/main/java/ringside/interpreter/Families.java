package ringside.interpreter;

/** The list of all handler families. */
final class Families {
    private Families() {}

    static void register(OpFactory.Registry r) {
        IntegerOps.register(r);
        X87Ops.register(r);
        LaneOps.register(r);
        ShuffleOps.register(r);
        VectorMoveOps.register(r);
        ScalarMoveOps.register(r);
        MmxMoveOps.register(r);
        VectorGprOps.register(r);
        SystemOps.register(r);
        CetOps.register(r);
        TrackingOps.register(r);
        SseFloatOps.register(r);
        SseConvertOps.register(r);
        Sse4Ops.register(r);
        Sse4ElementOps.register(r);
        ShaOps.register(r);
        VexLaneOps.register(r);
        VexMoveOps.register(r);
        VexElementOps.register(r);
        VexPermuteOps.register(r);
        VexMaskOps.register(r);
        VexFloatOps.register(r);
        VexConvertOps.register(r);
        FmaOps.register(r);
    }
}
