package ringside.decoder;

/** The 0F38 and 0F3A opcode maps in their legacy encoding. Intel SDM vol. 2, appendix A, tables. */
final class ThreeByteOpcodes {
    static final String TEXT_0F38 = """
        00 np|66 PSHUFB Pq,Qq|Vo,Wo
        01 np|66 PHADDW Pq,Qq|Vo,Wo
        02 np|66 PHADDD Pq,Qq|Vo,Wo
        03 np|66 PHADDSW Pq,Qq|Vo,Wo
        04 np|66 PMADDUBSW Pq,Qq|Vo,Wo
        05 np|66 PHSUBW Pq,Qq|Vo,Wo
        06 np|66 PHSUBD Pq,Qq|Vo,Wo
        07 np|66 PHSUBSW Pq,Qq|Vo,Wo
        08 np|66 PSIGNB Pq,Qq|Vo,Wo
        09 np|66 PSIGNW Pq,Qq|Vo,Wo
        0A np|66 PSIGND Pq,Qq|Vo,Wo
        0B np|66 PMULHRSW Pq,Qq|Vo,Wo
        10 66 PBLENDVB Vo,Wo,X0
        14 66 BLENDVPS Vo,Wo,X0
        15 66 BLENDVPD Vo,Wo,X0
        17 66 PTEST Vo,Wo
        1C np|66 PABSB Pq,Qq|Vo,Wo
        1D np|66 PABSW Pq,Qq|Vo,Wo
        1E np|66 PABSD Pq,Qq|Vo,Wo
        20 66 PMOVSXBW Vo,Wq
        21 66 PMOVSXBD Vo,Wd
        22 66 PMOVSXBQ Vo,Ww
        23 66 PMOVSXWD Vo,Wq
        24 66 PMOVSXWQ Vo,Wd
        25 66 PMOVSXDQ Vo,Wq
        28 66 PMULDQ Vo,Wo
        29 66 PCMPEQQ Vo,Wo
        2A 66 MOVNTDQA Vo,Mo
        2B 66 PACKUSDW Vo,Wo
        30 66 PMOVZXBW Vo,Wq
        31 66 PMOVZXBD Vo,Wd
        32 66 PMOVZXBQ Vo,Ww
        33 66 PMOVZXWD Vo,Wq
        34 66 PMOVZXWQ Vo,Wd
        35 66 PMOVZXDQ Vo,Wq
        37 66 PCMPGTQ Vo,Wo
        38 66 PMINSB Vo,Wo
        39 66 PMINSD Vo,Wo
        3A 66 PMINUW Vo,Wo
        3B 66 PMINUD Vo,Wo
        3C 66 PMAXSB Vo,Wo
        3D 66 PMAXSD Vo,Wo
        3E 66 PMAXUW Vo,Wo
        3F 66 PMAXUD Vo,Wo
        40 66 PMULLD Vo,Wo
        41 66 PHMINPOSUW Vo,Wo
        80 66 INVEPT Gn,Mo
        81 66 INVVPID Gn,Mo
        82 66 INVPCID Gn,Mo
        C8 np SHA1NEXTE Vo,Wo
        C9 np SHA1MSG1 Vo,Wo
        CA np SHA1MSG2 Vo,Wo
        CB np SHA256RNDS2 Vo,Wo,X0
        CC np SHA256MSG1 Vo,Wo
        CD np SHA256MSG2 Vo,Wo
        CF 66 GF2P8MULB Vo,Wo
        DB 66 AESIMC Vo,Wo
        DC 66 AESENC Vo,Wo
        DD 66 AESENCLAST Vo,Wo
        DE 66 AESDEC Vo,Wo
        DF 66 AESDECLAST Vo,Wo
        F0 f2 CRC32 Gy,Eb
        F0 f3 INVALID
        F0 MOVBE Gv,Mv
        F1 f2 CRC32 Gy,Ev
        F1 f3 INVALID
        F1 MOVBE Mv,Gv
        F5 66 WRUSS My,Gy
        F6 np|66|f3 WRSS|ADCX|ADOX My,Gy|Gy,Ey|Gy,Ey
        F8 66|f3|f2 MOVDIR64B|ENQCMDS|ENQCMD Gaddr,M64
        F9 np MOVDIRI My,Gy
        """;

    static final String TEXT_0F3A = """
        08 66 ROUNDPS Vo,Wo,Ib
        09 66 ROUNDPD Vo,Wo,Ib
        0A 66 ROUNDSS Vo,Wd,Ib
        0B 66 ROUNDSD Vo,Wq,Ib
        0C 66 BLENDPS Vo,Wo,Ib
        0D 66 BLENDPD Vo,Wo,Ib
        0E 66 PBLENDW Vo,Wo,Ib
        0F np|66 PALIGNR Pq,Qq,Ib|Vo,Wo,Ib
        14 66 PEXTRB Rd/Mb,Vo,Ib
        15 66 PEXTRW Rd/Mw,Vo,Ib
        16 66 w0|w1 PEXTRD|PEXTRQ Ed,Vo,Ib|Eq,Vo,Ib
        17 66 EXTRACTPS Ed,Vo,Ib
        20 66 PINSRB Vo,Rd/Mb,Ib
        21 66 INSERTPS Vo,Wd,Ib
        22 66 w0|w1 PINSRD|PINSRQ Vo,Ed,Ib|Vo,Eq,Ib
        40 66 DPPS Vo,Wo,Ib
        41 66 DPPD Vo,Wo,Ib
        42 66 MPSADBW Vo,Wo,Ib
        44 66 PCLMULQDQ Vo,Wo,Ib
        60 66 PCMPESTRM Vo,Wo,Ib
        61 66 PCMPESTRI Vo,Wo,Ib
        62 66 PCMPISTRM Vo,Wo,Ib
        63 66 PCMPISTRI Vo,Wo,Ib
        CC np SHA1RNDS4 Vo,Wo,Ib
        CE 66 GF2P8AFFINEQB Vo,Wo,Ib
        CF 66 GF2P8AFFINEINVQB Vo,Wo,Ib
        DF 66 AESKEYGENASSIST Vo,Wo,Ib
        F0/0.0 f3 HRESET Ib
        """;

    private ThreeByteOpcodes() {}
}
