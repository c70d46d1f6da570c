package ringside.decoder;

/** The 0F opcode map: system and integer instructions. Intel SDM vol. 2, appendix A, tables. */
final class TwoByteOpcodes {
    static final String TEXT = """
        00/0 SLDT Rv/Mw
        00/1 STR Rv/Mw
        00/2 LLDT Ew
        00/3 LTR Ew
        00/4 VERR Ew
        00/5 VERW Ew
        01/0 m SGDT Ms
        01/0.0 np ENCLV
        01/0.1 np VMCALL
        01/0.2 np VMLAUNCH
        01/0.3 np VMRESUME
        01/0.4 np VMXOFF
        01/0.5 np PCONFIG
        01/1 m SIDT Ms
        01/1.0 np MONITOR
        01/1.1 np MWAIT
        01/1.2 np CLAC
        01/1.3 np STAC
        01/1.7 np ENCLS
        01/2 m LGDT Ms
        01/2.0 np XGETBV
        01/2.1 np XSETBV
        01/2.4 np VMFUNC
        01/2.5 np XEND
        01/2.6 np XTEST
        01/2.7 np ENCLU
        01/3 m LIDT Ms
        01/3.0 VMRUN
        01/3.1 VMMCALL
        01/3.2 VMLOAD
        01/3.3 VMSAVE
        01/3.4 STGI
        01/3.5 CLGI
        01/3.6 SKINIT
        01/3.7 INVLPGA
        01/4 SMSW Rv/Mw
        01/5 m f3 RSTORSSP Mq
        01/5.0 np|f3|f2 SERIALIZE|SETSSBSY|XSUSLDTRK
        01/5.1 f2 XRESLDTRK
        01/5.2 f3 SAVEPREVSSP
        01/5.4 f3 o64 UIRET
        01/5.5 f3 o64 TESTUI
        01/5.6 np RDPKRU
        01/5.6 f3 o64 CLUI
        01/5.7 np WRPKRU
        01/5.7 f3 o64 STUI
        01/6 LMSW Ew
        01/7 m INVLPG M
        01/7.0 o64 SWAPGS
        01/7.1 RDTSCP
        01/7.2 np|f3 MONITORX|MCOMMIT
        01/7.3 np MWAITX
        01/7.4 CLZERO
        01/7.5 np RDPRU
        01/7.6 np INVLPGB
        01/7.6 f3|f2 o64 RMPADJUST|RMPUPDATE
        01/7.7 np TLBSYNC
        01/7.7 f2 PVALIDATE
        01/7.7 f3 o64 PSMASH
        02 LAR Gv,Ew
        03 LSL Gv,Ew
        05 SYSCALL
        06 CLTS
        07 SYSRET
        08 INVD
        09 f3 WBNOINVD
        09 WBINVD
        0B UD2
        0D/1 m PREFETCHW Mb
        0D/2 m PREFETCHWT1 Mb
        0D m PREFETCH Mb
        0D r NOP Ev
        18/0 m PREFETCHNTA Mb
        18/1 m PREFETCHT0 Mb
        18/2 m PREFETCHT1 Mb
        18/3 m PREFETCHT2 Mb
        18-19 NOP Ev
        1A m np BNDLDX BGo,M
        1A 66 BNDMOV BGo,BEo
        1A f3|f2 BNDCL|BNDCU BGo,En
        1B m np BNDSTX M,BGo
        1B 66 BNDMOV BEo,BGo
        1B m f3 BNDMK BGo,Mn
        1B f2 BNDCN BGo,En
        1C/0 m np CLDEMOTE Mb
        1A-1D NOP Ev
        1E/7.2 f3 ENDBR64
        1E/7.3 f3 ENDBR32
        1E/1 r f3 RDSSP Ry
        1E-1F NOP Ev
        20/0 MOV Rn,Cn mod3
        20/2 MOV Rn,Cn mod3
        20/3 MOV Rn,Cn mod3
        20/4 MOV Rn,Cn mod3
        21 MOV Rn,Dn mod3
        22/0 MOV Cn,Rn mod3
        22/2 MOV Cn,Rn mod3
        22/3 MOV Cn,Rn mod3
        22/4 MOV Cn,Rn mod3
        23 MOV Dn,Rn mod3
        30 WRMSR
        31 RDTSC
        32 RDMSR
        33 RDPMC
        34 SYSENTER
        35 SYSEXIT
        37 np GETSEC
        40-4F CMOVcc Gv,Ev
        78 np VMREAD En,Gn
        78/0 66 EXTRQ Uo,Ib,I2
        78 f2 INSERTQ Vo,Uo,Ib,I2
        79 np VMWRITE Gn,En
        79 66 EXTRQ Vo,Uo
        79 f2 INSERTQ Vo,Uo
        80-8F Jcc Jz f64
        90-9F SETcc Eb
        A0 PUSH FS d64
        A1 POP FS d64
        A2 CPUID
        A3 BT Ev,Gv
        A4 SHLD Ev,Gv,Ib
        A5 SHLD Ev,Gv,CL
        A8 PUSH GS d64
        A9 POP GS d64
        AA RSM
        AB BTS Ev,Gv lock
        AC SHRD Ev,Gv,Ib
        AD SHRD Ev,Gv,CL
        AE/0 m np FXSAVE M512
        AE/1 m np FXRSTOR M512
        AE/2 m np LDMXCSR Md
        AE/3 m np STMXCSR Md
        AE/4 m np XSAVE M
        AE/5 m np XRSTOR M
        AE/6 m np XSAVEOPT M
        AE/7 m np CLFLUSH Mb
        AE/6 m 66|f3 CLWB|CLRSSBSY Mb|Mq
        AE/7 m 66 CLFLUSHOPT Mb
        AE/4 f3 PTWRITE Ey
        AE/0 r f3 o64 RDFSBASE Ry
        AE/1 r f3 o64 RDGSBASE Ry
        AE/2 r f3 o64 WRFSBASE Ry
        AE/3 r f3 o64 WRGSBASE Ry
        AE/5 r f3 INCSSP Ry
        AE/6 r 66|f3|f2 TPAUSE|UMONITOR|UMWAIT Rd|Raddr|Rd
        AE/5 r np LFENCE
        AE/6 r np MFENCE
        AE/7 r np SFENCE
        AF IMUL Gv,Ev
        B0 CMPXCHG Eb,Gb lock
        B1 CMPXCHG Ev,Gv lock
        B2 LSS Gv,Mp
        B3 BTR Ev,Gv lock
        B4 LFS Gv,Mp
        B5 LGS Gv,Mp
        B6 MOVZX Gv,Eb
        B7 MOVZX Gv,Ew
        B8 f3 POPCNT Gv,Ev
        B9 UD1 Gv,Ev
        BA/4 BT Ev,Ib
        BA/5 BTS Ev,Ib lock
        BA/6 BTR Ev,Ib lock
        BA/7 BTC Ev,Ib lock
        BB BTC Ev,Gv lock
        BC f3 TZCNT Gv,Ev
        BC BSF Gv,Ev
        BD f3 LZCNT Gv,Ev
        BD BSR Gv,Ev
        BE MOVSX Gv,Eb
        BF MOVSX Gv,Ew
        C0 XADD Eb,Gb lock
        C1 XADD Ev,Gv lock
        C3 np MOVNTI My,Gy
        C7/1 w0|w1 CMPXCHG8B|CMPXCHG16B Mq|Mo lock
        C7/3 np XRSTORS M
        C7/4 np XSAVEC M
        C7/5 np XSAVES M
        C7/6 m np|66|f3 VMPTRLD|VMCLEAR|VMXON Mq
        C7/7 m np VMPTRST Mq
        C7/6 r f3 o64 SENDUIPI Rq
        C7/7 r f3 RDPID Rn
        C7/6 r f3|f2 INVALID
        C7/7 r f2 INVALID
        C7/6 r RDRAND Rv
        C7/7 r RDSEED Rv
        C8-CF BSWAP Zv
        FF UD0 Gv,Ev
        """;

    private TwoByteOpcodes() {}
}
