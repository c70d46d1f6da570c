package ringside.decoder;

/**
 * The opcode maps of VEX-encoded instructions: AVX, AVX2, FMA, F16C, BMI1, BMI2, VAES, VPCLMULQDQ, GFNI and the AVX-512
 * mask instructions. No condition L or W means that the processor ignores it. Intel SDM vol. 2, chapters 3 to 5.
 */
final class VexOpcodes {
    static final String TEXT_0F = """
        10 np|66 VMOVUPS|VMOVUPD Vx,Wx
        10 f3|f2 VMOVSS|VMOVSD Vo,Ho,Uo
        10 f3|f2 VMOVSS|VMOVSD Vo,Md|Vo,Mq
        11 np|66 VMOVUPS|VMOVUPD Wx,Vx
        11 f3|f2 VMOVSS|VMOVSD Uo,Ho,Vo
        11 f3|f2 VMOVSS|VMOVSD Md,Vo|Mq,Vo
        12 np L0 VMOVHLPS Vo,Ho,Uo
        12 np|66 L0 VMOVLPS|VMOVLPD Vo,Ho,Mq
        12 f3 VMOVSLDUP Vx,Wx
        12 f2 L0|L1 VMOVDDUP Vo,Wq|Vx,Wx
        13 np|66 L0 VMOVLPS|VMOVLPD Mq,Vo
        14 np|66 VUNPCKLPS|VUNPCKLPD Vx,Hx,Wx
        15 np|66 VUNPCKHPS|VUNPCKHPD Vx,Hx,Wx
        16 np L0 VMOVLHPS Vo,Ho,Uo
        16 np|66 L0 VMOVHPS|VMOVHPD Vo,Ho,Mq
        16 f3 VMOVSHDUP Vx,Wx
        17 np|66 L0 VMOVHPS|VMOVHPD Mq,Vo
        28 np|66 VMOVAPS|VMOVAPD Vx,Wx
        29 np|66 VMOVAPS|VMOVAPD Wx,Vx
        2A f3|f2 VCVTSI2SS|VCVTSI2SD Vo,Ho,Ey
        2B np|66 VMOVNTPS|VMOVNTPD Mx,Vx
        2C f3|f2 VCVTTSS2SI|VCVTTSD2SI Gy,Wd|Gy,Wq
        2D f3|f2 VCVTSS2SI|VCVTSD2SI Gy,Wd|Gy,Wq
        2E np|66 VUCOMISS|VUCOMISD Vo,Wd|Vo,Wq
        2F np|66 VCOMISS|VCOMISD Vo,Wd|Vo,Wq
        41 r L1 np|np|66|66 W0|W1|W0|W1 KANDW|KANDQ|KANDB|KANDD KGw,KHw,KEw|KGq,KHq,KEq|KGb,KHb,KEb|KGd,KHd,KEd
        42 r L1 np|np|66|66 W0|W1|W0|W1 KANDNW|KANDNQ|KANDNB|KANDND KGw,KHw,KEw|KGq,KHq,KEq|KGb,KHb,KEb|KGd,KHd,KEd
        44 r L0 np|np|66|66 W0|W1|W0|W1 KNOTW|KNOTQ|KNOTB|KNOTD KGw,KEw|KGq,KEq|KGb,KEb|KGd,KEd
        45 r L1 np|np|66|66 W0|W1|W0|W1 KORW|KORQ|KORB|KORD KGw,KHw,KEw|KGq,KHq,KEq|KGb,KHb,KEb|KGd,KHd,KEd
        46 r L1 np|np|66|66 W0|W1|W0|W1 KXNORW|KXNORQ|KXNORB|KXNORD KGw,KHw,KEw|KGq,KHq,KEq|KGb,KHb,KEb|KGd,KHd,KEd
        47 r L1 np|np|66|66 W0|W1|W0|W1 KXORW|KXORQ|KXORB|KXORD KGw,KHw,KEw|KGq,KHq,KEq|KGb,KHb,KEb|KGd,KHd,KEd
        4A r L1 np|np|66|66 W0|W1|W0|W1 KADDW|KADDQ|KADDB|KADDD KGw,KHw,KEw|KGq,KHq,KEq|KGb,KHb,KEb|KGd,KHd,KEd
        4B r L1 np|np|66 W0|W1|W0 KUNPCKWD|KUNPCKDQ|KUNPCKBW KGd,KHw,KEw|KGq,KHd,KEd|KGw,KHb,KEb
        50 np|66 VMOVMSKPS|VMOVMSKPD Gd,Ux
        51 np|66|f3|f2 VSQRTPS|VSQRTPD|VSQRTSS|VSQRTSD Vx,Wx|Vx,Wx|Vo,Ho,Wd|Vo,Ho,Wq
        52 np|f3 VRSQRTPS|VRSQRTSS Vx,Wx|Vo,Ho,Wd
        53 np|f3 VRCPPS|VRCPSS Vx,Wx|Vo,Ho,Wd
        54 np|66 VANDPS|VANDPD Vx,Hx,Wx
        55 np|66 VANDNPS|VANDNPD Vx,Hx,Wx
        56 np|66 VORPS|VORPD Vx,Hx,Wx
        57 np|66 VXORPS|VXORPD Vx,Hx,Wx
        58 np|66|f3|f2 VADDPS|VADDPD|VADDSS|VADDSD Vx,Hx,Wx|Vx,Hx,Wx|Vo,Ho,Wd|Vo,Ho,Wq
        59 np|66|f3|f2 VMULPS|VMULPD|VMULSS|VMULSD Vx,Hx,Wx|Vx,Hx,Wx|Vo,Ho,Wd|Vo,Ho,Wq
        5A np|66|f3|f2 VCVTPS2PD|VCVTPD2PS|VCVTSS2SD|VCVTSD2SS Vx,Wh|Vo,Wx|Vo,Ho,Wd|Vo,Ho,Wq
        5B np|66|f3 VCVTDQ2PS|VCVTPS2DQ|VCVTTPS2DQ Vx,Wx
        5C np|66|f3|f2 VSUBPS|VSUBPD|VSUBSS|VSUBSD Vx,Hx,Wx|Vx,Hx,Wx|Vo,Ho,Wd|Vo,Ho,Wq
        5D np|66|f3|f2 VMINPS|VMINPD|VMINSS|VMINSD Vx,Hx,Wx|Vx,Hx,Wx|Vo,Ho,Wd|Vo,Ho,Wq
        5E np|66|f3|f2 VDIVPS|VDIVPD|VDIVSS|VDIVSD Vx,Hx,Wx|Vx,Hx,Wx|Vo,Ho,Wd|Vo,Ho,Wq
        5F np|66|f3|f2 VMAXPS|VMAXPD|VMAXSS|VMAXSD Vx,Hx,Wx|Vx,Hx,Wx|Vo,Ho,Wd|Vo,Ho,Wq
        60 66 VPUNPCKLBW Vx,Hx,Wx
        61 66 VPUNPCKLWD Vx,Hx,Wx
        62 66 VPUNPCKLDQ Vx,Hx,Wx
        63 66 VPACKSSWB Vx,Hx,Wx
        64 66 VPCMPGTB Vx,Hx,Wx
        65 66 VPCMPGTW Vx,Hx,Wx
        66 66 VPCMPGTD Vx,Hx,Wx
        67 66 VPACKUSWB Vx,Hx,Wx
        68 66 VPUNPCKHBW Vx,Hx,Wx
        69 66 VPUNPCKHWD Vx,Hx,Wx
        6A 66 VPUNPCKHDQ Vx,Hx,Wx
        6B 66 VPACKSSDW Vx,Hx,Wx
        6C 66 VPUNPCKLQDQ Vx,Hx,Wx
        6D 66 VPUNPCKHQDQ Vx,Hx,Wx
        6E 66 L0 w0|w1 VMOVD|VMOVQ Vo,Ed|Vo,Eq
        6F 66|f3 VMOVDQA|VMOVDQU Vx,Wx
        70 66|f3|f2 VPSHUFD|VPSHUFHW|VPSHUFLW Vx,Wx,Ib
        71/2 66 VPSRLW Hx,Ux,Ib
        71/4 66 VPSRAW Hx,Ux,Ib
        71/6 66 VPSLLW Hx,Ux,Ib
        72/2 66 VPSRLD Hx,Ux,Ib
        72/4 66 VPSRAD Hx,Ux,Ib
        72/6 66 VPSLLD Hx,Ux,Ib
        73/2 66 VPSRLQ Hx,Ux,Ib
        73/3 66 VPSRLDQ Hx,Ux,Ib
        73/6 66 VPSLLQ Hx,Ux,Ib
        73/7 66 VPSLLDQ Hx,Ux,Ib
        74 66 VPCMPEQB Vx,Hx,Wx
        75 66 VPCMPEQW Vx,Hx,Wx
        76 66 VPCMPEQD Vx,Hx,Wx
        77 np L0|L1 VZEROUPPER|VZEROALL
        7C 66|f2 VHADDPD|VHADDPS Vx,Hx,Wx
        7D 66|f2 VHSUBPD|VHSUBPS Vx,Hx,Wx
        7E 66 L0 w0|w1 VMOVD|VMOVQ Ed,Vo|Eq,Vo
        7E f3 L0 VMOVQ Vo,Wq
        7F 66|f3 VMOVDQA|VMOVDQU Wx,Vx
        90 L0 np|np|66|66 W0|W1|W0|W1 KMOVW|KMOVQ|KMOVB|KMOVD KGw,KEw|KGq,KEq|KGb,KEb|KGd,KEd
        91 m L0 np|np|66|66 W0|W1|W0|W1 KMOVW|KMOVQ|KMOVB|KMOVD KEw,KGw|KEq,KGq|KEb,KGb|KEd,KGd
        92 L0 np|66|f2|f2 w0|w0|w0|w1 KMOVW|KMOVB|KMOVD|KMOVQ KGw,Rd|KGb,Rd|KGd,Rd|KGq,Rq
        93 r L0 np|66|f2|f2 w0|w0|w0|w1 KMOVW|KMOVB|KMOVD|KMOVQ Gd,KEw|Gd,KEb|Gd,KEd|Gq,KEq
        98 r L0 np|np|66|66 W0|W1|W0|W1 KORTESTW|KORTESTQ|KORTESTB|KORTESTD KGw,KEw|KGq,KEq|KGb,KEb|KGd,KEd
        99 r L0 np|np|66|66 W0|W1|W0|W1 KTESTW|KTESTQ|KTESTB|KTESTD KGw,KEw|KGq,KEq|KGb,KEb|KGd,KEd
        AE/2 m np L0 VLDMXCSR Md
        AE/3 m np L0 VSTMXCSR Md
        C2 np|66|f3|f2 VCMPPS|VCMPPD|VCMPSS|VCMPSD Vx,Hx,Wx,Ib|Vx,Hx,Wx,Ib|Vo,Ho,Wd,Ib|Vo,Ho,Wq,Ib
        C4 66 L0 VPINSRW Vo,Ho,Rd/Mw,Ib
        C5 66 L0 VPEXTRW Gd,Uo,Ib
        C6 np|66 VSHUFPS|VSHUFPD Vx,Hx,Wx,Ib
        D0 66|f2 VADDSUBPD|VADDSUBPS Vx,Hx,Wx
        D1 66 VPSRLW Vx,Hx,Wo
        D2 66 VPSRLD Vx,Hx,Wo
        D3 66 VPSRLQ Vx,Hx,Wo
        D4 66 VPADDQ Vx,Hx,Wx
        D5 66 VPMULLW Vx,Hx,Wx
        D6 66 L0 VMOVQ Wq,Vo
        D7 66 VPMOVMSKB Gd,Ux
        D8 66 VPSUBUSB Vx,Hx,Wx
        D9 66 VPSUBUSW Vx,Hx,Wx
        DA 66 VPMINUB Vx,Hx,Wx
        DB 66 VPAND Vx,Hx,Wx
        DC 66 VPADDUSB Vx,Hx,Wx
        DD 66 VPADDUSW Vx,Hx,Wx
        DE 66 VPMAXUB Vx,Hx,Wx
        DF 66 VPANDN Vx,Hx,Wx
        E0 66 VPAVGB Vx,Hx,Wx
        E1 66 VPSRAW Vx,Hx,Wo
        E2 66 VPSRAD Vx,Hx,Wo
        E3 66 VPAVGW Vx,Hx,Wx
        E4 66 VPMULHUW Vx,Hx,Wx
        E5 66 VPMULHW Vx,Hx,Wx
        E6 66|f3|f2 VCVTTPD2DQ|VCVTDQ2PD|VCVTPD2DQ Vo,Wx|Vx,Wh|Vo,Wx
        E7 66 VMOVNTDQ Mx,Vx
        E8 66 VPSUBSB Vx,Hx,Wx
        E9 66 VPSUBSW Vx,Hx,Wx
        EA 66 VPMINSW Vx,Hx,Wx
        EB 66 VPOR Vx,Hx,Wx
        EC 66 VPADDSB Vx,Hx,Wx
        ED 66 VPADDSW Vx,Hx,Wx
        EE 66 VPMAXSW Vx,Hx,Wx
        EF 66 VPXOR Vx,Hx,Wx
        F0 f2 VLDDQU Vx,Mx
        F1 66 VPSLLW Vx,Hx,Wo
        F2 66 VPSLLD Vx,Hx,Wo
        F3 66 VPSLLQ Vx,Hx,Wo
        F4 66 VPMULUDQ Vx,Hx,Wx
        F5 66 VPMADDWD Vx,Hx,Wx
        F6 66 VPSADBW Vx,Hx,Wx
        F7 66 L0 VMASKMOVDQU Vo,Uo
        F8 66 VPSUBB Vx,Hx,Wx
        F9 66 VPSUBW Vx,Hx,Wx
        FA 66 VPSUBD Vx,Hx,Wx
        FB 66 VPSUBQ Vx,Hx,Wx
        FC 66 VPADDB Vx,Hx,Wx
        FD 66 VPADDW Vx,Hx,Wx
        FE 66 VPADDD Vx,Hx,Wx
        """;

    static final String TEXT_0F38 = """
        00 66 VPSHUFB Vx,Hx,Wx
        01 66 VPHADDW Vx,Hx,Wx
        02 66 VPHADDD Vx,Hx,Wx
        03 66 VPHADDSW Vx,Hx,Wx
        04 66 VPMADDUBSW Vx,Hx,Wx
        05 66 VPHSUBW Vx,Hx,Wx
        06 66 VPHSUBD Vx,Hx,Wx
        07 66 VPHSUBSW Vx,Hx,Wx
        08 66 VPSIGNB Vx,Hx,Wx
        09 66 VPSIGNW Vx,Hx,Wx
        0A 66 VPSIGND Vx,Hx,Wx
        0B 66 VPMULHRSW Vx,Hx,Wx
        0C 66 W0 VPERMILPS Vx,Hx,Wx
        0D 66 W0 VPERMILPD Vx,Hx,Wx
        0E 66 W0 VTESTPS Vx,Wx
        0F 66 W0 VTESTPD Vx,Wx
        13 66 W0 VCVTPH2PS Vx,Wh
        16 66 W0 L1 VPERMPS Vx,Hx,Wx
        17 66 VPTEST Vx,Wx
        18 66 W0 VBROADCASTSS Vx,Wd
        19 66 W0 L1 VBROADCASTSD Vx,Wq
        1A 66 W0 L1 VBROADCASTF128 Vx,Mo
        1C 66 VPABSB Vx,Wx
        1D 66 VPABSW Vx,Wx
        1E 66 VPABSD Vx,Wx
        20 66 VPMOVSXBW Vx,Wh
        21 66 VPMOVSXBD Vx,Wf
        22 66 VPMOVSXBQ Vx,We
        23 66 VPMOVSXWD Vx,Wh
        24 66 VPMOVSXWQ Vx,Wf
        25 66 VPMOVSXDQ Vx,Wh
        28 66 VPMULDQ Vx,Hx,Wx
        29 66 VPCMPEQQ Vx,Hx,Wx
        2A 66 VMOVNTDQA Vx,Mx
        2B 66 VPACKUSDW Vx,Hx,Wx
        2C 66 W0 VMASKMOVPS Vx,Hx,Mx
        2D 66 W0 VMASKMOVPD Vx,Hx,Mx
        2E 66 W0 VMASKMOVPS Mx,Hx,Vx
        2F 66 W0 VMASKMOVPD Mx,Hx,Vx
        30 66 VPMOVZXBW Vx,Wh
        31 66 VPMOVZXBD Vx,Wf
        32 66 VPMOVZXBQ Vx,We
        33 66 VPMOVZXWD Vx,Wh
        34 66 VPMOVZXWQ Vx,Wf
        35 66 VPMOVZXDQ Vx,Wh
        36 66 W0 L1 VPERMD Vx,Hx,Wx
        37 66 VPCMPGTQ Vx,Hx,Wx
        38 66 VPMINSB Vx,Hx,Wx
        39 66 VPMINSD Vx,Hx,Wx
        3A 66 VPMINUW Vx,Hx,Wx
        3B 66 VPMINUD Vx,Hx,Wx
        3C 66 VPMAXSB Vx,Hx,Wx
        3D 66 VPMAXSD Vx,Hx,Wx
        3E 66 VPMAXUW Vx,Hx,Wx
        3F 66 VPMAXUD Vx,Hx,Wx
        40 66 VPMULLD Vx,Hx,Wx
        41 66 L0 VPHMINPOSUW Vo,Wo
        45 66 W0|W1 VPSRLVD|VPSRLVQ Vx,Hx,Wx
        46 66 W0 VPSRAVD Vx,Hx,Wx
        47 66 W0|W1 VPSLLVD|VPSLLVQ Vx,Hx,Wx
        58 66 W0 VPBROADCASTD Vx,Wd
        59 66 W0 VPBROADCASTQ Vx,Wq
        5A 66 W0 L1 VBROADCASTI128 Vx,Mo
        78 66 W0 VPBROADCASTB Vx,Wb
        79 66 W0 VPBROADCASTW Vx,Ww
        8C 66 W0|W1 VPMASKMOVD|VPMASKMOVQ Vx,Hx,Mx
        8E 66 W0|W1 VPMASKMOVD|VPMASKMOVQ Mx,Hx,Vx
        90 66 W0|W1 VPGATHERDD|VPGATHERDQ Vx,Md,Hx|Vx,Mq,Hx vsib
        91 66 W0|W1 VPGATHERQD|VPGATHERQQ Vo,Md,Ho|Vx,Mq,Hx vsib
        92 66 W0|W1 VGATHERDPS|VGATHERDPD Vx,Md,Hx|Vx,Mq,Hx vsib
        93 66 W0|W1 VGATHERQPS|VGATHERQPD Vo,Md,Ho|Vx,Mq,Hx vsib
        96 66 W0|W1 VFMADDSUB132PS|VFMADDSUB132PD Vx,Hx,Wx
        97 66 W0|W1 VFMSUBADD132PS|VFMSUBADD132PD Vx,Hx,Wx
        98 66 W0|W1 VFMADD132PS|VFMADD132PD Vx,Hx,Wx
        99 66 W0|W1 VFMADD132SS|VFMADD132SD Vo,Ho,Wd|Vo,Ho,Wq
        9A 66 W0|W1 VFMSUB132PS|VFMSUB132PD Vx,Hx,Wx
        9B 66 W0|W1 VFMSUB132SS|VFMSUB132SD Vo,Ho,Wd|Vo,Ho,Wq
        9C 66 W0|W1 VFNMADD132PS|VFNMADD132PD Vx,Hx,Wx
        9D 66 W0|W1 VFNMADD132SS|VFNMADD132SD Vo,Ho,Wd|Vo,Ho,Wq
        9E 66 W0|W1 VFNMSUB132PS|VFNMSUB132PD Vx,Hx,Wx
        9F 66 W0|W1 VFNMSUB132SS|VFNMSUB132SD Vo,Ho,Wd|Vo,Ho,Wq
        A6 66 W0|W1 VFMADDSUB213PS|VFMADDSUB213PD Vx,Hx,Wx
        A7 66 W0|W1 VFMSUBADD213PS|VFMSUBADD213PD Vx,Hx,Wx
        A8 66 W0|W1 VFMADD213PS|VFMADD213PD Vx,Hx,Wx
        A9 66 W0|W1 VFMADD213SS|VFMADD213SD Vo,Ho,Wd|Vo,Ho,Wq
        AA 66 W0|W1 VFMSUB213PS|VFMSUB213PD Vx,Hx,Wx
        AB 66 W0|W1 VFMSUB213SS|VFMSUB213SD Vo,Ho,Wd|Vo,Ho,Wq
        AC 66 W0|W1 VFNMADD213PS|VFNMADD213PD Vx,Hx,Wx
        AD 66 W0|W1 VFNMADD213SS|VFNMADD213SD Vo,Ho,Wd|Vo,Ho,Wq
        AE 66 W0|W1 VFNMSUB213PS|VFNMSUB213PD Vx,Hx,Wx
        AF 66 W0|W1 VFNMSUB213SS|VFNMSUB213SD Vo,Ho,Wd|Vo,Ho,Wq
        B6 66 W0|W1 VFMADDSUB231PS|VFMADDSUB231PD Vx,Hx,Wx
        B7 66 W0|W1 VFMSUBADD231PS|VFMSUBADD231PD Vx,Hx,Wx
        B8 66 W0|W1 VFMADD231PS|VFMADD231PD Vx,Hx,Wx
        B9 66 W0|W1 VFMADD231SS|VFMADD231SD Vo,Ho,Wd|Vo,Ho,Wq
        BA 66 W0|W1 VFMSUB231PS|VFMSUB231PD Vx,Hx,Wx
        BB 66 W0|W1 VFMSUB231SS|VFMSUB231SD Vo,Ho,Wd|Vo,Ho,Wq
        BC 66 W0|W1 VFNMADD231PS|VFNMADD231PD Vx,Hx,Wx
        BD 66 W0|W1 VFNMADD231SS|VFNMADD231SD Vo,Ho,Wd|Vo,Ho,Wq
        BE 66 W0|W1 VFNMSUB231PS|VFNMSUB231PD Vx,Hx,Wx
        BF 66 W0|W1 VFNMSUB231SS|VFNMSUB231SD Vo,Ho,Wd|Vo,Ho,Wq
        CF 66 W0 VGF2P8MULB Vx,Hx,Wx
        DB 66 L0 VAESIMC Vo,Wo
        DC 66 VAESENC Vx,Hx,Wx
        DD 66 VAESENCLAST Vx,Hx,Wx
        DE 66 VAESDEC Vx,Hx,Wx
        DF 66 VAESDECLAST Vx,Hx,Wx
        F2 np L0 ANDN Gy,By,Ey
        F3/1 np L0 BLSR By,Ey
        F3/2 np L0 BLSMSK By,Ey
        F3/3 np L0 BLSI By,Ey
        F5 L0 np|f3|f2 BZHI|PEXT|PDEP Gy,Ey,By|Gy,By,Ey|Gy,By,Ey
        F6 f2 L0 MULX Gy,By,Ey
        F7 L0 np|66|f3|f2 BEXTR|SHLX|SARX|SHRX Gy,Ey,By
        """;

    static final String TEXT_0F3A = """
        00 66 W1 L1 VPERMQ Vx,Wx,Ib
        01 66 W1 L1 VPERMPD Vx,Wx,Ib
        02 66 W0 VPBLENDD Vx,Hx,Wx,Ib
        04 66 W0 VPERMILPS Vx,Wx,Ib
        05 66 W0 VPERMILPD Vx,Wx,Ib
        06 66 W0 L1 VPERM2F128 Vx,Hx,Wx,Ib
        08 66 VROUNDPS Vx,Wx,Ib
        09 66 VROUNDPD Vx,Wx,Ib
        0A 66 VROUNDSS Vo,Ho,Wd,Ib
        0B 66 VROUNDSD Vo,Ho,Wq,Ib
        0C 66 VBLENDPS Vx,Hx,Wx,Ib
        0D 66 VBLENDPD Vx,Hx,Wx,Ib
        0E 66 VPBLENDW Vx,Hx,Wx,Ib
        0F 66 VPALIGNR Vx,Hx,Wx,Ib
        14 66 L0 VPEXTRB Rd/Mb,Vo,Ib
        15 66 L0 VPEXTRW Rd/Mw,Vo,Ib
        16 66 L0 W0 VPEXTRD Ed,Vo,Ib
        16 66 L0 o64 W1 VPEXTRQ Eq,Vo,Ib
        17 66 L0 VEXTRACTPS Ed,Vo,Ib
        18 66 W0 L1 VINSERTF128 Vx,Hx,Wo,Ib
        19 66 W0 L1 VEXTRACTF128 Wo,Vx,Ib
        1D 66 W0 VCVTPS2PH Wh,Vx,Ib
        20 66 L0 VPINSRB Vo,Ho,Rd/Mb,Ib
        21 66 L0 VINSERTPS Vo,Ho,Wd,Ib
        22 66 L0 W0 VPINSRD Vo,Ho,Ed,Ib
        22 66 L0 o64 W1 VPINSRQ Vo,Ho,Eq,Ib
        30 66 r L0 W0|W1 KSHIFTRB|KSHIFTRW KGb,KEb,Ib|KGw,KEw,Ib
        31 66 r L0 W0|W1 KSHIFTRD|KSHIFTRQ KGd,KEd,Ib|KGq,KEq,Ib
        32 66 r L0 W0|W1 KSHIFTLB|KSHIFTLW KGb,KEb,Ib|KGw,KEw,Ib
        33 66 r L0 W0|W1 KSHIFTLD|KSHIFTLQ KGd,KEd,Ib|KGq,KEq,Ib
        38 66 W0 L1 VINSERTI128 Vx,Hx,Wo,Ib
        39 66 W0 L1 VEXTRACTI128 Wo,Vx,Ib
        40 66 VDPPS Vx,Hx,Wx,Ib
        41 66 L0 VDPPD Vo,Ho,Wo,Ib
        42 66 VMPSADBW Vx,Hx,Wx,Ib
        44 66 VPCLMULQDQ Vx,Hx,Wx,Ib
        46 66 W0 L1 VPERM2I128 Vx,Hx,Wx,Ib
        4A 66 W0 VBLENDVPS Vx,Hx,Wx,Lx
        4B 66 W0 VBLENDVPD Vx,Hx,Wx,Lx
        4C 66 W0 VPBLENDVB Vx,Hx,Wx,Lx
        60 66 L0 VPCMPESTRM Vo,Wo,Ib
        61 66 L0 VPCMPESTRI Vo,Wo,Ib
        62 66 L0 VPCMPISTRM Vo,Wo,Ib
        63 66 L0 VPCMPISTRI Vo,Wo,Ib
        CE 66 W1 VGF2P8AFFINEQB Vx,Hx,Wx,Ib
        CF 66 W1 VGF2P8AFFINEINVQB Vx,Hx,Wx,Ib
        DF 66 L0 VAESKEYGENASSIST Vo,Wo,Ib
        F0 f2 L0 RORX Gy,Ey,Ib
        """;

    private VexOpcodes() {}
}
