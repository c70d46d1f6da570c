package ringside.decoder;

/**
 * What instructions do, a line for one or more mnemonics, read by {@link InstructionInfoTable}. A line is
 *
 * <pre>{@code MNEMONIC[,MNEMONIC...] [conditions] [accesses] [facts]}</pre>
 *
 * <ul>
 * <li>Conditions: {@code n0} to {@code n3} count of operands; {@code s1}, {@code s2} size of the first operand in
 *     bytes, {@code narrow} 1 or 2; {@code cr} a control or debug register; {@code m} a memory operand, {@code store}
 *     the first is; {@code rep} repeated. The first line that holds for an instruction counts; the last of a mnemonic
 *     has none.
 * <li>Accesses, by operand: {@code r} read, {@code w} written, {@code rw} both, {@code c} written or left, {@code rc}
 *     read and then written or left, {@code a} only its address counts, {@code -} not used.
 * <li>Registers beside the operands: {@code <RAX} read, {@code >RAX} written, {@code <>RAX} both, {@code >?RAX} written
 *     or left.
 * <li>Flags: {@code f<C} read, {@code f>OSZAPC} given a value, {@code f~OC} given one or left, {@code f?A} left
 *     undefined, sometimes or always. Letters: O S Z A P C, D, I, T, a for AC; {@code cc} stands for those of the
 *     condition.
 * <li>Memory beside the operands: {@code m<} read, {@code m>} written.
 * <li>Control flow, stack and privilege by the names of {@link InstructionInfo.Flow}, {@link InstructionInfo.Stack} and
 *     {@link InstructionInfo.Privilege} in small letters; {@code traps}: may raise an exception although no access to
 *     memory fails.
 * <li>A mnemonic that ends in {@code cc} stands for all sixteen conditions.
 * </ul>
 *
 * <p>Intel SDM vol. 2, description and "Flags Affected" of each instruction; AMD APM vol. 3 for AMD's own.
 */
final class InstructionFacts {
    static final String INTEGER = """
        ADD,SUB,NEG rw,r f>OSZAPC
        ADC,SBB rw,r f<C f>OSZAPC
        AND,OR,XOR rw,r f>OSZPC f?A
        CMP r,r f>OSZAPC
        TEST r,r f>OSZPC f?A
        INC,DEC rw f>OSZAP
        NOT rw
        MUL s1 r <>RAX f>OC f?SZAP
        MUL r <>RAX >RDX f>OC f?SZAP
        IMUL n1 s1 r <>RAX f>OC f?SZAP
        IMUL n1 r <>RAX >RDX f>OC f?SZAP
        IMUL n2 rw,r f>OC f?SZAP
        IMUL w,r,r f>OC f?SZAP
        DIV,IDIV s1 r <>RAX f?OSZAPC traps
        DIV,IDIV r <>RAX <>RDX f?OSZAPC traps
        ROL,ROR rw,r f~OC f?O
        RCL,RCR rw,r f<C f~OC f?O
        SHL,SHR narrow rw,r f~OSZAPC f?OAC
        SHL,SHR,SAR rw,r f~OSZAPC f?OA
        SHLD,SHRD s2 rw,r,r f~OSZAPC f?OSZAPC
        SHLD,SHRD rw,r,r f~OSZAPC f?OA
        BT r,r f>C f?OSAP
        BTS,BTR,BTC rw,r f>C f?OSAP
        BSF,BSR c,r f>Z f?OSAPC
        TZCNT,LZCNT w,r f>ZC f?OSAP
        POPCNT w,r f>OSZAPC
        BSWAP rw
        XADD rw,rw f>OSZAPC
        CMPXCHG rc,r <RAX >?RAX f>OSZAPC
        CMPXCHG8B,CMPXCHG16B rc <RAX >?RAX <RDX >?RDX <RBX <RCX f>Z
        DAA,DAS <>RAX f<AC f>SZAPC f?O
        AAA,AAS <>RAX f<A f>AC f?OSZP
        AAM <>RAX f>SZP f?OAC traps
        AAD <>RAX f>SZP f?OAC
        ADCX rw,r f<C f>C
        ADOX rw,r f<O f>O
        ANDN,BZHI w,r,r f>OSZC f?AP
        BEXTR w,r,r f>OZC f?SAP
        BLSI,BLSMSK,BLSR w,r f>OSZC f?AP
        MULX w,w,r <RDX
        PDEP,PEXT,RORX,SARX,SHLX,SHRX w,r,r
        CRC32 rw,r

        MOV cr w,r f?OSZAPC kernel traps
        MOV,MOVZX,MOVSX,MOVSXD,MOVBE,MOVNTI w,r
        XCHG rw,rw
        LEA w,a
        PUSH r push
        POP w pop
        PUSHA push_all <RAX <RCX <RDX <RBX <RBP <RSI <RDI
        POPA pop_all >RAX >RCX >RDX >RBX >RBP >RSI >RDI
        PUSHF push f<OSZAPCDITa
        POPF pop f>OSZAPCDT f~Ia traps
        ENTER -,r enter <>RBP m<
        LEAVE leave <>RBP
        CBW,CWDE,CDQE <>RAX
        CWD,CDQ,CQO <RAX >RDX
        LAHF >RAX f<SZAPC
        SAHF <RAX f>SZAPC
        XLAT r <>RAX
        SALC >RAX f<C
        LES,LDS,LSS,LFS,LGS w,r traps
        CMOVcc c,r f<cc
        SETcc w f<cc

        JMP r jump traps
        JMP_FAR r far_jump traps
        CALL r call push traps
        CALL_FAR r far_call push traps
        RET r return pop traps
        RET_FAR r far_return pop traps
        IRET interrupt_return pop f>OSZAPCDT f~Ia traps
        INT r interrupt traps
        INT1,INT3 interrupt traps
        INTO interrupt f<O traps
        LOOP r loop <>RCX traps
        LOOPE,LOOPNE r loop <>RCX f<Z traps
        JCXZ r loop <RCX traps
        Jcc r conditional_jump f<cc traps
        UD0,UD1,UD2 -,- exception traps
        BOUND r,r traps
        XBEGIN r transaction >?RAX traps
        XEND transaction traps
        XABORT transaction >?RAX traps
        XTEST f>OSZAPC traps

        MOVS rep c,r <>RSI <>RDI <>RCX f<D
        MOVS w,r <>RSI <>RDI f<D
        CMPS rep r,r <>RSI <>RDI <>RCX f<D f~OSZAPC
        CMPS r,r <>RSI <>RDI f<D f>OSZAPC
        STOS rep c,r <>RDI <>RCX f<D
        STOS w,r <>RDI f<D
        LODS rep c,r <>RSI <>RCX f<D
        LODS w,r <>RSI f<D
        SCAS rep r,r <>RDI <>RCX f<D f~OSZAPC
        SCAS r,r <>RDI f<D f>OSZAPC
        INS rep c,r <>RDI <>RCX f<D io traps
        INS w,r <>RDI f<D io traps
        OUTS rep r,r <>RSI <>RCX f<D io traps
        OUTS r,r <>RSI f<D io traps

        CLC,STC f>C
        CMC f<C f>C
        CLD,STD f>D
        CLI,STI f>I io traps
        CLAC,STAC f>a kernel traps
        """;

    static final String SYSTEM = """
        HLT halt kernel traps
        NOP a,a
        PAUSE,ENDBR32,ENDBR64,LFENCE,MFENCE,SFENCE,SERIALIZE,INVALID,EVEX
        WAIT traps
        IN w,r io traps
        OUT r,r io traps
        CPUID <>RAX <>RCX >RBX >RDX
        RDTSC >RAX >RDX traps
        RDTSCP >RAX >RDX >RCX traps
        RDPMC <RCX >RAX >RDX traps
        RDMSR <RCX >RAX >RDX kernel traps
        WRMSR <RCX <RAX <RDX kernel traps
        SYSCALL system_call >RCX >R11 f<OSZAPCDITa f~OSZAPCDITa traps
        SYSRET system_return <RCX <R11 f>OSZAPCDITa kernel traps
        SYSENTER system_call >RSP f>I traps
        SYSEXIT system_return <RCX <RDX >RSP kernel traps
        SWAPGS,CLTS,INVD,WBINVD,WBNOINVD,TLBSYNC kernel traps
        LGDT,LIDT r kernel traps
        SGDT,SIDT,SLDT,STR,SMSW w traps
        LLDT,LTR,LMSW r kernel traps
        INVLPG a kernel traps
        INVPCID r,r kernel traps
        MONITOR <RAX <RCX <RDX m< kernel traps
        MWAIT <RAX <RCX kernel traps
        MONITORX <RAX <RCX <RDX m< traps
        MWAITX <RAX <RBX <RCX traps
        LAR,LSL c,r f>Z traps
        VERR,VERW r f>Z traps
        ARPL rc,r f>Z traps
        XGETBV <RCX >RAX >RDX traps
        XSETBV <RCX <RAX <RDX kernel traps
        XSAVE,XSAVEOPT rw <RAX <RDX traps
        XSAVEC w <RAX <RDX traps
        XSAVES w <RAX <RDX kernel traps
        XRSTOR r <RAX <RDX traps
        XRSTORS r <RAX <RDX kernel traps
        FXSAVE w traps
        FXRSTOR r traps
        RDFSBASE,RDGSBASE w traps
        WRFSBASE,WRGSBASE r traps
        RDPKRU <RCX >RAX >RDX traps
        WRPKRU <RCX <RAX <RDX traps
        RDPID w
        RDRAND,RDSEED w f>OSZAPC
        RSM exception f~OSZAPCDIa traps
        CLFLUSH,CLFLUSHOPT,CLWB r
        CLDEMOTE,PREFETCH,PREFETCHW,PREFETCHWT1,PREFETCHNTA,PREFETCHT0,PREFETCHT1,PREFETCHT2 a
        CLZERO <RAX m>
        PTWRITE r traps
        INCSSP r m< traps
        RDSSP c
        SAVEPREVSSP f<C m< m> traps
        RSTORSSP rw f>OSZAPC traps
        WRSS w,r traps
        WRUSS w,r kernel traps
        SETSSBSY m< m> kernel traps
        CLRSSBSY rw f>OSZAPC kernel traps
        MOVDIRI w,r
        MOVDIR64B r,r m>
        ENQCMD r,r m> f>OSZAPC traps
        ENQCMDS r,r m> f>OSZAPC kernel traps
        UMONITOR r m<
        UMWAIT,TPAUSE r <RAX <RDX f>OSZAPC traps
        XSUSLDTRK,XRESLDTRK
        HRESET r <RAX kernel traps
        UIRET interrupt_return f>OSZAPCDTa traps
        TESTUI f>OSZAPC traps
        CLUI,STUI traps
        SENDUIPI r traps

        VMCALL,VMMCALL hypervisor f~OSZAPC traps
        VMFUNC hypervisor <RAX <RCX f~OSZAPC traps
        VMLAUNCH,VMRESUME,VMXOFF hypervisor f~OSZAPC kernel traps
        VMRUN hypervisor <RAX kernel traps
        VMXON,VMPTRLD,VMCLEAR r f>OSZAPC kernel traps
        VMPTRST w f>OSZAPC kernel traps
        VMREAD w,r f>OSZAPC kernel traps
        VMWRITE r,r f>OSZAPC kernel traps
        INVEPT,INVVPID r,r f>OSZAPC kernel traps
        VMLOAD,VMSAVE <RAX kernel traps
        STGI,CLGI kernel traps
        SKINIT <>RAX kernel traps
        INVLPGA <RAX <RCX kernel traps
        INVLPGB <RAX <RCX <RDX kernel traps
        ENCLS,ENCLV <>RAX <>RBX <>RCX <>RDX f~OSZAPC kernel traps
        ENCLU <>RAX <>RBX <>RCX <>RDX f~OSZAPC traps
        GETSEC <>RAX <>RBX <>RCX <>RDX traps
        PCONFIG <>RAX <>RBX <>RCX <>RDX f~OSZAPC kernel traps
        RMPADJUST,RMPUPDATE,PVALIDATE <>RAX <RCX <RDX f~OSZAPC kernel traps
        PSMASH <>RAX f~OSZAPC kernel traps
        RDPRU <RCX >RAX >RDX f>OSZAPC traps
        MCOMMIT f>OSZAPC traps

        BNDMK w,a
        BNDCL,BNDCU,BNDCN m r,a traps
        BNDCL,BNDCU,BNDCN r,r traps
        BNDMOV w,r
        BNDLDX w,r
        BNDSTX w,r
        """;

    static final String X87 = """
        FLD,FILD,FBLD,FLDCW,FLDENV,FRSTOR r
        FST,FSTP,FIST,FISTP,FISTTP,FBSTP,FNSTCW,FNSTENV,FNSAVE,FNSTSW w
        FXCH rw
        FCMOVB,FCMOVNB c,r f<C
        FCMOVE,FCMOVNE c,r f<Z
        FCMOVBE,FCMOVNBE c,r f<ZC
        FCMOVU,FCMOVNU c,r f<P
        FADD,FSUB,FSUBR,FMUL,FDIV,FDIVR n1 r
        FADD,FADDP,FSUB,FSUBP,FSUBR,FSUBRP,FMUL,FMULP,FDIV,FDIVP,FDIVR,FDIVRP rw,r
        FIADD,FISUB,FISUBR,FIMUL,FIDIV,FIDIVR r
        FCOM,FCOMP,FCOMPP,FUCOM,FUCOMP,FUCOMPP,FICOM,FICOMP,FTST,FXAM r
        FCOMI,FCOMIP,FUCOMI,FUCOMIP r,r f>OSZAPC
        FPREM,FPREM1,FABS,FCHS,FRNDINT,FSCALE,FSQRT,FXTRACT,FSIN,FCOS,FSINCOS,FPTAN,FPATAN,F2XM1,FYL2X,FYL2XP1
        FLD1,FLDZ,FLDPI,FLDL2E,FLDL2T,FLDLG2,FLDLN2
        FINCSTP,FDECSTP,FNINIT,FNCLEX,FNOP,FNENI,FNDISI,FNSETPM
        FFREE,FFREEP -
        """;

    static final String SIMD = """
        EMMS
        MOVD,MOVQ,MOVDQA,MOVDQU,MOVAPS,MOVAPD,MOVUPS,MOVUPD,LDDQU,MOVQ2DQ,MOVDQ2Q,MOVNTDQA w,r
        MOVNTQ,MOVNTDQ,MOVNTPS,MOVNTPD,MOVNTSS,MOVNTSD w,r
        MOVSS,MOVSD m w,r
        MOVSS,MOVSD rw,r
        MOVLPS,MOVLPD,MOVHPS,MOVHPD store w,r
        MOVLPS,MOVLPD,MOVHPS,MOVHPD rw,r
        MOVSLDUP,MOVSHDUP,MOVDDUP,MOVMSKPS,MOVMSKPD,PMOVMSKB w,r
        PSHUFW,PSHUFD,PSHUFHW,PSHUFLW,PEXTRB,PEXTRW,PEXTRD,PEXTRQ,EXTRACTPS,ROUNDPS,ROUNDPD w,r
        SQRTPS,SQRTPD,RCPPS,RSQRTPS,PABSB,PABSW,PABSD,PHMINPOSUW,AESIMC,AESKEYGENASSIST w,r
        PMOVSXBW,PMOVSXBD,PMOVSXBQ,PMOVSXWD,PMOVSXWQ,PMOVSXDQ w,r
        PMOVZXBW,PMOVZXBD,PMOVZXBQ,PMOVZXWD,PMOVZXWQ,PMOVZXDQ w,r
        CVTPI2PD,CVTPS2PI,CVTPD2PI,CVTTPS2PI,CVTTPD2PI,CVTSS2SI,CVTSD2SI,CVTTSS2SI,CVTTSD2SI w,r
        CVTPS2PD,CVTPD2PS,CVTDQ2PS,CVTDQ2PD,CVTPS2DQ,CVTPD2DQ,CVTTPS2DQ,CVTTPD2DQ w,r
        COMISS,COMISD,UCOMISS,UCOMISD,PTEST r,r f>OSZAPC
        MASKMOVQ,MASKMOVDQU r,r <RDI m>
        LDMXCSR r
        STMXCSR w
        PCMPESTRM r,r,r <RAX <RDX f>OSZAPC
        PCMPESTRI r,r,r <RAX <RDX >RCX f>OSZAPC
        PCMPISTRM r,r,r f>OSZAPC
        PCMPISTRI r,r,r >RCX f>OSZAPC
        PACKSSWB,PACKSSDW,PACKUSWB,PACKUSDW,PADDB,PADDW,PADDD,PADDQ,PADDSB,PADDSW,PADDUSB,PADDUSW,PSUBB,PSUBW,
        PSUBD,PSUBQ,PSUBSB,PSUBSW,PSUBUSB,PSUBUSW,PMULHW,PMULHUW,PMULLW,PMULUDQ,PMADDWD,PAND,PANDN,POR,PXOR,
        PCMPEQB,PCMPEQW,PCMPEQD,PCMPEQQ,PCMPGTB,PCMPGTW,PCMPGTD,PCMPGTQ,PSLLW,PSLLD,PSLLQ,PSLLDQ,PSRLW,PSRLD,
        PSRLQ,PSRLDQ,PSRAW,PSRAD,PUNPCKLBW,PUNPCKLWD,PUNPCKLDQ,PUNPCKLQDQ,PUNPCKHBW,PUNPCKHWD,PUNPCKHDQ,
        PUNPCKHQDQ,PAVGB,PAVGW,PMAXUB,PMAXSW,PMINUB,PMINSW,PSADBW,PINSRW,MOVHLPS,MOVLHPS,ADDPS,ADDPD,ADDSS,
        ADDSD,SUBPS,SUBPD,SUBSS,SUBSD,MULPS,MULPD,MULSS,MULSD,DIVPS,DIVPD,DIVSS,DIVSD,SQRTSS,SQRTSD,RCPSS,
        RSQRTSS,MINPS,MINPD,MINSS,MINSD,MAXPS,MAXPD,MAXSS,MAXSD,ANDPS,ANDPD,ANDNPS,ANDNPD,ORPS,ORPD,XORPS,XORPD,
        CMPPS,CMPPD,CMPSS,CMPSD,SHUFPS,SHUFPD,UNPCKLPS,UNPCKLPD,UNPCKHPS,UNPCKHPD,CVTPI2PS,CVTSI2SS,CVTSI2SD,
        CVTSS2SD,CVTSD2SS,ADDSUBPS,ADDSUBPD,HADDPS,HADDPD,HSUBPS,HSUBPD,PSHUFB,PHADDW,PHADDD,PHADDSW,PHSUBW,
        PHSUBD,PHSUBSW,PMADDUBSW,PMULHRSW,PSIGNB,PSIGNW,PSIGND,PALIGNR,PBLENDVB,BLENDVPS,BLENDVPD,PMULDQ,PMULLD,
        PMINSB,PMINSD,PMINUW,PMINUD,PMAXSB,PMAXSD,PMAXUW,PMAXUD,ROUNDSS,ROUNDSD,BLENDPS,BLENDPD,PBLENDW,PINSRB,
        PINSRD,PINSRQ,INSERTPS,DPPS,DPPD,MPSADBW,EXTRQ,INSERTQ,AESENC,AESENCLAST,AESDEC,AESDECLAST,PCLMULQDQ,
        GF2P8MULB,GF2P8AFFINEQB,GF2P8AFFINEINVQB rw,r,r
        """;

    static final String SHA = """
        SHA1NEXTE,SHA1MSG1,SHA1MSG2,SHA1RNDS4,SHA256RNDS2,SHA256MSG1,SHA256MSG2 rw,r,r
        """;

    static final String VEX = """
        VCOMISS,VCOMISD,VUCOMISS,VUCOMISD,VPTEST,VTESTPS,VTESTPD r,r f>OSZAPC
        VMASKMOVDQU r,r <RDI m>
        VLDMXCSR r
        VSTMXCSR w
        VPCMPESTRM r,r,r <RAX <RDX f>OSZAPC
        VPCMPESTRI r,r,r <RAX <RDX >RCX f>OSZAPC
        VPCMPISTRM r,r,r f>OSZAPC
        VPCMPISTRI r,r,r >RCX f>OSZAPC
        VZEROALL,VZEROUPPER
        VMASKMOVPS,VMASKMOVPD,VPMASKMOVD,VPMASKMOVQ store c,r,r
        VMASKMOVPS,VMASKMOVPD,VPMASKMOVD,VPMASKMOVQ w,r,r
        VGATHERDPS,VGATHERDPD,VGATHERQPS,VGATHERQPD,VPGATHERDD,VPGATHERDQ,VPGATHERQD,VPGATHERQQ rw,r,rw
        VFMADD132PS,VFMADD132PD,VFMADD132SS,VFMADD132SD,VFMADD213PS,VFMADD213PD,VFMADD213SS,VFMADD213SD,
        VFMADD231PS,VFMADD231PD,VFMADD231SS,VFMADD231SD,VFMSUB132PS,VFMSUB132PD,VFMSUB132SS,VFMSUB132SD,
        VFMSUB213PS,VFMSUB213PD,VFMSUB213SS,VFMSUB213SD,VFMSUB231PS,VFMSUB231PD,VFMSUB231SS,VFMSUB231SD,
        VFNMADD132PS,VFNMADD132PD,VFNMADD132SS,VFNMADD132SD,VFNMADD213PS,VFNMADD213PD,VFNMADD213SS,VFNMADD213SD,
        VFNMADD231PS,VFNMADD231PD,VFNMADD231SS,VFNMADD231SD,VFNMSUB132PS,VFNMSUB132PD,VFNMSUB132SS,VFNMSUB132SD,
        VFNMSUB213PS,VFNMSUB213PD,VFNMSUB213SS,VFNMSUB213SD,VFNMSUB231PS,VFNMSUB231PD,VFNMSUB231SS,VFNMSUB231SD,
        VFMADDSUB132PS,VFMADDSUB132PD,VFMADDSUB213PS,VFMADDSUB213PD,VFMADDSUB231PS,VFMADDSUB231PD,
        VFMSUBADD132PS,VFMSUBADD132PD,VFMSUBADD213PS,VFMSUBADD213PD,VFMSUBADD231PS,VFMSUBADD231PD rw,r,r
        VMOVD,VMOVQ,VPACKSSWB,VPACKSSDW,VPACKUSWB,VPACKUSDW,VPADDB,VPADDW,VPADDD,VPADDQ,VPADDSB,VPADDSW,
        VPADDUSB,VPADDUSW,VPSUBB,VPSUBW,VPSUBD,VPSUBQ,VPSUBSB,VPSUBSW,VPSUBUSB,VPSUBUSW,VPMULHW,VPMULHUW,
        VPMULLW,VPMULUDQ,VPMADDWD,VPAND,VPANDN,VPOR,VPXOR,VPCMPEQB,VPCMPEQW,VPCMPEQD,VPCMPEQQ,VPCMPGTB,VPCMPGTW,
        VPCMPGTD,VPCMPGTQ,VPSLLW,VPSLLD,VPSLLQ,VPSLLDQ,VPSRLW,VPSRLD,VPSRLQ,VPSRLDQ,VPSRAW,VPSRAD,VPUNPCKLBW,
        VPUNPCKLWD,VPUNPCKLDQ,VPUNPCKLQDQ,VPUNPCKHBW,VPUNPCKHWD,VPUNPCKHDQ,VPUNPCKHQDQ,VPAVGB,VPAVGW,VPMAXUB,
        VPMAXSW,VPMINUB,VPMINSW,VPSADBW,VPEXTRW,VPINSRW,VPMOVMSKB,VPSHUFD,VPSHUFHW,VPSHUFLW,VMOVNTDQ,VMOVDQA,
        VMOVDQU,VLDDQU,VMOVAPS,VMOVAPD,VMOVUPS,VMOVUPD,VMOVSS,VMOVSD,VMOVLPS,VMOVLPD,VMOVHPS,VMOVHPD,VMOVHLPS,
        VMOVLHPS,VMOVMSKPS,VMOVMSKPD,VMOVNTPS,VMOVNTPD,VMOVSLDUP,VMOVSHDUP,VMOVDDUP,VADDPS,VADDPD,VADDSS,VADDSD,
        VSUBPS,VSUBPD,VSUBSS,VSUBSD,VMULPS,VMULPD,VMULSS,VMULSD,VDIVPS,VDIVPD,VDIVSS,VDIVSD,VSQRTPS,VSQRTPD,
        VSQRTSS,VSQRTSD,VRCPPS,VRCPSS,VRSQRTPS,VRSQRTSS,VMINPS,VMINPD,VMINSS,VMINSD,VMAXPS,VMAXPD,VMAXSS,VMAXSD,
        VANDPS,VANDPD,VANDNPS,VANDNPD,VORPS,VORPD,VXORPS,VXORPD,VCMPPS,VCMPPD,VCMPSS,VCMPSD,VSHUFPS,VSHUFPD,
        VUNPCKLPS,VUNPCKLPD,VUNPCKHPS,VUNPCKHPD,VCVTSI2SS,VCVTSI2SD,VCVTSS2SI,VCVTSD2SI,VCVTTSS2SI,VCVTTSD2SI,
        VCVTPS2PD,VCVTPD2PS,VCVTSS2SD,VCVTSD2SS,VCVTDQ2PS,VCVTDQ2PD,VCVTPS2DQ,VCVTPD2DQ,VCVTTPS2DQ,VCVTTPD2DQ,
        VADDSUBPS,VADDSUBPD,VHADDPS,VHADDPD,VHSUBPS,VHSUBPD,VPSHUFB,VPHADDW,VPHADDD,VPHADDSW,VPHSUBW,VPHSUBD,
        VPHSUBSW,VPMADDUBSW,VPMULHRSW,VPSIGNB,VPSIGNW,VPSIGND,VPABSB,VPABSW,VPABSD,VPALIGNR,VPBLENDVB,VBLENDVPS,
        VBLENDVPD,VPMOVSXBW,VPMOVSXBD,VPMOVSXBQ,VPMOVSXWD,VPMOVSXWQ,VPMOVSXDQ,VPMOVZXBW,VPMOVZXBD,VPMOVZXBQ,
        VPMOVZXWD,VPMOVZXWQ,VPMOVZXDQ,VPMULDQ,VPMULLD,VMOVNTDQA,VPMINSB,VPMINSD,VPMINUW,VPMINUD,VPMAXSB,VPMAXSD,
        VPMAXUW,VPMAXUD,VPHMINPOSUW,VROUNDPS,VROUNDPD,VROUNDSS,VROUNDSD,VBLENDPS,VBLENDPD,VPBLENDW,VPEXTRB,
        VPEXTRD,VPEXTRQ,VEXTRACTPS,VPINSRB,VPINSRD,VPINSRQ,VINSERTPS,VDPPS,VDPPD,VMPSADBW,VAESENC,VAESENCLAST,
        VAESDEC,VAESDECLAST,VAESIMC,VAESKEYGENASSIST,VPCLMULQDQ,VGF2P8MULB,VGF2P8AFFINEQB,VGF2P8AFFINEINVQB,
        VBROADCASTSS,VBROADCASTSD,VBROADCASTF128,VBROADCASTI128,VEXTRACTF128,VEXTRACTI128,VINSERTF128,
        VINSERTI128,VPERMILPS,VPERMILPD,VPERM2F128,VPERM2I128,VPERMD,VPERMQ,VPERMPS,VPERMPD,VPBLENDD,
        VPBROADCASTB,VPBROADCASTW,VPBROADCASTD,VPBROADCASTQ,VPSLLVD,VPSLLVQ,VPSRLVD,VPSRLVQ,VPSRAVD,VCVTPH2PS,
        VCVTPS2PH w,r,r,r
        """;

    static final String MASK = """
        KORTESTB,KORTESTW,KORTESTD,KORTESTQ,KTESTB,KTESTW,KTESTD,KTESTQ r,r f>OSZAPC
        KADDB,KADDW,KADDD,KADDQ,KANDB,KANDW,KANDD,KANDQ,KANDNB,KANDNW,KANDND,KANDNQ,KORB,KORW,KORD,KORQ,KXNORB,
        KXNORW,KXNORD,KXNORQ,KXORB,KXORW,KXORD,KXORQ,KNOTB,KNOTW,KNOTD,KNOTQ,KMOVB,KMOVW,KMOVD,KMOVQ,KSHIFTLB,
        KSHIFTLW,KSHIFTLD,KSHIFTLQ,KSHIFTRB,KSHIFTRW,KSHIFTRD,KSHIFTRQ,KUNPCKBW,KUNPCKWD,KUNPCKDQ w,r,r
        """;

    private InstructionFacts() {}
}
