# The measurements: one kind of entry again and again, from a user program or a kernel thread.
.include "common.inc"
.set MEASUREMENTS, 16

.text
# rsi: "K,N"
FUNC make_measurement
        FRAME
        TPUSH   rbx
        TPUSH   r12
        call    parse_number
        dec     eax
        cmp     eax, MEASUREMENTS
        jb      1f
        mov     rdi, offset text_unknown
        mov     esi, eax
        call    fatal
1:      mov     ebx, eax
        shl     ebx, 4
        inc     rsi
        call    parse_number
        mov     r12, rax
        mov     [measure_times], rax
        mov     rdi, offset task_1
        mov     rsi, [measurements + rbx]
        mov     rcx, r12
        movabs  rdx, offset user_stacks + 1024
        test    byte ptr [measurements + rbx + 8], 1
        jnz     2f
        xor     edx, edx
2:      call    make_task
        test    byte ptr [measurements + rbx + 8], 2
        jz      3f
        mov     rdi, offset task_2              # two of them
        mov     rsi, [measurements + rbx]
        mov     rcx, r12
        movabs  rdx, offset user_stacks + 2048
        call    make_task
3:      TPOP     r12
        TPOP    rbx
        UNFRAME
ENDFUNC make_measurement

.macro KERNEL_MEASURE name, what:vararg
FUNC \name
        FRAME
        TPUSH   rbx
        sti
        mov     rbx, [measure_times]
1:      \what
        dec     rbx
        jnz     1b
        call    task_exit
        UNFRAME
ENDFUNC \name
.endm
        KERNEL_MEASURE measure_interrupt, int VECTOR_QUIET
        KERNEL_MEASURE measure_nested_interrupt, int VECTOR_RAISE
        KERNEL_MEASURE measure_preemption, int VECTOR_RESCHED
        KERNEL_MEASURE measure_breakpoint, int3
        KERNEL_MEASURE measure_nmi, int 2

FUNC measure_trap
        FRAME
        TPUSH   rbx
        sti
        mov     rbx, [measure_times]
1:      ud2
2:      dec     rbx
        jnz     1b
        call    task_exit
        UNFRAME
        FIXUP   1b, 2b
ENDFUNC measure_trap

FUNC measure_gp
        FRAME
        TPUSH   rbx
        sti
        mov     rbx, [measure_times]
1:      mov     rax, 0x8000000000000000
2:      mov     eax, [rax]
3:      dec     rbx
        jnz     1b
        call    task_exit
        UNFRAME
        FIXUP   2b, 3b
ENDFUNC measure_gp

.section .rodata
.align 8
# Function; 1: user program, 2: two tasks. The row's number, from 1, is K.
measurements:
        .quad   measure_call, 1
        .quad   measure_slow_call, 1
        .quad   measure_user_interrupt, 1
        .quad   measure_interrupt, 0
        .quad   measure_nested_interrupt, 0
        .quad   measure_user_trap, 1
        .quad   measure_trap, 0
        .quad   measure_user_gp, 1
        .quad   measure_gp, 0
        .quad   measure_user_breakpoint, 1
        .quad   measure_breakpoint, 0
        .quad   measure_user_nmi, 1
        .quad   measure_nmi, 0
        .quad   measure_user_resched, 1
        .quad   measure_preemption, 0
        .quad   measure_yield, 3
text_unknown: .asciz "no such measurement"

.bss
.align 8
measure_times: .skip 8
