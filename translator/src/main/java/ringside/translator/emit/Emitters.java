package ringside.translator.emit;

import static ringside.decoder.Mnemonic.*;

import java.util.EnumMap;
import java.util.Map;
import ringside.decoder.InstructionInfo;
import ringside.decoder.Mnemonic;

/**
 * The table of inlined instructions: one line names the mnemonic and the method that emits it. All others are handler
 * calls.
 */
final class Emitters {
    private static final Map<Mnemonic, InstructionEmitter> TABLE = new EnumMap<>(Mnemonic.class);

    static {
        TABLE.put(ADD, AluEmitter::add);
        TABLE.put(ADC, AluEmitter::adc);
        TABLE.put(SUB, AluEmitter::sub);
        TABLE.put(SBB, AluEmitter::sbb);
        TABLE.put(CMP, AluEmitter::cmp);
        TABLE.put(AND, AluEmitter::and);
        TABLE.put(OR, AluEmitter::or);
        TABLE.put(XOR, AluEmitter::xor);
        TABLE.put(TEST, AluEmitter::test);
        TABLE.put(INC, AluEmitter::inc);
        TABLE.put(DEC, AluEmitter::dec);
        TABLE.put(NEG, AluEmitter::neg);
        TABLE.put(NOT, AluEmitter::not);
        TABLE.put(MOV, MoveEmitter::mov);
        TABLE.put(MOVZX, MoveEmitter::movzx);
        TABLE.put(MOVSX, MoveEmitter::movsx);
        TABLE.put(MOVSXD, MoveEmitter::movsx);
        TABLE.put(LEA, MoveEmitter::lea);
        TABLE.put(XCHG, MoveEmitter::xchg);
        TABLE.put(BSWAP, MoveEmitter::bswap);
        TABLE.put(CBW, MoveEmitter::convertInPlace);
        TABLE.put(CWDE, MoveEmitter::convertInPlace);
        TABLE.put(CDQE, MoveEmitter::convertInPlace);
        TABLE.put(CWD, MoveEmitter::convertToPair);
        TABLE.put(CDQ, MoveEmitter::convertToPair);
        TABLE.put(CQO, MoveEmitter::convertToPair);
        TABLE.put(IMUL, MultiplyEmitter::imul);
        TABLE.put(MUL, MultiplyEmitter::mul);
        TABLE.put(SHL, ShiftEmitter::shl);
        TABLE.put(SHR, ShiftEmitter::shr);
        TABLE.put(SAR, ShiftEmitter::sar);
        TABLE.put(ROL, ShiftEmitter::rol);
        TABLE.put(ROR, ShiftEmitter::ror);
        TABLE.put(BT, ShiftEmitter::bt);
        conditional(CMOVO, MoveEmitter::cmov);
        conditional(SETO, MoveEmitter::setcc);
        TABLE.put(PUSH, StackEmitter::push);
        TABLE.put(POP, StackEmitter::pop);
        TABLE.put(LEAVE, StackEmitter::leave);
        all(Emitters::nothing, NOP, PAUSE);
        TABLE.put(ENDBR64, e -> !e.tracksBranches);
        all(VectorEmitter::moveAligned, MOVAPS, MOVAPD, MOVDQA, MOVNTPS, MOVNTPD, MOVNTDQ);
        all(VectorEmitter::moveUnaligned, MOVUPS, MOVUPD, MOVDQU, LDDQU);
        TABLE.put(MOVQ, VectorEmitter::movq);
        TABLE.put(MOVD, VectorEmitter::movd);
        TABLE.put(MOVSS, VectorEmitter::movss);
        TABLE.put(MOVSD, VectorEmitter::movsd);
        all(VectorEmitter::lowHalf, MOVLPS, MOVLPD);
        all(VectorEmitter::highHalf, MOVHPS, MOVHPD);
        TABLE.put(MOVHLPS, VectorEmitter::movhlps);
        all(VectorEmitter::movlhps, MOVLHPS);
        laneWise(
                VectorEmitter::lanes,
                PAND,
                PANDN,
                POR,
                PXOR,
                ANDPS,
                ANDPD,
                ANDNPS,
                ANDNPD,
                ORPS,
                ORPD,
                XORPS,
                XORPD,
                PADDB,
                PADDW,
                PADDD,
                PADDQ,
                PSUBB,
                PSUBW,
                PSUBD,
                PSUBQ,
                PCMPEQB,
                PCMPEQW,
                PCMPEQD,
                PCMPGTB,
                PCMPGTW,
                PCMPGTD,
                PMINUB,
                PMAXUB,
                PADDUSB,
                PADDUSW,
                PSUBUSB,
                PSUBUSW,
                PADDSB,
                PADDSW,
                PSUBSB,
                PSUBSW,
                PMAXSW,
                PMINSW,
                PAVGB,
                PAVGW,
                PSADBW,
                PMULLW,
                PMULHW,
                PMULHUW,
                PMULUDQ,
                PMADDWD,
                PMULHRSW,
                PMADDUBSW,
                PSIGNB,
                PSIGNW,
                PSIGND,
                PCMPEQQ,
                PCMPGTQ,
                PMAXUW,
                PMINUW,
                PMAXUD,
                PMINUD,
                PMAXSB,
                PMINSB,
                PMAXSD,
                PMINSD,
                PMULLD,
                PMULDQ);
        laneWise(VectorEmitter::shift, PSLLW, PSLLD, PSLLQ, PSRLW, PSRLD, PSRLQ, PSRAW, PSRAD);
        all(
                VectorEmitter::shuffle,
                PUNPCKLBW,
                PUNPCKLWD,
                PUNPCKLDQ,
                PUNPCKLQDQ,
                PUNPCKHBW,
                PUNPCKHWD,
                PUNPCKHDQ,
                PUNPCKHQDQ,
                UNPCKLPS,
                UNPCKLPD,
                UNPCKHPS,
                UNPCKHPD,
                PSHUFD,
                PSHUFLW,
                PSHUFHW,
                SHUFPS,
                SHUFPD,
                PSHUFB,
                PALIGNR,
                MOVSLDUP,
                MOVSHDUP,
                PSLLDQ,
                PSRLDQ);
        TABLE.put(PMOVMSKB, VectorEmitter::pmovmskb);
    }

    private Emitters() {}

    /** A family of sixteen, named by one of them. */
    private static void conditional(Mnemonic family, InstructionEmitter e) {
        for (int c = 0; c < 16; c++) TABLE.put(InstructionInfo.withCondition(family, c), e);
    }

    private static void all(InstructionEmitter e, Mnemonic... mnemonics) {
        for (Mnemonic m : mnemonics) TABLE.put(m, e);
    }

    /** As {@link #all}, for those that call the function of {@code Lanes} with their name. */
    private static void laneWise(InstructionEmitter e, Mnemonic... mnemonics) {
        for (Mnemonic m : mnemonics) Members.requireLanes(m);
        all(e, mnemonics);
    }

    private static boolean nothing(Emission e) {
        return true;
    }

    /** @return the emitter, or null if the instruction is left to its handler */
    static InstructionEmitter of(Mnemonic m) {
        return TABLE.get(m);
    }
}
