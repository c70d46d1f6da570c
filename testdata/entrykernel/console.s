# COM1, polled, and power off as ACPI says: RSDP of the start information -> RSDT -> FADT -> PM1a control port, and the type in the DSDT's \_S5.
.include "common.inc"
.set COM1, 0x3f8

.text
FUNC console_init                               # 115200 baud, 8n1, FIFO on
        mov     rsi, offset settings
1:      movzx   edx, byte ptr [rsi]
        movzx   eax, byte ptr [rsi + 1]
        add     edx, COM1
        out     dx, al
        add     rsi, 2
        cmp     rsi, offset settings_end
        jne     1b
        ret
ENDFUNC console_init

FUNC putc                                       # dil
        FRAME
        mov     edx, COM1 + 5
1:      in      al, dx
        test    al, 0x20
        jz      1b
        mov     edx, COM1
        mov     eax, edi
        out     dx, al
        UNFRAME
ENDFUNC putc

FUNC puts                                       # rdi: zero-terminated
        FRAME
        TPUSH   rbx
        mov     rbx, rdi
1:      movzx   edi, byte ptr [rbx]
        test    edi, edi
        jz      3f
        cmp     edi, '\n'
        jne     2f
        mov     edi, '\r'
        call    putc
        mov     edi, '\n'
2:      call    putc
        inc     rbx
        jmp     1b
3:      TPOP     rbx
        UNFRAME
ENDFUNC puts

FUNC put_decimal                                # rdi
        FRAME
        TPUSH   rbx
        mov     rax, rdi
        mov     ecx, 10
        xor     edx, edx
        div     rcx
        mov     ebx, edx
        test    rax, rax
        jz      1f
        mov     rdi, rax
        call    put_decimal
1:      lea     edi, [rbx + '0']
        call    putc
        TPOP    rbx
        UNFRAME
ENDFUNC put_decimal

FUNC put_hex                                    # rdi: 16 digits
        FRAME
        TPUSH   rbx
        TPUSH   r12
        mov     rbx, rdi
        mov     r12d, 16
1:      rol     rbx, 4
        mov     eax, ebx
        and     eax, 15
        movzx   edi, byte ptr [digits + rax]
        call    putc
        dec     r12d
        jnz     1b
        TPOP    r12
        TPOP    rbx
        UNFRAME
ENDFUNC put_hex

FUNC power_off                                  # returns if any of it is missing
        mov     rdx, KERNEL_BASE
        mov     rdi, [start_info]
        mov     rdi, [rdi + rdx + 32]           # RSDP
        test    rdi, rdi
        jz      9f
        mov     edi, [rdi + rdx + 16]           # RSDT
        add     rdi, rdx
        mov     ecx, [rdi + 4]
        add     rcx, rdi
        add     rdi, 36
1:      cmp     rdi, rcx
        jae     9f
        mov     esi, [rdi]
        add     rsi, rdx
        add     rdi, 4
        cmp     dword ptr [rsi], 0x50434146     # "FACP"
        jne     1b
        mov     r8d, [rsi + 64]                 # PM1a_CNT_BLK
        mov     esi, [rsi + 40]                 # DSDT
        add     rsi, rdx
        mov     ecx, [rsi + 4]
        lea     rcx, [rsi + rcx - 16]
        add     rsi, 36
2:      cmp     rsi, rcx
        jae     9f
        inc     rsi
        cmp     dword ptr [rsi], 0x5f35535f     # "_S5_"
        jne     2b
        cmp     byte ptr [rsi + 4], 0x12        # package
        jne     2b
        movzx   eax, byte ptr [rsi + 5]         # its length takes 1 to 4 bytes
        shr     eax, 6
        lea     rsi, [rsi + rax + 7]
        movzx   eax, byte ptr [rsi]             # ZeroOp and OneOp stand for themselves
        cmp     eax, 0x0a                       # BytePrefix
        jne     3f
        movzx   eax, byte ptr [rsi + 1]
3:      and     eax, 7
        shl     eax, 10
        or      eax, 0x2000                     # SLP_EN
        mov     edx, r8d
        out     dx, ax
        mov     ecx, 1000000                    # it may take a moment
4:      pause
        dec     ecx
        jnz     4b
9:      ret
ENDFUNC power_off

.section .rodata
digits: .ascii  "0123456789abcdef"
settings:
        .byte   1, 0, 3, 0x80, 0, 1, 1, 0, 3, 3, 2, 7, 4, 3
settings_end:
