# Start of the entry kernel: PVH entry in 32-bit mode, page tables, 64-bit mode in the upper half, descriptor tables.
# The page tables give the first GiB of memory at KERNEL_BASE, the local APIC, the user pages (slot 1), and page tables that are filled on first touch.
.include "common.inc"

.macro PHYSICAL_OF register, symbol, flags
        mov     \register, offset \symbol - KERNEL_BASE + \flags
.endm

.section .note.pvh, "a", @note
        .align  4
        .long   4, 4, 18                        # owner "Xen", type XEN_ELFNOTE_PHYS32_ENTRY
        .asciz  "Xen"
        .long   start32

.section .boot, "ax"
.code32
FUNC start32, BOTTOM
        cli
        cld
        mov     esi, ebx                        # struct hvm_start_info
        PHYSICAL_OF edi, tables, 0
        mov     ecx, (tables_end - tables) / 4
        xor     eax, eax
        rep     stosd
        mov     [start_info - KERNEL_BASE], esi

        PHYSICAL_OF eax, pdpt_high, 3
        mov     [pml4 - KERNEL_BASE + 511 * 8], eax
        mov     [pml4_other - KERNEL_BASE + 511 * 8], eax
        PHYSICAL_OF eax, pdpt_user, 7
        mov     [pml4 - KERNEL_BASE + 8], eax
        mov     [pml4_other - KERNEL_BASE + 8], eax
        PHYSICAL_OF eax, pdpt_low, 3            # only until the jump to the upper half
        mov     [pml4 - KERNEL_BASE], eax
        PHYSICAL_OF eax, pd_kernel, 3
        mov     [pdpt_low - KERNEL_BASE], eax
        mov     [pdpt_high - KERNEL_BASE + 510 * 8], eax
        PHYSICAL_OF eax, pd_devices, 3
        mov     [pdpt_high - KERNEL_BASE + 511 * 8], eax
        mov     eax, 0x83                       # present, writable, 2 MiB page
        xor     ecx, ecx
1:      mov     [pd_kernel - KERNEL_BASE + ecx * 8], eax
        add     eax, 0x200000
        inc     ecx
        cmp     ecx, 512
        jne     1b
        mov     dword ptr [pd_devices - KERNEL_BASE], 0xfee0009b
        mov     dword ptr [pd_devices - KERNEL_BASE + 16], 0xfec0009b
        PHYSICAL_OF eax, pt_lazy, 3
        mov     [pd_devices - KERNEL_BASE + 8], eax
        PHYSICAL_OF eax, pd_user, 7
        mov     [pdpt_user - KERNEL_BASE], eax
        PHYSICAL_OF eax, pt_user, 7
        mov     [pd_user - KERNEL_BASE], eax
        PHYSICAL_OF eax, pt_user_lazy, 7
        mov     [pd_user - KERNEL_BASE + 8], eax
        mov     eax, offset user_load + 5       # code: read-only
        mov     ecx, offset user_code_pages
        xor     edx, edx
2:      mov     [pt_user - KERNEL_BASE + edx * 8], eax
        add     eax, 4096
        inc     edx
        cmp     edx, ecx
        jne     2b
        or      eax, 2                          # data and stacks
        mov     ecx, offset user_pages
3:      mov     [pt_user - KERNEL_BASE + edx * 8], eax
        add     eax, 4096
        inc     edx
        cmp     edx, ecx
        jne     3b

        PHYSICAL_OF eax, pml4, 0
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
        PHYSICAL_OF eax, boot_gdt_pointer, 0
        lgdt    [eax]
        .byte   0xea                            # jmp 8:start64
        .long   start64
        .word   KERNEL_CS
.code64
start64:
        mov     rax, offset upper_half
        jmp     rax
ENDFUNC start32

.text
FUNC upper_half, BOTTOM
        mov     rsp, offset stack_idle + STACK_SIZE
        xor     ebp, ebp
        lgdt    [gdt_pointer]
        mov     eax, KERNEL_DS
        mov     ds, eax
        mov     es, eax
        mov     ss, eax
        xor     eax, eax
        mov     fs, eax
        mov     gs, eax
        mov     [pml4], rax
        mov     rax, cr3
        mov     cr3, rax
        mov     rdi, offset tss                 # the descriptor's base is scattered
        mov     [gdt + TSS_SELECTOR + 2], di
        shr     rdi, 16
        mov     [gdt + TSS_SELECTOR + 4], dil
        shr     rdi, 8
        mov     [gdt + TSS_SELECTOR + 7], dil
        shr     rdi, 8
        mov     [gdt + TSS_SELECTOR + 8], edi
        mov     eax, TSS_SELECTOR
        ltr     ax

        mov     ecx, 0xC0000101                 # GS base: the CPU's data; the user's is zero
        mov     rax, offset cpu_data
        mov     rdx, rax
        shr     rdx, 32
        wrmsr
        inc     ecx
        xor     eax, eax
        xor     edx, edx
        wrmsr
        mov     ecx, 0xC0000081                 # STAR
        mov     edx, (USER_DS - 8) << 16 | KERNEL_CS
        wrmsr
        inc     ecx                             # LSTAR
        mov     rax, offset entry_syscall
        mov     rdx, rax
        shr     rdx, 32
        wrmsr
        mov     ecx, 0xC0000084                 # FMASK: AC, NT, IF, DF, TF
        mov     eax, 0x44700
        xor     edx, edx
        wrmsr
        call    idt_init
        call    main
1:      hlt
        jmp     1b
ENDFUNC upper_half

FUNC idt_init
        mov     rsi, offset gates
1:      movzx   eax, byte ptr [rsi + 8]
        shl     eax, 4
        lea     rdi, [idt + rax]
        mov     rax, [rsi]
        mov     [rdi], ax
        mov     word ptr [rdi + 2], KERNEL_CS
        mov     cx, [rsi + 9]
        mov     [rdi + 4], cx
        shr     rax, 16
        mov     [rdi + 6], ax
        shr     rax, 16
        mov     [rdi + 8], eax
        add     rsi, 16
        cmp     rsi, offset gates_end
        jne     1b
        lidt    [idt_pointer]
        ret
ENDFUNC idt_init

.section .rodata
.align 16
# Entry, vector, IST, type and privilege level.
.macro GATE vector, entry, ist=0, user=0
        .quad   \entry
        .byte   \vector, \ist, 0x8e | \user * 0x60
        .skip   5
.endm
gates:
        GATE    0, exc_divide_error
        GATE    1, exc_debug, IST_DEBUG
        GATE    2, nmi, IST_NMI, 1              # INT 2 from user mode is a measurement
        GATE    3, exc_breakpoint, IST_DEBUG, 1
        GATE    6, exc_invalid_opcode
        GATE    7, exc_unexpected
        GATE    8, exc_double_fault, IST_FATAL
        GATE    13, exc_general_protection
        GATE    14, exc_page_fault
        GATE    VECTOR_DEVICE, irq_entry_0x41
        GATE    VECTOR_QUIET, irq_entry_0x51, 0, 1
        GATE    VECTOR_RAISE, irq_entry_0x52, 0, 1
        GATE    VECTOR_RESCHED, irq_entry_0x53, 0, 1
        GATE    VECTOR_NESTED, irq_entry_0x61
        GATE    VECTOR_TIMER, irq_entry_0xec
        GATE    0xff, irq_entry_0xff
gates_end:
idt_pointer:
        .word   256 * 16 - 1
        .quad   idt
gdt_pointer:
        .word   8 * 8 - 1
        .quad   gdt
boot_gdt_pointer:
        .word   8 * 8 - 1
        .long   gdt - KERNEL_BASE

.data
.align 16
# 08 kernel code, 10 kernel data, 18 unused, 20 user data, 28 user code, 30 TSS
gdt:    .quad   0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0, 0x00cff3000000ffff, 0x00affb000000ffff
        .quad   0x0000890000000067, 0
.align 16
OBJECT  tss, 104
        .long   0
        .quad   0, 0, 0, 0                      # RSP0 is the current task's
        .quad   ist_debug + IST_SLOT * IST_SLOTS, ist_nmi + STACK_SIZE, ist_fatal + STACK_SIZE, 0, 0, 0, 0
        .quad   0
        .long   0x680000
.align 16
.globl cpu_data
cpu_data:
        .quad   task_idle, stack_idle + STACK_SIZE, 0, irq_stack + STACK_SIZE
        .long   -1, NO_RESCHED

.bss
.align 4096
tables:
.globl pml4, pml4_other, pt_lazy, pt_user_lazy
pml4:   .skip   4096
pml4_other: .skip 4096
pdpt_low: .skip 4096
pdpt_high: .skip 4096
pdpt_user: .skip 4096
pd_kernel: .skip 4096
pd_devices: .skip 4096
pd_user: .skip  4096
pt_lazy: .skip  4096
pt_user: .skip  4096
pt_user_lazy: .skip 4096
tables_end:
.globl start_info
OBJECT idt, 4096
        .skip   4096
.globl irq_stack_start, irq_stack_end
irq_stack_start:
OBJECT irq_stack, STACK_SIZE
        .skip   STACK_SIZE
irq_stack_end:
OBJECT ist_debug, IST_SLOT*IST_SLOTS
        .skip   IST_SLOT * IST_SLOTS
OBJECT ist_nmi, STACK_SIZE
        .skip   STACK_SIZE
OBJECT ist_fatal, STACK_SIZE
        .skip   STACK_SIZE
OBJECT stack_idle, STACK_SIZE
        .skip   STACK_SIZE
start_info: .skip 8
