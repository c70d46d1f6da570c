# System calls (rdi, rsi: arguments, rax: result) and the kernel thread that brings about what only kernel mode can.
.include "common.inc"

.text
FUNC sys_add
        lea     rax, [rdi + rsi]
        ret
ENDFUNC sys_add

FUNC sys_yield
        FRAME
        call    schedule
        xor     eax, eax
        UNFRAME
ENDFUNC sys_yield

# rdi: ticks
FUNC sys_sleep
        FRAME
        TPUSH   rbx
        mov     rbx, gs:[CPU_CURRENT]
        add     rdi, [ticks]
        mov     [rbx + TASK_WAKE], rdi
        mov     dword ptr [rbx + TASK_STATE], 1
        call    schedule
        xor     eax, eax
        TPOP    rbx
        UNFRAME
ENDFUNC sys_sleep

# rdi: n; returns the nth Fibonacci number, by recursion
FUNC sys_work
        FRAME
        call    recurse
        UNFRAME
ENDFUNC sys_work

FUNC recurse
        FRAME
        TPUSH   rbx
        TPUSH   r12
        mov     rbx, rdi
        mov     rax, rdi
        cmp     rdi, 2
        jb      1f
        dec     rdi
        call    recurse
        mov     r12, rax
        lea     rdi, [rbx - 2]
        call    recurse
        add     rax, r12
1:      TPOP     r12
        TPOP    rbx
        UNFRAME
ENDFUNC recurse

FUNC sys_device
        FRAME
        mov     edi, VECTOR_DEVICE
        call    apic_self
        xor     eax, eax
        UNFRAME
ENDFUNC sys_device

# An NMI here, two more inside it. Returns how often the handler ran.
FUNC sys_nmi
        FRAME
        TPUSH   rbx
        mov     rbx, [count_nmi]
        mov     qword ptr [nmi_again], 1
        call    apic_self_nmi
        mov     rax, [count_nmi]
        sub     rax, rbx
        TPOP    rbx
        UNFRAME
ENDFUNC sys_nmi

# rdi: 0 if the program found all well
FUNC sys_exit
        FRAME
        test    rdi, rdi
        jz      1f
        inc     qword ptr [count_failures]
1:      call    task_exit
        UNFRAME
ENDFUNC sys_exit

# Asks for work before user mode, so that the way back is IRET.
FUNC sys_slow
        FRAME
        mov     rax, gs:[CPU_CURRENT]
        or      dword ptr [rax + TASK_FLAGS], FLAG_WORK
        mov     eax, 7
        UNFRAME
ENDFUNC sys_slow

.macro EXPECT_COUNT counter, growth
        mov     rax, [\counter]
        sub     rax, r12
        cmp     rax, \growth
        jb      kernel_thread_failed
.endm

FUNC kernel_thread
        FRAME
        TPUSH   rbx
        TPUSH   r12
        sti
        mov     ebx, 3
1:      mov     r12, [count_breakpoints]
        int3                                    # nests
        EXPECT_COUNT count_breakpoints, 3
        call    watched_write
        call    kernel_traps
        mov     r12, [count_touched]
        mov     edi, 5
        call    deep
        EXPECT_COUNT count_touched, 1
        call    sys_nmi
        cmp     rax, 2
        jb      kernel_thread_failed
        cli
        call    soft_on_irq_stack
        sti
        call    sys_device
        mov     edi, 1
        call    sys_sleep
        dec     ebx
        jnz     1b
        jmp     2f
kernel_thread_failed:
        inc     qword ptr [count_failures]
2:      call    task_exit
        UNFRAME
ENDFUNC kernel_thread

# DR0 watches writes of a word; #DB comes behind the write.
FUNC watched_write
        FRAME
        TPUSH   rbx
        TPUSH   r12
        mov     r12, [count_watched]
        mov     rax, offset watched
        mov     dr0, rax
        mov     eax, 0xd0401
        mov     dr7, rax
        inc     dword ptr [watched]
        mov     eax, 0x400
        mov     dr7, rax
        mov     rax, [count_watched]
        sub     rax, r12
        dec     rax
        or      [count_failures], rax
        TPOP    r12
        TPOP    rbx
        UNFRAME
ENDFUNC watched_write

FUNC kernel_traps
        FRAME
        xor     edx, edx
        xor     ecx, ecx
1:      div     ecx
2:      ud2
3:      mov     rax, 0x8000000000000000
4:      mov     eax, [rax]
5:      mov     eax, 0x7000
6:      mov     eax, [rax]                      # page 7 of user space is not there
7:      UNFRAME
        FIXUP   1b, 2b
        FIXUP   2b, 3b
        FIXUP   4b, 5b
        FIXUP   6b, 7b
ENDFUNC kernel_traps

# edi frames, and a page fault in the last one.
FUNC deep
        FRAME
        dec     edi
        jz      1f
        call    deep
        UNFRAME
1:      AT      CALLED, 8
        mov     edi, 7
        call    touch_lazy
        UNFRAME
ENDFUNC deep

.section .rodata
.align 8
.globl system_calls
system_calls:
        .quad   sys_add, sys_yield, sys_sleep, sys_work, sys_device, sys_nmi, sys_exit, sys_slow
.if . - system_calls - 8 * SYSTEM_CALLS
        .error "SYSTEM_CALLS is wrong"
.endif

.bss
.align 8
.globl count_failures
count_failures: .skip 8
watched: .skip  8
