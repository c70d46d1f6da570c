package ringside.decoder;

/** The x87 escape opcodes D8 to DF. Intel SDM vol. 2, appendix A.5. */
final class X87Opcodes {
    static final String TEXT = """
        D8/0 m|r FADD Md|ST0,STi
        D8/1 m|r FMUL Md|ST0,STi
        D8/2 m|r FCOM Md|STi
        D8/3 m|r FCOMP Md|STi
        D8/4 m|r FSUB Md|ST0,STi
        D8/5 m|r FSUBR Md|ST0,STi
        D8/6 m|r FDIV Md|ST0,STi
        D8/7 m|r FDIVR Md|ST0,STi
        D9/0 m|r FLD Md|STi
        D9/1 r FXCH STi
        D9/2 m FST Md
        D9/2.0 FNOP
        D9/3 m|r FSTP Md|STi
        D9/4 m FLDENV Menv
        D9/4.0 FCHS
        D9/4.1 FABS
        D9/4.4 FTST
        D9/4.5 FXAM
        D9/5 m FLDCW Mw
        D9/5.0 FLD1
        D9/5.1 FLDL2T
        D9/5.2 FLDL2E
        D9/5.3 FLDPI
        D9/5.4 FLDLG2
        D9/5.5 FLDLN2
        D9/5.6 FLDZ
        D9/6 m FNSTENV Menv
        D9/6.0 F2XM1
        D9/6.1 FYL2X
        D9/6.2 FPTAN
        D9/6.3 FPATAN
        D9/6.4 FXTRACT
        D9/6.5 FPREM1
        D9/6.6 FDECSTP
        D9/6.7 FINCSTP
        D9/7 m FNSTCW Mw
        D9/7.0 FPREM
        D9/7.1 FYL2XP1
        D9/7.2 FSQRT
        D9/7.3 FSINCOS
        D9/7.4 FRNDINT
        D9/7.5 FSCALE
        D9/7.6 FSIN
        D9/7.7 FCOS
        DA/0 m|r FIADD|FCMOVB Md|ST0,STi
        DA/1 m|r FIMUL|FCMOVE Md|ST0,STi
        DA/2 m|r FICOM|FCMOVBE Md|ST0,STi
        DA/3 m|r FICOMP|FCMOVU Md|ST0,STi
        DA/4 m FISUB Md
        DA/5 m FISUBR Md
        DA/5.1 FUCOMPP
        DA/6 m FIDIV Md
        DA/7 m FIDIVR Md
        DB/0 m|r FILD|FCMOVNB Md|ST0,STi
        DB/1 m|r FISTTP|FCMOVNE Md|ST0,STi
        DB/2 m|r FIST|FCMOVNBE Md|ST0,STi
        DB/3 m|r FISTP|FCMOVNU Md|ST0,STi
        DB/4.0 FNENI
        DB/4.1 FNDISI
        DB/4.2 FNCLEX
        DB/4.3 FNINIT
        DB/4.4 FNSETPM
        DB/5 m|r FLD|FUCOMI Mt|ST0,STi
        DB/6 r FCOMI ST0,STi
        DB/7 m FSTP Mt
        DC/0 m|r FADD Mq|STi,ST0
        DC/1 m|r FMUL Mq|STi,ST0
        DC/2 m|r FCOM Mq|STi
        DC/3 m|r FCOMP Mq|STi
        DC/4 m|r FSUB|FSUBR Mq|STi,ST0
        DC/5 m|r FSUBR|FSUB Mq|STi,ST0
        DC/6 m|r FDIV|FDIVR Mq|STi,ST0
        DC/7 m|r FDIVR|FDIV Mq|STi,ST0
        DD/0 m|r FLD|FFREE Mq|STi
        DD/1 m|r FISTTP|FXCH Mq|STi
        DD/2 m|r FST Mq|STi
        DD/3 m|r FSTP Mq|STi
        DD/4 m|r FRSTOR|FUCOM Msave|STi
        DD/5 r FUCOMP STi
        DD/6 m FNSAVE Msave
        DD/7 m FNSTSW Mw
        DE/0 m|r FIADD|FADDP Mw|STi,ST0
        DE/1 m|r FIMUL|FMULP Mw|STi,ST0
        DE/2 m|r FICOM|FCOMP Mw|STi
        DE/3 m FICOMP Mw
        DE/3.1 FCOMPP
        DE/4 m|r FISUB|FSUBRP Mw|STi,ST0
        DE/5 m|r FISUBR|FSUBP Mw|STi,ST0
        DE/6 m|r FIDIV|FDIVRP Mw|STi,ST0
        DE/7 m|r FIDIVR|FDIVP Mw|STi,ST0
        DF/0 m|r FILD|FFREEP Mw|STi
        DF/1 m|r FISTTP|FXCH Mw|STi
        DF/2 m|r FIST|FSTP Mw|STi
        DF/3 m|r FISTP|FSTP Mw|STi
        DF/4 m FBLD Mt
        DF/4.0 FNSTSW AX
        DF/5 m|r FILD|FUCOMIP Mq|ST0,STi
        DF/6 m|r FBSTP|FCOMIP Mt|ST0,STi
        DF/7 m FISTP Mq
        """;

    private X87Opcodes() {}
}
