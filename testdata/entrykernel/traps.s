# C-like handlers of exceptions and NMI. rdi: struct pt_regs, rsi: error code.
.include "common.inc"

.text
FUNC do_fixed_trap
        FRAME
        TPUSH   rbx
        mov     rbx, rdi
        inc     qword ptr [count_traps]
        call    maybe_enable_interrupts
        mov     rdi, rbx
        call    fixup
        cli
        TPOP    rbx
        UNFRAME
ENDFUNC do_fixed_trap

FUNC do_general_protection
        FRAME
        TPUSH   rbx
        mov     rbx, rdi
        inc     qword ptr [count_gp]
        mov     [last_error], rsi
        call    maybe_enable_interrupts
        mov     rdi, rbx
        call    fixup
        cli
        TPOP    rbx
        UNFRAME
ENDFUNC do_general_protection

# Fills the lazy pages. The tables may also be filled by an NMI that comes in between; the result is the same.
FUNC do_page_fault
        FRAME
        TPUSH   rbx
        TPUSH   r12
        mov     rbx, rdi
        mov     r12, cr2
        inc     qword ptr [count_page_faults]
        test    dword ptr gs:[CPU_PREEMPT], IN_NMI
        jz      1f
        inc     qword ptr [count_nmi_page_faults]
1:      call    maybe_enable_interrupts
        mov     rdi, r12
        call    map_lazy
        test    eax, eax
        jnz     2f
        mov     rdi, rbx
        call    fixup
2:      cli
        TPOP    r12
        TPOP    rbx
        UNFRAME
ENDFUNC do_page_fault

# rdi: address. Returns 1 if it lies in a lazy range and is mapped now.
FUNC map_lazy
        mov     rax, rdi
        mov     rcx, LAZY
        sub     rax, rcx
        shr     rax, 12
        cmp     rax, LAZY_PAGES
        jae     1f
        mov     rdx, rax
        shl     rdx, 12
        lea     rdx, [rdx + lazy_frames - KERNEL_BASE + 3]
        mov     [pt_lazy + rax * 8], rdx
        jmp     2f
1:      mov     rax, rdi
        mov     rcx, USER_LAZY
        sub     rax, rcx
        shr     rax, 12
        cmp     rax, USER_LAZY_PAGES
        jae     3f
        mov     rdx, rax
        shl     rdx, 12
        lea     rdx, [rdx + user_lazy_frames - KERNEL_BASE + 7]
        mov     [pt_user_lazy + rax * 8], rdx
2:      mov     eax, 1
        ret
3:      xor     eax, eax
        ret
ENDFUNC map_lazy

# edi: kernel page. Takes it away and reads it, which brings it back by a page fault; returns what is there, a constant of the page.
FUNC touch_lazy
        FRAME
        mov     eax, edi
        mov     qword ptr [pt_lazy + rax * 8], 0
        shl     rax, 12
        mov     rdx, LAZY
        add     rdx, rax
        invlpg  [rdx]
        mov     rax, [rdx + 8]
        inc     qword ptr [count_touched]
        UNFRAME
ENDFUNC touch_lazy

# Goes on where the table of fixups says; ends the run if it does not say.
FUNC fixup
        FRAME
        mov     rax, [rdi + PT_RIP]
        mov     rcx, offset __extable_start
1:      cmp     rcx, offset __extable_end
        je      3f
        cmp     [rcx], rax
        je      2f
        add     rcx, 16
        jmp     1b
2:      mov     rax, [rcx + 8]
        mov     [rdi + PT_RIP], rax
        UNFRAME
3:      AT      CALLED, 8
        mov     rsi, rax
        mov     rdi, offset text_no_fixup
        call    fatal
        UNFRAME
ENDFUNC fixup

FUNC maybe_enable_interrupts
        bt      dword ptr [rdi + PT_FLAGS], 9
        jnc     1f
        sti
1:      ret
ENDFUNC maybe_enable_interrupts

# From kernel mode it runs into itself until three are nested on the IST stack.
FUNC do_breakpoint
        FRAME
        TPUSH   rbx
        mov     rbx, rdi
        inc     qword ptr [count_breakpoints]
        add     dword ptr gs:[CPU_PREEMPT], 0x200
        test    byte ptr [rbx + PT_CS], 3
        jnz     2f
        mov     eax, gs:[CPU_PREEMPT]
        and     eax, 0xf00
        cmp     eax, 0x600
        jae     1f
        cmp     byte ptr [measuring], 0
        jne     2f
        int3
        jmp     2f
1:      inc     qword ptr [count_deep_breakpoints]
2:      sub     dword ptr gs:[CPU_PREEMPT], 0x200
        TPOP    rbx
        UNFRAME
ENDFUNC do_breakpoint

# A watched word (DR0) or single steps in user mode; a breakpoint inside it shares the IST stack.
FUNC do_debug
        FRAME
        TPUSH   rbx
        mov     rbx, rdi
        inc     qword ptr [count_debug]
        mov     rax, dr6
        xor     ecx, ecx
        mov     dr6, rcx
        test    byte ptr [rbx + PT_CS], 3
        jz      1f
        inc     qword ptr [count_steps]
        test    byte ptr [count_steps], 3       # four steps
        jnz     2f
        and     dword ptr [rbx + PT_FLAGS], ~0x100
        jmp     2f
1:      test    al, 1
        jz      2f
        inc     qword ptr [count_watched]
        add     dword ptr gs:[CPU_PREEMPT], 0x400
        int3
        sub     dword ptr gs:[CPU_PREEMPT], 0x400
2:      TPOP     rbx
        UNFRAME
ENDFUNC do_debug

FUNC do_unexpected
        FRAME
        mov     rsi, [rdi + PT_RIP]
        mov     rdi, offset text_unexpected
        call    fatal
        UNFRAME
ENDFUNC do_unexpected

# rdi: struct pt_regs on an IST stack, of user mode. Copies it to the task's stack; returns where it is.
FUNC move_to_task_stack
        FRAME
        mov     rsi, rdi
        mov     rdi, gs:[CPU_STACK_TOP]
        sub     rdi, PT_SIZE
        mov     rax, rdi
        mov     ecx, PT_SIZE / 8
        rep     movsq
        inc     qword ptr [count_moved]
        UNFRAME
ENDFUNC move_to_task_stack

# Takes a page fault, which opens NMIs again; on request sends two more, which come nested, behind the page fault's IRET.
FUNC do_nmi
        FRAME
        TPUSH   rbx
        TPUSH   r12
        TPUSH   r13
        mov     rbx, rdi
        mov     r12, cr2
        add     dword ptr gs:[CPU_PREEMPT], IN_NMI
        inc     qword ptr [count_nmi]
        test    byte ptr [rbx + PT_CS], 3
        jz      1f
        movabs  rax, offset user_nmis
        inc     qword ptr [rax]
1:      cmp     byte ptr [measuring], 0
        jne     4f
        xor     r13d, r13d
        xchg    r13, [nmi_again]
        test    r13, r13
        jz      2f
        call    apic_self_nmi                   # held back
2:      mov     edi, 5
        call    touch_lazy
        add     [nmi_sum], rax
        inc     qword ptr [nmi_touches]
        test    r13, r13
        jz      3f
        call    apic_self_nmi                   # comes at once
        mov     rax, [rbx + PT_RSP]             # a breakpoint, unless its stack is not safe: it may have been about to be moved
        sub     rax, offset ist_debug
        cmp     rax, IST_SLOT * IST_SLOTS
        jbe     3f
        int3
3:      mov     edi, 6
        call    touch_lazy
4:      sub     dword ptr gs:[CPU_PREEMPT], IN_NMI
        mov     cr2, r12
        TPOP    r13
        TPOP    r12
        TPOP    rbx
        UNFRAME
ENDFUNC do_nmi

.section .rodata
text_no_fixup: .asciz "exception without a fixup"
text_unexpected: .asciz "unexpected exception"

.bss
.align 4096
.globl lazy_frames
lazy_frames: .skip LAZY_PAGES * 4096
user_lazy_frames: .skip USER_LAZY_PAGES * 4096
.globl count_traps, count_gp, count_page_faults, count_nmi_page_faults, count_touched, count_breakpoints, count_deep_breakpoints, count_debug
.globl count_steps, count_watched, count_moved, count_nmi, nmi_again, nmi_sum, nmi_touches, lazy_sum, last_error, measuring
count_traps: .skip 8
count_gp: .skip 8
count_page_faults: .skip 8
count_nmi_page_faults: .skip 8
count_touched: .skip 8
count_breakpoints: .skip 8
count_deep_breakpoints: .skip 8
count_debug: .skip 8
count_steps: .skip 8
count_watched: .skip 8
count_moved: .skip 8
count_nmi: .skip 8
nmi_again: .skip 8
nmi_sum: .skip  8
nmi_touches: .skip 8
lazy_sum: .skip 8
last_error: .skip 8
measuring: .skip 8
