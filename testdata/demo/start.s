# Entry of the demo kernel: multiboot header, page tables, and the way from 32-bit protected mode to 64-bit mode.
# Identity map of 4 GiB by 2 MiB pages; PML4 slot 1 holds the pages that traps.s and user.s map one by one.
.intel_syntax noprefix

.section .multiboot, "a"
.align 4
        .long   0x1BADB002, 3, -(0x1BADB002 + 3)

.text
.code32
.globl _start
_start:
        cli
        cld
        mov     esp, offset stack_top
        mov     [multiboot_magic], eax
        mov     [multiboot_info], ebx

        mov     eax, offset pdpt_low + 3
        mov     [pml4], eax
        mov     eax, offset pdpt_high + 7
        mov     [pml4 + 8], eax
        mov     eax, offset pd_high + 7
        mov     [pdpt_high], eax
        mov     eax, offset pt_high + 7
        mov     [pd_high], eax
        mov     eax, offset pd_low + 3
        xor     ecx, ecx
1:      mov     [pdpt_low + ecx * 8], eax
        add     eax, 4096
        inc     ecx
        cmp     ecx, 4
        jne     1b
        mov     eax, 0x83                       # present, writable, 2 MiB page
        xor     ecx, ecx
2:      mov     [pd_low + ecx * 8], eax
        add     eax, 0x200000
        inc     ecx
        cmp     ecx, 4 * 512
        jne     2b

        mov     eax, offset pml4
        mov     cr3, eax
        mov     eax, cr4
        or      eax, 0x620                      # PAE, OSFXSR, OSXMMEXCPT
        mov     cr4, eax
        mov     ecx, 0xC0000080                 # EFER: LME, SCE
        rdmsr
        or      eax, 0x101
        wrmsr
        mov     eax, cr0
        and     eax, ~0x6000000C                # caches on, no emulation, TS clear
        or      eax, 0x80010022                 # PG, WP, NE, MP
        mov     cr0, eax
        lgdt    [gdt_pointer]
        .byte   0xea                            # jmp 8:long_mode
        .long   long_mode
        .word   8

.code64
long_mode:
        mov     eax, 0x10
        mov     ds, eax
        mov     es, eax
        mov     ss, eax
        xor     eax, eax
        mov     fs, eax
        mov     gs, eax
        mov     rsp, offset stack_top
        mov     rdi, offset tss                 # the descriptor's base is scattered
        mov     [gdt + 0x32], di
        shr     rdi, 16
        mov     [gdt + 0x34], dil
        shr     rdi, 8
        mov     [gdt + 0x37], dil
        mov     eax, 0x30
        ltr     ax
        jmp     main

.data
.align 16
# 08 kernel code, 10 kernel data, 18 (sysret to 32-bit code, not used), 20 user data, 28 user code, 30 TSS
.globl gdt
gdt:    .quad   0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0, 0x00cff3000000ffff, 0x00affb000000ffff
        .quad   0x0000890000000067, 0
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt, 0
.align 16
.globl tss
tss:    .long   0
        .quad   interrupt_stack_top             # RSP0
        .fill   92, 1, 0
.globl multiboot_magic, multiboot_info
multiboot_magic: .long 0
multiboot_info: .long 0

.bss
.align 4096
.globl pt_high
pml4:   .skip   4096
pdpt_low: .skip 4096
pdpt_high: .skip 4096
pd_low: .skip   4 * 4096
pd_high: .skip  4096
pt_high: .skip  4096
        .skip   16384
.globl stack_top, interrupt_stack_top
stack_top:
        .skip   8192
interrupt_stack_top:
