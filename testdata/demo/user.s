# A user-mode program that lives on system calls: SYSCALL and SYSRET, with timer interrupts arriving from user mode.
.intel_syntax noprefix
.set USER_CODE, 0x8000000000 + 400 * 4096
.set USER_STACK, 0x8000000000 + 402 * 4096
.set CALLS, 50000

.text
.globl user_calls
user_calls:                                     # returns the sum the program computed by its calls
        push    rbx
        push    rbp
        lea     rsi, [program]
        lea     rdi, [user_page]
        mov     ecx, offset program_end - program
        rep     movsb
        mov     rax, offset user_page + 5       # present, user
        mov     [pt_high + 400 * 8], rax
        mov     rax, offset user_stack_page + 7
        mov     [pt_high + 401 * 8], rax
        mov     ecx, 0xC0000081                 # STAR
        xor     eax, eax
        mov     edx, 0x00180008
        wrmsr
        inc     ecx                             # LSTAR
        mov     eax, offset entry
        xor     edx, edx
        wrmsr
        mov     ecx, 0xC0000084                 # FMASK: IF, DF, TF
        mov     eax, 0x700
        wrmsr
        mov     [kernel_rsp], rsp
        mov     rcx, USER_CODE
        mov     r11d, 0x202
        mov     rsp, USER_STACK
        sysretq

# rax 0: rdi + rsi; 1: exit with rdi
entry:
        mov     [user_rsp], rsp
        mov     rsp, [kernel_rsp]
        push    rcx
        push    r11
        test    eax, eax
        jnz     1f
        lea     rax, [rdi + rsi]
        pop     r11
        pop     rcx
        mov     rsp, [user_rsp]
        sysretq
1:      mov     rsp, [kernel_rsp]
        mov     rax, rdi
        sti
        pop     rbp
        pop     rbx
        ret

.section .rodata
program:                                        # position-independent; copied to USER_CODE
        xor     edi, edi
        mov     ebx, CALLS
1:      xor     eax, eax
        mov     rsi, rbx
        syscall
        mov     rdi, rax
        dec     ebx
        jnz     1b
        mov     eax, 1
        syscall
program_end:

.data
.align 8
kernel_rsp: .quad 0
user_rsp: .quad 0

.bss
.align 4096
user_page: .skip 4096
user_stack_page: .skip 4096
