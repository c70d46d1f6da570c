# Power off as ACPI says: RSDP in the ROM area -> RSDT -> FADT -> PM1a control port, and the sleep type of \_S5 in the DSDT.
.intel_syntax noprefix

.text
.globl power_off
power_off:                                      # returns if any of it is missing
        mov     edi, 0xe0000
        mov     rax, 0x2052545020445352         # "RSD PTR "
1:      cmp     [rdi], rax
        je      2f
        add     edi, 16
        cmp     edi, 0x100000
        jb      1b
        ret
2:      mov     edi, [rdi + 16]                 # RSDT
        mov     ecx, [rdi + 4]
        add     ecx, edi
        add     edi, 36
3:      cmp     edi, ecx
        jae     9f
        mov     esi, [rdi]
        add     edi, 4
        cmp     dword ptr [rsi], 0x50434146     # "FACP"
        jne     3b
        mov     r8d, [rsi + 64]                 # PM1a_CNT_BLK
        mov     esi, [rsi + 40]                 # DSDT
        mov     ecx, [rsi + 4]
        add     ecx, esi
        sub     ecx, 16
        add     esi, 36
4:      cmp     esi, ecx
        jae     9f
        inc     esi
        cmp     dword ptr [rsi], 0x5f35535f     # "_S5_"
        jne     4b
        cmp     byte ptr [rsi + 4], 0x12        # package
        jne     4b
        movzx   eax, byte ptr [rsi + 5]         # its length takes 1 to 4 bytes
        shr     eax, 6
        lea     esi, [rsi + rax + 7]
        movzx   eax, byte ptr [rsi]             # ZeroOp and OneOp stand for themselves
        cmp     eax, 0x0a                       # BytePrefix
        jne     5f
        movzx   eax, byte ptr [rsi + 1]
5:      and     eax, 7
        shl     eax, 10
        or      eax, 0x2000                     # SLP_EN
        mov     edx, r8d
        out     dx, ax
        mov     ecx, 1000000                    # it may take a moment
6:      pause
        dec     ecx
        jnz     6b
9:      ret
