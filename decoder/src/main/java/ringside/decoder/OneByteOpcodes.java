package ringside.decoder;

/** The one-byte opcode map, without prefixes and x87. Intel SDM vol. 2, appendix A, tables. */
final class OneByteOpcodes {
    static final String TEXT = """
        00 ADD Eb,Gb lock
        01 ADD Ev,Gv lock
        02 ADD Gb,Eb
        03 ADD Gv,Ev
        04 ADD AL,Ibx
        05 ADD rAX,Iz
        06 i64 PUSH ES
        07 i64 POP ES
        08 OR Eb,Gb lock
        09 OR Ev,Gv lock
        0A OR Gb,Eb
        0B OR Gv,Ev
        0C OR AL,Ibx
        0D OR rAX,Iz
        0E i64 PUSH CS
        10 ADC Eb,Gb lock
        11 ADC Ev,Gv lock
        12 ADC Gb,Eb
        13 ADC Gv,Ev
        14 ADC AL,Ibx
        15 ADC rAX,Iz
        16 i64 PUSH SS
        17 i64 POP SS
        18 SBB Eb,Gb lock
        19 SBB Ev,Gv lock
        1A SBB Gb,Eb
        1B SBB Gv,Ev
        1C SBB AL,Ibx
        1D SBB rAX,Iz
        1E i64 PUSH DS
        1F i64 POP DS
        20 AND Eb,Gb lock
        21 AND Ev,Gv lock
        22 AND Gb,Eb
        23 AND Gv,Ev
        24 AND AL,Ibx
        25 AND rAX,Iz
        27 i64 DAA
        28 SUB Eb,Gb lock
        29 SUB Ev,Gv lock
        2A SUB Gb,Eb
        2B SUB Gv,Ev
        2C SUB AL,Ibx
        2D SUB rAX,Iz
        2F i64 DAS
        30 XOR Eb,Gb lock
        31 XOR Ev,Gv lock
        32 XOR Gb,Eb
        33 XOR Gv,Ev
        34 XOR AL,Ibx
        35 XOR rAX,Iz
        37 i64 AAA
        38 CMP Eb,Gb
        39 CMP Ev,Gv
        3A CMP Gb,Eb
        3B CMP Gv,Ev
        3C CMP AL,Ibx
        3D CMP rAX,Iz
        3F i64 AAS
        40-47 i64 INC Zv
        48-4F i64 DEC Zv
        50-57 PUSH Zv d64
        58-5F POP Zv d64
        60 i64 PUSHA
        61 i64 POPA
        62 i64 BOUND Gv,Ma
        63 i64 ARPL Ew,Gw
        63 o64 MOVSXD Gv,Ez
        68 PUSH Iz d64
        69 IMUL Gv,Ev,Iz
        6A PUSH Ibs d64
        6B IMUL Gv,Ev,Ibs
        6C INS Yb,DX
        6D INS Yz,DX
        6E OUTS DX,Xb
        6F OUTS DX,Xz
        70-7F Jcc Jb f64
        80/0 ADD Eb,Ibx lock
        80/1 OR Eb,Ibx lock
        80/2 ADC Eb,Ibx lock
        80/3 SBB Eb,Ibx lock
        80/4 AND Eb,Ibx lock
        80/5 SUB Eb,Ibx lock
        80/6 XOR Eb,Ibx lock
        80/7 CMP Eb,Ibx
        81/0 ADD Ev,Iz lock
        81/1 OR Ev,Iz lock
        81/2 ADC Ev,Iz lock
        81/3 SBB Ev,Iz lock
        81/4 AND Ev,Iz lock
        81/5 SUB Ev,Iz lock
        81/6 XOR Ev,Iz lock
        81/7 CMP Ev,Iz
        82/0 i64 ADD Eb,Ibx lock
        82/1 i64 OR Eb,Ibx lock
        82/2 i64 ADC Eb,Ibx lock
        82/3 i64 SBB Eb,Ibx lock
        82/4 i64 AND Eb,Ibx lock
        82/5 i64 SUB Eb,Ibx lock
        82/6 i64 XOR Eb,Ibx lock
        82/7 i64 CMP Eb,Ibx
        83/0 ADD Ev,Ibs lock
        83/1 OR Ev,Ibs lock
        83/2 ADC Ev,Ibs lock
        83/3 SBB Ev,Ibs lock
        83/4 AND Ev,Ibs lock
        83/5 SUB Ev,Ibs lock
        83/6 XOR Ev,Ibs lock
        83/7 CMP Ev,Ibs
        84 TEST Eb,Gb
        85 TEST Ev,Gv
        86 XCHG Eb,Gb lock
        87 XCHG Ev,Gv lock
        88 MOV Eb,Gb
        89 MOV Ev,Gv
        8A MOV Gb,Eb
        8B MOV Gv,Ev
        8C/6 INVALID
        8C/7 INVALID
        8C MOV Rv/Mw,Sw
        8D LEA Gv,M
        8E/1 INVALID
        8E/6 INVALID
        8E/7 INVALID
        8E MOV Sw,Ew
        8F/0 POP Ev d64
        90 B1 XCHG Zv,rAX
        90 f3 PAUSE
        90 NOP
        91-97 XCHG Zv,rAX
        98 s16 CBW
        98 s32 CWDE
        98 s64 CDQE
        99 s16 CWD
        99 s32 CDQ
        99 s64 CQO
        9A i64 CALL_FAR Ap
        9B WAIT
        9C PUSHF d64
        9D POPF d64
        9E SAHF
        9F LAHF
        A0 MOV AL,Ob
        A1 MOV rAX,Ov
        A2 MOV Ob,AL
        A3 MOV Ov,rAX
        A4 MOVS Yb,Xb
        A5 MOVS Yv,Xv
        A6 CMPS Xb,Yb
        A7 CMPS Xv,Yv
        A8 TEST AL,Ibx
        A9 TEST rAX,Iz
        AA STOS Yb,AL
        AB STOS Yv,rAX
        AC LODS AL,Xb
        AD LODS rAX,Xv
        AE SCAS AL,Yb
        AF SCAS rAX,Yv
        B0-B7 MOV Zb,Ibx
        B8-BF MOV Zv,Iv
        C0/0 ROL Eb,Ib
        C0/1 ROR Eb,Ib
        C0/2 RCL Eb,Ib
        C0/3 RCR Eb,Ib
        C0/4 SHL Eb,Ib
        C0/5 SHR Eb,Ib
        C0/6 SHL Eb,Ib
        C0/7 SAR Eb,Ib
        C1/0 ROL Ev,Ib
        C1/1 ROR Ev,Ib
        C1/2 RCL Ev,Ib
        C1/3 RCR Ev,Ib
        C1/4 SHL Ev,Ib
        C1/5 SHR Ev,Ib
        C1/6 SHL Ev,Ib
        C1/7 SAR Ev,Ib
        C2 RET Iw f64
        C3 RET f64
        C4 i64 LES Gv,Mp
        C5 i64 LDS Gv,Mp
        C6/0 MOV Eb,Ibx
        C6/7.0 XABORT Ib
        C7/0 MOV Ev,Iz
        C7/7.0 XBEGIN Jz
        C8 ENTER Iw,I2 d64
        C9 LEAVE d64
        CA RET_FAR Iw
        CB RET_FAR
        CC INT3
        CD INT Ib
        CE i64 INTO
        CF IRET
        D0/0 ROL Eb,1
        D0/1 ROR Eb,1
        D0/2 RCL Eb,1
        D0/3 RCR Eb,1
        D0/4 SHL Eb,1
        D0/5 SHR Eb,1
        D0/6 SHL Eb,1
        D0/7 SAR Eb,1
        D1/0 ROL Ev,1
        D1/1 ROR Ev,1
        D1/2 RCL Ev,1
        D1/3 RCR Ev,1
        D1/4 SHL Ev,1
        D1/5 SHR Ev,1
        D1/6 SHL Ev,1
        D1/7 SAR Ev,1
        D2/0 ROL Eb,CL
        D2/1 ROR Eb,CL
        D2/2 RCL Eb,CL
        D2/3 RCR Eb,CL
        D2/4 SHL Eb,CL
        D2/5 SHR Eb,CL
        D2/6 SHL Eb,CL
        D2/7 SAR Eb,CL
        D3/0 ROL Ev,CL
        D3/1 ROR Ev,CL
        D3/2 RCL Ev,CL
        D3/3 RCR Ev,CL
        D3/4 SHL Ev,CL
        D3/5 SHR Ev,CL
        D3/6 SHL Ev,CL
        D3/7 SAR Ev,CL
        D4 i64 AAM Ib
        D5 i64 AAD Ib
        D6 i64 SALC
        D7 XLAT Tb
        E0 LOOPNE Jb f64
        E1 LOOPE Jb f64
        E2 LOOP Jb f64
        E3 JCXZ Jb f64
        E4 IN AL,Ib
        E5 IN zAX,Ib
        E6 OUT Ib,AL
        E7 OUT Ib,zAX
        E8 CALL Jz f64
        E9 JMP Jz f64
        EA i64 JMP_FAR Ap
        EB JMP Jb f64
        EC IN AL,DX
        ED IN zAX,DX
        EE OUT DX,AL
        EF OUT DX,zAX
        F1 INT1
        F4 HLT
        F5 CMC
        F6/0 TEST Eb,Ibx
        F6/1 TEST Eb,Ibx
        F6/2 NOT Eb lock
        F6/3 NEG Eb lock
        F6/4 MUL Eb
        F6/5 IMUL Eb
        F6/6 DIV Eb
        F6/7 IDIV Eb
        F7/0 TEST Ev,Iz
        F7/1 TEST Ev,Iz
        F7/2 NOT Ev lock
        F7/3 NEG Ev lock
        F7/4 MUL Ev
        F7/5 IMUL Ev
        F7/6 DIV Ev
        F7/7 IDIV Ev
        F8 CLC
        F9 STC
        FA CLI
        FB STI
        FC CLD
        FD STD
        FE/0 INC Eb lock
        FE/1 DEC Eb lock
        FF/0 INC Ev lock
        FF/1 DEC Ev lock
        FF/2 CALL Ev f64
        FF/3 CALL_FAR Mp
        FF/4 JMP Ev f64
        FF/5 JMP_FAR Mp
        FF/6 PUSH Ev d64
        """;

    private OneByteOpcodes() {}
}
