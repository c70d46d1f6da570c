# The checks at the end, and the line of results.
.include "common.inc"

.text
FUNC check_all
        FRAME
        TPUSH   rbx
        cmp     dword ptr gs:[CPU_IRQ_COUNT], -1
        jne     3f
        mov     eax, gs:[CPU_PREEMPT]
        cmp     eax, NO_RESCHED
        jne     3f
        cmp     qword ptr [tss + TSS_IST], offset ist_debug + IST_SLOT * IST_SLOTS
        jne     3f
        cmp     qword ptr [ist_nmi + STACK_SIZE - 56], 0        # no NMI is being executed
        jne     3f
        mov     ecx, 0xc0000102                 # the user's gs base
        rdmsr
        or      eax, edx
        jnz     3f
        mov     rax, [counts_irq + VECTOR_NESTED * 8]
        imul    rax, rax, 0x102                 # what the lazy pages gave
        mov     rcx, [count_work]
        imul    rcx, rcx, 0x103
        add     rax, rcx
        mov     rcx, [count_soft]
        imul    rcx, rcx, 0x104
        add     rax, rcx
        cmp     rax, [lazy_sum]
        jne     3f
        mov     rax, [nmi_touches]
        imul    rax, rax, 0x105
        cmp     rax, [nmi_sum]
        jne     3f
        mov     rbx, offset results             # enough of everything
1:      cmp     qword ptr [rbx], 0
        je      4f
        mov     rax, [rbx]
        mov     rax, [rax]
        cmp     rax, [rbx + 16]
        jb      3f
        add     rbx, 24
        jmp     1b
3:      inc     qword ptr [count_failures]
4:      TPOP     rbx
        UNFRAME
ENDFUNC check_all

# "entry kernel VARIANT: ok name=count ..."
FUNC report
        FRAME
        TPUSH   rbx
        mov     rdi, offset text_name
        call    puts
        mov     rdi, offset text_ok
        cmp     qword ptr [count_failures], 0
        je      1f
        mov     rdi, offset text_bad
1:      call    puts
        mov     rbx, offset results
2:      cmp     qword ptr [rbx], 0
        je      3f
        mov     rdi, [rbx + 8]
        call    puts
        mov     rax, [rbx]
        mov     rdi, [rax]
        call    put_decimal
        add     rbx, 24
        jmp     2b
3:      mov     rdi, offset text_end
        call    puts
        TPOP    rbx
        UNFRAME
ENDFUNC report

.section .rodata
.align 8
# Counter, its name, the least that a run must have seen.
.macro RESULT counter, name, least
        .quad   \counter, text_\name, \least
        .pushsection .rodata.text, "a"
text_\name: .asciz " \name="
        .popsection
.endm
results:
        RESULT  ticks, ticks, 12
        RESULT  count_irq_user, irq_user, 4
        RESULT  count_nested_irq, irq_nested, 8
        RESULT  count_exit_resched, exit_resched, 4
        RESULT  count_preempt, preemptions, 4
        RESULT  count_switches, switches, 12
        RESULT  count_slow_exit, slow_exits, 4
        RESULT  count_traps, traps, 14
        RESULT  count_gp, gp, 7
        RESULT  count_page_faults, page_faults, 20
        RESULT  count_breakpoints, breakpoints, 16
        RESULT  count_deep_breakpoints, deepest, 3
        RESULT  count_steps, steps, 16
        RESULT  count_watched, watched, 3
        RESULT  count_moved, moved, 4
        RESULT  count_nmi, nmis, 12
        RESULT  user_nmis, user_nmis, 2
        RESULT  count_nmi_page_faults, nmi_faults, 12
        RESULT  count_soft, soft, 3
        .quad   0
text_name:
        .ascii  "entry kernel "
.if ANNOTATE == 0
        .asciz  "none"
.elseif ANNOTATE == 1
        .asciz  "marker"
.elseif ANNOTATE == 2
        .asciz  "encoded"
.elseif ANNOTATE == 3
        .asciz  "table"
.else
        .asciz  "seed"
.endif
text_ok: .asciz ": ok"
text_bad: .asciz ": FAILED"
text_end: .asciz "\n"
