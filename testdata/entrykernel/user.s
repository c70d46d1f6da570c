# The user-mode programs. Each checks that its registers survive whatever comes in between, and exits with 0 if so.
.include "common.inc"
.set NR_ADD, 0
.set NR_YIELD, 1
.set NR_SLEEP, 2
.set NR_WORK, 3
.set NR_DEVICE, 4
.set NR_NMI, 5
.set NR_EXIT, 6
.set NR_SLOW, 7

.macro CALL_SYSTEM_NR number
        mov     eax, \number
        syscall
.endm

.macro LEAVE status
        mov     edi, \status
        mov     eax, NR_EXIT
        syscall
.endm

.macro FOR_REGISTERS what:vararg
        .irp    register, rbp, rsi, r8, r9, r10, r12, r13, r14, r15
        \what   \register
        .endr
.endm

# A value of its own in each register, and the test of it.
.macro SET_ONE register
        .set    value, value * 5 + 0x1234567
        .set    value, value & 0x7fffffff
        mov     \register, value
.endm

.macro TEST_ONE register
        .set    value, value * 5 + 0x1234567
        .set    value, value & 0x7fffffff
        cmp     \register, value
        jne     user_failed
.endm

.macro SET_REGISTERS
        .set    value, 99
        FOR_REGISTERS SET_ONE
.endm

.macro TEST_REGISTERS
        .set    value, 99
        FOR_REGISTERS TEST_ONE
.endm

.section .user.text, "ax"
# Exceptions of all kinds, and interrupts by INT.
FUNC user_traps, USER
        mov     ebx, 4
1:      SET_REGISTERS
        int3
2:      ud2
3:      xor     ecx, ecx
        mov     edx, ecx
4:      div     ecx
5:      mov     rax, 0x8000000000000000
6:      mov     eax, [rax]
7:      mov     rdi, USER_LAZY
        mov     eax, ebx
        shl     eax, 12
        add     rdi, rax
        mov     [rdi], rbx
        cmp     [rdi], rbx
        jne     user_failed
        int     VECTOR_QUIET
        int     VECTOR_RESCHED
        int     VECTOR_RAISE
        pushfq
        or      qword ptr [rsp], 0x100          # TF: four single steps
        popfq
        nop
        nop
        nop
        nop
        nop
        TEST_REGISTERS
        dec     ebx
        jnz     1b
        LEAVE   0
        FIXUP   2b, 3b
        FIXUP   4b, 5b
        FIXUP   6b, 7b
ENDFUNC user_traps

# System calls with both ways back, sleeping in between.
FUNC user_calls, USER
        mov     ebx, 4
1:      SET_REGISTERS
        mov     edi, 3
        CALL_SYSTEM_NR NR_ADD
        mov     ecx, esi
        add     ecx, 3
        cmp     eax, ecx
        jne     user_failed
        CALL_SYSTEM_NR NR_SLOW
        cmp     eax, 7
        jne     user_failed
        mov     edi, 1
        CALL_SYSTEM_NR NR_SLEEP
        CALL_SYSTEM_NR NR_DEVICE
        CALL_SYSTEM_NR NR_YIELD
        CALL_SYSTEM_NR 1000                     # there is none
        cmp     rax, -38
        jne     user_failed
        TEST_REGISTERS
        dec     ebx
        jnz     1b
        LEAVE   0
ENDFUNC user_calls

# Long work in kernel mode, which interrupts preempt; NMIs in a system call.
FUNC user_work, USER
        mov     ebx, 2
1:      SET_REGISTERS
        mov     edi, 11
        CALL_SYSTEM_NR NR_WORK
        cmp     eax, 89
        jne     user_failed
        CALL_SYSTEM_NR NR_NMI
        cmp     eax, 2
        jb      user_failed
        TEST_REGISTERS
        dec     ebx
        jnz     1b
        LEAVE   0
ENDFUNC user_work

# Spins in user mode until timer and NMI have come to it.
FUNC user_spin, USER
        SET_REGISTERS
        movabs  rcx, offset user_ticks
        movabs  rdi, offset user_nmis
        mov     ebx, 0
1:      inc     rbx
        TEST_REGISTERS
        cmp     qword ptr [rcx], 12
        jb      1b
        cmp     qword ptr [rdi], 2
        jb      1b
        LEAVE   0
ENDFUNC user_spin

FUNC user_failed, USER
        LEAVE   1
ENDFUNC user_failed

# Measurements; rbx: how often.
.macro MEASURE name, what:vararg
FUNC \name, USER
1:      \what
        dec     rbx
        jnz     1b
        LEAVE   0
ENDFUNC \name
.endm
        MEASURE measure_call, CALL_SYSTEM_NR NR_ADD
        MEASURE measure_slow_call, CALL_SYSTEM_NR NR_SLOW
        MEASURE measure_yield, CALL_SYSTEM_NR NR_YIELD
        MEASURE measure_user_interrupt, int VECTOR_QUIET
        MEASURE measure_user_resched, int VECTOR_RESCHED
        MEASURE measure_user_breakpoint, int3
        MEASURE measure_user_nmi, int 2
FUNC measure_user_trap, USER
1:      ud2
2:      dec     rbx
        jnz     1b
        LEAVE   0
        FIXUP   1b, 2b
ENDFUNC measure_user_trap
FUNC measure_user_gp, USER
        mov     rax, 0x8000000000000000
1:      mov     ecx, [rax]
2:      dec     rbx
        jnz     1b
        LEAVE   0
        FIXUP   1b, 2b
ENDFUNC measure_user_gp

.section .user.data, "aw"
.align 4096
.globl user_ticks, user_nmis, user_stacks
user_ticks: .quad 0
user_nmis: .quad 0
        .align  4096
user_stacks:
        .skip   6 * 1024
