package ringside.decoder;

/** All opcode maps, built once from their texts. Intel SDM vol. 2, appendix A. */
final class OpcodeMaps {
    /** Legacy maps by number: one-byte, 0F, 0F38, 0F3A. */
    static final OpcodeNode[][] LEGACY = {
        OpcodeTable.parse(OneByteOpcodes.TEXT, X87Opcodes.TEXT),
        OpcodeTable.parse(TwoByteOpcodes.TEXT, SimdOpcodes.TEXT),
        OpcodeTable.parse(ThreeByteOpcodes.TEXT_0F38),
        OpcodeTable.parse(ThreeByteOpcodes.TEXT_0F3A),
    };

    /** VEX maps by VEX.mmmmm; map 0 is not used. */
    static final OpcodeNode[][] VEX = {
        null,
        OpcodeTable.parse(VexOpcodes.TEXT_0F),
        OpcodeTable.parse(VexOpcodes.TEXT_0F38),
        OpcodeTable.parse(VexOpcodes.TEXT_0F3A),
    };

    private OpcodeMaps() {}
}
