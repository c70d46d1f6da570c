# Tasks: their stacks, the scheduler, sleeping and waking.
.include "common.inc"

.text
# Runs the next task that can run, or the idle task. Interrupts are on when it returns.
FUNC schedule
        FRAME
        TPUSH   rbx
        TPUSH   r12
        cli
        inc     dword ptr gs:[CPU_PREEMPT]
        mov     rbx, gs:[CPU_CURRENT]
        and     dword ptr [rbx + TASK_FLAGS], ~FLAG_RESCHED
        or      dword ptr gs:[CPU_PREEMPT], NO_RESCHED
        mov     rdi, rbx
        call    pick_next
        mov     r12, rax
        cmp     r12, rbx
        je      1f
        inc     qword ptr [count_switches]
        mov     eax, gs:[CPU_PREEMPT]
        mov     [rbx + TASK_PREEMPT], eax
        mov     rdi, rbx
        mov     rsi, r12
        call    switch_stacks
1:      dec     dword ptr gs:[CPU_PREEMPT]
        sti
        TPOP    r12
        TPOP    rbx
        UNFRAME
ENDFUNC schedule

# rdi: current task
FUNC pick_next
        mov     rax, [rdi + TASK_NEXT]
        mov     ecx, TASKS
1:      cmp     rax, offset task_idle
        je      2f
        cmp     dword ptr [rax + TASK_STATE], 0
        je      3f
2:      mov     rax, [rax + TASK_NEXT]
        dec     ecx
        jnz     1b
        mov     rax, offset task_idle
3:      ret
ENDFUNC pick_next

# rdi: task that was left, rsi: task whose stack this is. Returns the first.
FUNC finish_switch
        FRAME
        mov     gs:[CPU_CURRENT], rsi
        mov     rax, [rsi + TASK_TOP]
        mov     gs:[CPU_STACK_TOP], rax
        mov     [tss + TSS_RSP0], rax
        mov     eax, [rsi + TASK_PREEMPT]
        mov     gs:[CPU_PREEMPT], eax
        mov     rax, cr3
        cmp     rax, [rsi + TASK_CR3]
        je      1f
        mov     rax, [rsi + TASK_CR3]
        mov     cr3, rax
1:      mov     rax, rdi
        UNFRAME
ENDFUNC finish_switch

FUNC schedule_tail
        FRAME
        dec     dword ptr gs:[CPU_PREEMPT]
        UNFRAME
ENDFUNC schedule_tail

# Called by the timer.
FUNC wake_tasks
        FRAME
        mov     rax, offset task_idle
        mov     rcx, [ticks]
1:      cmp     dword ptr [rax + TASK_STATE], 1
        jne     2f
        cmp     [rax + TASK_WAKE], rcx
        ja      2f
        mov     dword ptr [rax + TASK_STATE], 0
2:      mov     rax, [rax + TASK_NEXT]
        cmp     rax, offset task_idle
        jne     1b
        UNFRAME
ENDFUNC wake_tasks

FUNC task_exit
        FRAME
        cli                                     # preempted between the next two, it would never be counted
        mov     rax, gs:[CPU_CURRENT]
        mov     dword ptr [rax + TASK_STATE], 2
        dec     dword ptr [live_tasks]
        call    schedule
        mov     rdi, offset text_came_back
        xor     esi, esi
        call    fatal
        UNFRAME
ENDFUNC task_exit

# rdi: task, rsi: first instruction, rdx: user stack pointer, 0 for a kernel thread, rcx: initial rbx of a user task
FUNC make_task
        FRAME
        mov     rax, [rdi + TASK_TOP]
        sub     rax, PT_SIZE
        test    rdx, rdx
        jz      1f
        mov     [rax + PT_RIP], rsi
        mov     qword ptr [rax + PT_CS], USER_CS
        mov     qword ptr [rax + PT_FLAGS], 0x202
        mov     [rax + PT_RSP], rdx
        mov     qword ptr [rax + PT_SS], USER_DS
        mov     [rax + PT_RBX], rcx
.if ANNOTATE == 1
        mov     [rax - 8], rax                  # what SAVE_POINTER would have left
        mov     qword ptr [rax - 16], offset pt_regs + 1
        sub     rax, 24
        mov     [rax - 16], rax                 # rbp
.elseif ANNOTATE == 2
        lea     rcx, [rax + 1]
        mov     [rax - 16], rcx
.endif
        mov     qword ptr [rax - 8], offset return_from_fork + 1
        jmp     2f
1:      mov     qword ptr [rax - 8], offset kernel_thread_start + 1
        mov     [rax - 24], rsi                 # rbx
2:      sub     rax, 56
        mov     [rdi + TASK_RSP], rax
        mov     dword ptr [rdi + TASK_STATE], 0
        inc     dword ptr [live_tasks]
        UNFRAME
ENDFUNC make_task

.section .rodata
text_came_back: .asciz "a finished task came back"

.data
.align 8
.macro TASK name, next, top, tables, state
OBJECT  \name, TASK_SIZE
        .quad   0, \top + STACK_SIZE, \tables - KERNEL_BASE, \next, 0
        .long   \state, 0, NO_RESCHED | 1, 0
.endm
        TASK    task_idle, task_1, stack_idle, pml4, 0
        TASK    task_1, task_2, stack_1, pml4, 2
        TASK    task_2, task_3, stack_2, pml4_other, 2
        TASK    task_3, task_4, stack_3, pml4, 2
        TASK    task_4, task_5, stack_4, pml4_other, 2
        TASK    task_5, task_idle, stack_5, pml4, 2
.globl live_tasks
live_tasks: .long 0

.bss
.align 4096
.macro STACK name
OBJECT  \name, STACK_SIZE
        .skip   STACK_SIZE
.endm
        STACK   stack_1
        STACK   stack_2
        STACK   stack_3
        STACK   stack_4
        STACK   stack_5
.globl count_switches
count_switches: .skip 8
