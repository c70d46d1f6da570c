# One function for each form of forms.inc, and the table "forms": function, first byte, end, whether it is floating-point.
# void f(struct state *): offsets as in record.c.
        .macro form fp, insn
        .text
1:      push %rbx
        mov %rdi, %rbx
        movaps (%rbx), %xmm0
        movaps 16(%rbx), %xmm1
        movq 32(%rbx), %mm0
        movq 40(%rbx), %mm1
        mov 48(%rbx), %rax
        lea 64(%rbx), %rdi
        pushq $0x202
        popfq
        ldmxcsr 56(%rbx)
2:      \insn
3:      stmxcsr 56(%rbx)
        pushfq
        popq 80(%rbx)
        movaps %xmm0, (%rbx)
        movq %mm0, 32(%rbx)
        mov %rax, 48(%rbx)
        emms
        pop %rbx
        ret
        .data
        .quad 1b, 2b, 3b, \fp
        .endm
        .data
        .globl forms
forms:
        .include "forms.inc"
        .data
        .quad 0
        .section .note.GNU-stack,"",@progbits
