# C-like handlers of device interrupts, the work before a return to user mode, preemption from an interrupt, and the software-interrupt stack.
.include "common.inc"

.text
# rdi: struct pt_regs
FUNC do_irq
        FRAME
        TPUSH   rbx
        TPUSH   r12
        mov     rbx, rdi
        add     dword ptr gs:[CPU_PREEMPT], IN_IRQ
        mov     r12, [rbx + PT_ORIG]
        not     r12
        inc     qword ptr [counts_irq + r12 * 8]
        cmp     dword ptr gs:[CPU_IRQ_COUNT], 0
        je      1f
        inc     qword ptr [count_nested_irq]
1:      test    byte ptr [rbx + PT_CS], 3
        jz      2f
        inc     qword ptr [count_irq_user]
2:      mov     rdi, rbx
        call    [irq_handlers + r12 * 8]
        cmp     r12, 0xff                       # spurious, and INT instructions of ours, need no EOI
        je      3f
        mov     eax, r12d
        and     eax, 0xf0
        cmp     eax, 0x50
        je      3f
        mov     rax, APIC
        mov     dword ptr [rax + 0xb0], 0
3:      sub     dword ptr gs:[CPU_PREEMPT], IN_IRQ
        TPOP    r12
        TPOP    rbx
        UNFRAME
ENDFUNC do_irq

FUNC timer_interrupt
        FRAME
        inc     qword ptr [ticks]
        mov     rax, [ticks]
        movabs  rcx, offset user_ticks
        mov     [rcx], rax
        call    wake_tasks
        call    set_need_resched
        test    byte ptr [ticks], 3             # each fourth tick: a page fault on the IRQ stack
        jnz     1f
        mov     edi, 1
        call    touch_lazy
1:      UNFRAME
ENDFUNC timer_interrupt

# Raises an interrupt of a higher class and lets it in, here, on the IRQ stack.
FUNC device_interrupt
        FRAME
        mov     edi, VECTOR_NESTED
        call    apic_self
        sti
        mov     ecx, 20
1:      dec     ecx
        jnz     1b
        cli
        UNFRAME
ENDFUNC device_interrupt

FUNC nested_interrupt
        FRAME
        TPUSH   rbx
        mov     rbx, rdi
        mov     edi, 2
        call    touch_lazy
        add     [lazy_sum], rax
        call    set_need_resched
        TPOP    rbx
        UNFRAME
ENDFUNC nested_interrupt

FUNC quiet_interrupt
        ret
ENDFUNC quiet_interrupt

FUNC raising_interrupt
        FRAME
        int     VECTOR_QUIET
        UNFRAME
ENDFUNC raising_interrupt

FUNC resched_interrupt
        FRAME
        call    set_need_resched
        UNFRAME
ENDFUNC resched_interrupt

FUNC unexpected_interrupt
        FRAME
        mov     rdi, offset text_unexpected_irq
        call    fatal
        UNFRAME
ENDFUNC unexpected_interrupt

# edi: vector. An interrupt of our own APIC to itself.
FUNC apic_self
        FRAME
        mov     rax, APIC
        mov     dword ptr [rax + 0x310], 0
        or      edi, 0x44000                    # to self, assert, fixed
        mov     [rax + 0x300], edi
        UNFRAME
ENDFUNC apic_self

# An NMI of our own APIC to itself.
FUNC apic_self_nmi
        mov     rax, APIC
        mov     dword ptr [rax + 0x310], 0
        mov     dword ptr [rax + 0x300], 0x44400
        ret
ENDFUNC apic_self_nmi

# Work of the current task before user mode; interrupts off on entry and on return.
FUNC prepare_exit_to_user
        FRAME
        TPUSH   rbx
        TPUSH   r12
        mov     r12, rdi
1:      mov     rbx, gs:[CPU_CURRENT]
        mov     eax, [rbx + TASK_FLAGS]
        test    eax, FLAG_RESCHED
        jz      2f
        sti
        inc     qword ptr [count_exit_resched]
        call    schedule
        cli
        jmp     1b
2:      test    eax, FLAG_WORK
        jz      3f
        and     dword ptr [rbx + TASK_FLAGS], ~FLAG_WORK
        sti
        mov     rdi, r12
        call    task_work
        cli
        jmp     1b
3:      TPOP     r12
        TPOP    rbx
        UNFRAME
ENDFUNC prepare_exit_to_user

FUNC syscall_exit_work
        FRAME
        inc     qword ptr [count_slow_exit]
        call    prepare_exit_to_user
        UNFRAME
ENDFUNC syscall_exit_work

FUNC task_work
        FRAME
        inc     qword ptr [count_work]
        mov     rdi, 3
        call    touch_lazy
        add     [lazy_sum], rax
        UNFRAME
ENDFUNC task_work

# Interrupts off on entry and on return.
FUNC preempt_schedule_irq
        FRAME
1:      inc     dword ptr gs:[CPU_PREEMPT]
        inc     qword ptr [count_preempt]
        sti
        call    schedule
        cli
        dec     dword ptr gs:[CPU_PREEMPT]
        jz      1b
        UNFRAME
ENDFUNC preempt_schedule_irq

FUNC set_need_resched
        mov     rax, gs:[CPU_CURRENT]
        or      dword ptr [rax + TASK_FLAGS], FLAG_RESCHED
        and     dword ptr gs:[CPU_PREEMPT], ~NO_RESCHED
        ret
ENDFUNC set_need_resched

# Runs soft_work on the IRQ stack; interrupts may come there and nest.
FUNC soft_on_irq_stack
        TPUSH   rbp
        mov     rbp, rsp
        inc     dword ptr gs:[CPU_IRQ_COUNT]
        cmovz   rsp, gs:[CPU_IRQ_STACK]
        AT_REGISTER LINKED, BASE_RBP
        push    rbp
        AT      LINKED, 0, 1
        call    soft_work
        leave
        AT      CALLED, 0
        dec     dword ptr gs:[CPU_IRQ_COUNT]
        ret
ENDFUNC soft_on_irq_stack

FUNC soft_work
        FRAME
        inc     qword ptr [count_soft]
        add     dword ptr gs:[CPU_PREEMPT], 0x100
        sti
        mov     edi, VECTOR_DEVICE
        call    apic_self
        mov     edi, 4
        call    touch_lazy
        add     [lazy_sum], rax
        cli
        sub     dword ptr gs:[CPU_PREEMPT], 0x100
        UNFRAME
ENDFUNC soft_work

.section .rodata
.align 8
irq_handlers:
        .set    vector, 0
        .rept   256
        .if vector == VECTOR_TIMER
        .quad   timer_interrupt
        .elseif vector == VECTOR_DEVICE
        .quad   device_interrupt
        .elseif vector == VECTOR_NESTED
        .quad   nested_interrupt
        .elseif vector == VECTOR_QUIET
        .quad   quiet_interrupt
        .elseif vector == VECTOR_RAISE
        .quad   raising_interrupt
        .elseif vector == VECTOR_RESCHED
        .quad   resched_interrupt
        .else
        .quad   unexpected_interrupt
        .endif
        .set    vector, vector + 1
        .endr
text_unexpected_irq: .asciz "unexpected interrupt"

.bss
.align 8
.globl ticks, counts_irq, count_nested_irq, count_irq_user, count_exit_resched, count_slow_exit, count_work, count_preempt, count_soft
ticks:  .skip   8
counts_irq: .skip 256 * 8
count_nested_irq: .skip 8
count_irq_user: .skip 8
count_exit_resched: .skip 8
count_slow_exit: .skip 8
count_work: .skip 8
count_preempt: .skip 8
count_soft: .skip 8
