package ringside.decoder;

/**
 * The 0F opcode map: MMX and SSE instructions in their legacy encoding. Intel SDM vol. 2, appendix A, tables A-3 and
 *
 */
final class SimdOpcodes {
    static final String TEXT = """
        10 np|66|f3|f2 MOVUPS|MOVUPD|MOVSS|MOVSD Vo,Wo|Vo,Wo|Vo,Wd|Vo,Wq
        11 np|66|f3|f2 MOVUPS|MOVUPD|MOVSS|MOVSD Wo,Vo|Wo,Vo|Wd,Vo|Wq,Vo
        12 np MOVHLPS Vo,Uo
        12 np|66 MOVLPS|MOVLPD Vo,Mq
        12 f3|f2 MOVSLDUP|MOVDDUP Vo,Wo|Vo,Wq
        13 np|66 MOVLPS|MOVLPD Mq,Vo
        14 np|66 UNPCKLPS|UNPCKLPD Vo,Wo
        15 np|66 UNPCKHPS|UNPCKHPD Vo,Wo
        16 np MOVLHPS Vo,Uo
        16 np|66 MOVHPS|MOVHPD Vo,Mq
        16 f3 MOVSHDUP Vo,Wo
        17 np|66 MOVHPS|MOVHPD Mq,Vo
        28 np|66 MOVAPS|MOVAPD Vo,Wo
        29 np|66 MOVAPS|MOVAPD Wo,Vo
        2A np|66|f3|f2 CVTPI2PS|CVTPI2PD|CVTSI2SS|CVTSI2SD Vo,Qq|Vo,Qq|Vo,Ey|Vo,Ey
        2B np|66|f3|f2 MOVNTPS|MOVNTPD|MOVNTSS|MOVNTSD Mo,Vo|Mo,Vo|Md,Vo|Mq,Vo
        2C np|66|f3|f2 CVTTPS2PI|CVTTPD2PI|CVTTSS2SI|CVTTSD2SI Pq,Wq|Pq,Wo|Gy,Wd|Gy,Wq
        2D np|66|f3|f2 CVTPS2PI|CVTPD2PI|CVTSS2SI|CVTSD2SI Pq,Wq|Pq,Wo|Gy,Wd|Gy,Wq
        2E np|66 UCOMISS|UCOMISD Vo,Wd|Vo,Wq
        2F np|66 COMISS|COMISD Vo,Wd|Vo,Wq
        50 np|66 MOVMSKPS|MOVMSKPD Gy,Uo
        51 np|66|f3|f2 SQRTPS|SQRTPD|SQRTSS|SQRTSD Vo,Wo|Vo,Wo|Vo,Wd|Vo,Wq
        52 np|f3 RSQRTPS|RSQRTSS Vo,Wo|Vo,Wd
        53 np|f3 RCPPS|RCPSS Vo,Wo|Vo,Wd
        54 np|66 ANDPS|ANDPD Vo,Wo
        55 np|66 ANDNPS|ANDNPD Vo,Wo
        56 np|66 ORPS|ORPD Vo,Wo
        57 np|66 XORPS|XORPD Vo,Wo
        58 np|66|f3|f2 ADDPS|ADDPD|ADDSS|ADDSD Vo,Wo|Vo,Wo|Vo,Wd|Vo,Wq
        59 np|66|f3|f2 MULPS|MULPD|MULSS|MULSD Vo,Wo|Vo,Wo|Vo,Wd|Vo,Wq
        5A np|66|f3|f2 CVTPS2PD|CVTPD2PS|CVTSS2SD|CVTSD2SS Vo,Wq|Vo,Wo|Vo,Wd|Vo,Wq
        5B np|66|f3 CVTDQ2PS|CVTPS2DQ|CVTTPS2DQ Vo,Wo
        5C np|66|f3|f2 SUBPS|SUBPD|SUBSS|SUBSD Vo,Wo|Vo,Wo|Vo,Wd|Vo,Wq
        5D np|66|f3|f2 MINPS|MINPD|MINSS|MINSD Vo,Wo|Vo,Wo|Vo,Wd|Vo,Wq
        5E np|66|f3|f2 DIVPS|DIVPD|DIVSS|DIVSD Vo,Wo|Vo,Wo|Vo,Wd|Vo,Wq
        5F np|66|f3|f2 MAXPS|MAXPD|MAXSS|MAXSD Vo,Wo|Vo,Wo|Vo,Wd|Vo,Wq
        60 np|66 PUNPCKLBW Pq,Qd|Vo,Wo
        61 np|66 PUNPCKLWD Pq,Qd|Vo,Wo
        62 np|66 PUNPCKLDQ Pq,Qd|Vo,Wo
        63 np|66 PACKSSWB Pq,Qq|Vo,Wo
        64 np|66 PCMPGTB Pq,Qq|Vo,Wo
        65 np|66 PCMPGTW Pq,Qq|Vo,Wo
        66 np|66 PCMPGTD Pq,Qq|Vo,Wo
        67 np|66 PACKUSWB Pq,Qq|Vo,Wo
        68 np|66 PUNPCKHBW Pq,Qq|Vo,Wo
        69 np|66 PUNPCKHWD Pq,Qq|Vo,Wo
        6A np|66 PUNPCKHDQ Pq,Qq|Vo,Wo
        6B np|66 PACKSSDW Pq,Qq|Vo,Wo
        6C 66 PUNPCKLQDQ Vo,Wo
        6D 66 PUNPCKHQDQ Vo,Wo
        6E np|66 w0 MOVD Pq,Ed|Vo,Ed
        6E np|66 w1 MOVQ Pq,Eq|Vo,Eq
        6F np|66|f3 MOVQ|MOVDQA|MOVDQU Pq,Qq|Vo,Wo|Vo,Wo
        70 np|66|f3|f2 PSHUFW|PSHUFD|PSHUFHW|PSHUFLW Pq,Qq,Ib|Vo,Wo,Ib|Vo,Wo,Ib|Vo,Wo,Ib
        71/2 np|66 PSRLW Nq,Ib|Uo,Ib
        71/4 np|66 PSRAW Nq,Ib|Uo,Ib
        71/6 np|66 PSLLW Nq,Ib|Uo,Ib
        72/2 np|66 PSRLD Nq,Ib|Uo,Ib
        72/4 np|66 PSRAD Nq,Ib|Uo,Ib
        72/6 np|66 PSLLD Nq,Ib|Uo,Ib
        73/2 np|66 PSRLQ Nq,Ib|Uo,Ib
        73/3 66 PSRLDQ Uo,Ib
        73/6 np|66 PSLLQ Nq,Ib|Uo,Ib
        73/7 66 PSLLDQ Uo,Ib
        74 np|66 PCMPEQB Pq,Qq|Vo,Wo
        75 np|66 PCMPEQW Pq,Qq|Vo,Wo
        76 np|66 PCMPEQD Pq,Qq|Vo,Wo
        77 np EMMS
        7C 66|f2 HADDPD|HADDPS Vo,Wo
        7D 66|f2 HSUBPD|HSUBPS Vo,Wo
        7E np|66 w0 MOVD Ed,Pq|Ed,Vo
        7E np|66 w1 MOVQ Eq,Pq|Eq,Vo
        7E f3 MOVQ Vo,Wq
        7F np|66|f3 MOVQ|MOVDQA|MOVDQU Qq,Pq|Wo,Vo|Wo,Vo
        C2 np|66|f3|f2 CMPPS|CMPPD|CMPSS|CMPSD Vo,Wo,Ib|Vo,Wo,Ib|Vo,Wd,Ib|Vo,Wq,Ib
        C4 np|66 PINSRW Pq,Rd/Mw,Ib|Vo,Rd/Mw,Ib
        C5 np|66 PEXTRW Gy,Nq,Ib|Gy,Uo,Ib
        C6 np|66 SHUFPS|SHUFPD Vo,Wo,Ib
        D0 66|f2 ADDSUBPD|ADDSUBPS Vo,Wo
        D1 np|66 PSRLW Pq,Qq|Vo,Wo
        D2 np|66 PSRLD Pq,Qq|Vo,Wo
        D3 np|66 PSRLQ Pq,Qq|Vo,Wo
        D4 np|66 PADDQ Pq,Qq|Vo,Wo
        D5 np|66 PMULLW Pq,Qq|Vo,Wo
        D6 66|f3|f2 MOVQ|MOVQ2DQ|MOVDQ2Q Wq,Vo|Vo,Nq|Pq,Uo
        D7 np|66 PMOVMSKB Gy,Nq|Gy,Uo
        D8 np|66 PSUBUSB Pq,Qq|Vo,Wo
        D9 np|66 PSUBUSW Pq,Qq|Vo,Wo
        DA np|66 PMINUB Pq,Qq|Vo,Wo
        DB np|66 PAND Pq,Qq|Vo,Wo
        DC np|66 PADDUSB Pq,Qq|Vo,Wo
        DD np|66 PADDUSW Pq,Qq|Vo,Wo
        DE np|66 PMAXUB Pq,Qq|Vo,Wo
        DF np|66 PANDN Pq,Qq|Vo,Wo
        E0 np|66 PAVGB Pq,Qq|Vo,Wo
        E1 np|66 PSRAW Pq,Qq|Vo,Wo
        E2 np|66 PSRAD Pq,Qq|Vo,Wo
        E3 np|66 PAVGW Pq,Qq|Vo,Wo
        E4 np|66 PMULHUW Pq,Qq|Vo,Wo
        E5 np|66 PMULHW Pq,Qq|Vo,Wo
        E6 66|f3|f2 CVTTPD2DQ|CVTDQ2PD|CVTPD2DQ Vo,Wo|Vo,Wq|Vo,Wo
        E7 np|66 MOVNTQ|MOVNTDQ Mq,Pq|Mo,Vo
        E8 np|66 PSUBSB Pq,Qq|Vo,Wo
        E9 np|66 PSUBSW Pq,Qq|Vo,Wo
        EA np|66 PMINSW Pq,Qq|Vo,Wo
        EB np|66 POR Pq,Qq|Vo,Wo
        EC np|66 PADDSB Pq,Qq|Vo,Wo
        ED np|66 PADDSW Pq,Qq|Vo,Wo
        EE np|66 PMAXSW Pq,Qq|Vo,Wo
        EF np|66 PXOR Pq,Qq|Vo,Wo
        F0 f2 LDDQU Vo,Mo
        F1 np|66 PSLLW Pq,Qq|Vo,Wo
        F2 np|66 PSLLD Pq,Qq|Vo,Wo
        F3 np|66 PSLLQ Pq,Qq|Vo,Wo
        F4 np|66 PMULUDQ Pq,Qq|Vo,Wo
        F5 np|66 PMADDWD Pq,Qq|Vo,Wo
        F6 np|66 PSADBW Pq,Qq|Vo,Wo
        F7 np|66 MASKMOVQ|MASKMOVDQU Pq,Nq|Vo,Uo
        F8 np|66 PSUBB Pq,Qq|Vo,Wo
        F9 np|66 PSUBW Pq,Qq|Vo,Wo
        FA np|66 PSUBD Pq,Qq|Vo,Wo
        FB np|66 PSUBQ Pq,Qq|Vo,Wo
        FC np|66 PADDB Pq,Qq|Vo,Wo
        FD np|66 PADDW Pq,Qq|Vo,Wo
        FE np|66 PADDD Pq,Qq|Vo,Wo
        """;

    private SimdOpcodes() {}
}
