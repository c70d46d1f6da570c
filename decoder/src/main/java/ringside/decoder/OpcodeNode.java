package ringside.decoder;

/**
 * Decision tree of one opcode: an inner node selects a child by one property of the instruction, a leaf holds the
 * {@link OpcodeForm}, or none where the encoding is invalid. Immutable; built by {@link OpcodeTable}.
 */
final class OpcodeNode {

    /** The properties that may select a form, in the order in which the tree asks for them. */
    enum Property {
        /** Index 1 in 64-bit mode. */
        MODE_64(2),
        MANDATORY_PREFIX(4),
        /** Index 1 with REX.B. */
        REX_B(2),
        /** 0, 1, 2 for operand sizes of 2, 4 and 8 bytes, default sizes of single instructions not counted. */
        OPERAND_SIZE(3),
        /** Index 1 if ModRM.mod is 3. */
        MOD(2),
        REG(8),
        RM(8),
        /** VEX.W or REX.W. */
        W(2),
        /** VEX.W or REX.W in 64-bit mode, else 0. */
        WIDE(2),
        /** VEX.L. */
        L(2);

        final int values;

        Property(int values) {
            this.values = values;
        }

        int of(Instruction in) {
            return switch (this) {
                case MODE_64 -> in.mode == 64 ? 1 : 0;
                case MANDATORY_PREFIX -> in.mandatoryPrefix;
                case REX_B -> in.rex & 1;
                case OPERAND_SIZE -> in.operandSize >> 2;
                case MOD -> in.modrm >= 0xc0 ? 1 : 0;
                case REG -> in.modrm >> 3 & 7;
                case RM -> in.modrm & 7;
                case W -> in.rex >> 3;
                case WIDE -> in.mode == 64 ? in.rex >> 3 : 0;
                case L -> in.vectorLength;
            };
        }
    }

    private final Property property;
    private final OpcodeNode[] children;
    private final OpcodeForm form;
    /** Whether a ModRM byte follows the opcode; the same for all forms of an opcode. */
    final boolean hasModrm;

    /** A leaf. */
    OpcodeNode(OpcodeForm form, boolean hasModrm) {
        this.form = form;
        this.hasModrm = hasModrm;
        property = null;
        children = null;
    }

    OpcodeNode(Property property, OpcodeNode[] children, boolean hasModrm) {
        this.property = property;
        this.children = children;
        this.hasModrm = hasModrm;
        form = null;
    }

    /** @return the form of the instruction, whose prefixes, opcode and ModRM are known, or null if it is invalid */
    OpcodeForm select(Instruction in) {
        OpcodeNode node = this;
        while (node.property != null) node = node.children[node.property.of(in)];
        return node.form;
    }
}
