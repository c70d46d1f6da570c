# IDT, 8259 pair, 8254 tick, and the self tests of exceptions, page faults and the timer.
# A test names the vector it expects and where to go on; any other exception ends the demo.
.intel_syntax noprefix
.set LAZY, 0x8000000000                         # PML4 slot 1: 256 pages mapped on first touch
.set LAZY_PAGES, 256

.text
.globl traps_init, trap_tests, page_faults, timer

traps_init:
        lea     rsi, [stubs]
        lea     rdi, [idt]
        mov     ecx, 48
1:      mov     rax, rsi
        mov     [rdi], ax
        mov     word ptr [rdi + 2], 8
        mov     word ptr [rdi + 4], 0x8e00
        shr     rax, 16
        mov     [rdi + 6], ax
        mov     qword ptr [rdi + 8], 0
        add     rsi, 16
        add     rdi, 16
        dec     ecx
        jnz     1b
        or      word ptr [idt + 3 * 16 + 4], 0x6000     # INT3 from user mode too
        lidt    [idt_pointer]

        lea     rsi, [pic_program]              # vectors 20h and 28h, only IRQ 0 open
2:      movzx   edx, byte ptr [rsi]
        mov     al, [rsi + 1]
        out     dx, al
        add     rsi, 2
        cmp     rsi, offset pic_program_end
        jne     2b
        mov     al, 0x34                        # counter 0, both bytes, mode 2
        out     0x43, al
        mov     eax, 1193                       # about 1000 Hz
        out     0x40, al
        mov     al, ah
        out     0x40, al
        ret

# One stub a vector, 16 bytes each: error code or zero, then the vector.
.align 16
stubs:
        .set    vector, 0
        .rept   48
        .align  16
        .if (vector == 8) || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30
        .else
        push    0
        .endif
        push    vector
        jmp     trap
        .set    vector, vector + 1
        .endr

.align 16
trap:
        push    rax
        push    rcx
        push    rdx
        push    rsi
        push    rdi
        push    r8
        push    r9
        push    r10
        push    r11
        cld
        mov     eax, [rsp + 72]                 # vector
        cmp     eax, 32
        je      tick
        ja      other_irq
        cmp     eax, 14
        jne     1f
        mov     rdx, cr2
        mov     rcx, LAZY
        sub     rdx, rcx
        shr     rdx, 12
        cmp     rdx, LAZY_PAGES
        jb      map_lazy
1:      cmp     eax, [expected_vector]
        jne     unexpected
        inc     dword ptr [expected_seen]
        mov     rcx, [go_on]
        mov     [rsp + 88], rcx
        mov     ecx, [rsp + 80]
        mov     [seen_error], ecx
        jmp     back

map_lazy:                                       # page rdx of the lazy range gets frame rdx of the pool
        inc     dword ptr [lazy_faults]
        mov     rax, rdx
        shl     rax, 12
        add     rax, offset frames
        or      rax, 3
        mov     [pt_high + rdx * 8], rax
        jmp     back

tick:
        inc     qword ptr [ticks]
other_irq:
        mov     al, 0x20
        out     0x20, al
back:
        pop     r11
        pop     r10
        pop     r9
        pop     r8
        pop     rdi
        pop     rsi
        pop     rdx
        pop     rcx
        pop     rax
        add     rsp, 16
        iretq

unexpected:
        lea     rdi, [unexpected_text]
        call    puts
        mov     rdi, [rsp + 72]
        call    put_hex
        mov     rdi, [rsp + 88]
        call    put_hex
        mov     eax, 0x20
        out     0xf4, eax
1:      hlt
        jmp     1b

# Expects: vector eax, continuation rcx.
expect:
        mov     [expected_vector], eax
        mov     [go_on], rcx
        ret

.macro expecting vector, label
        mov     eax, \vector
        lea     rcx, \label
        call    expect
.endm

# Divide error, breakpoint, undefined instruction, general protection (non-canonical address, bad selector),
# page fault on a read-only page at CPL 0. Returns the count of exceptions and the last error code in bits 63:32.
trap_tests:
        mov     dword ptr [expected_seen], 0
        expecting 0, [rip + 1f]
        xor     edx, edx
        mov     eax, 1
        xor     ecx, ecx
        div     ecx
1:      expecting 0, [rip + 2f]
        mov     eax, 0x80000000
        mov     edx, -1
        mov     ecx, -1
        idiv    ecx
2:      expecting 3, [rip + 3f]
        int3
3:      expecting 6, [rip + 4f]
        ud2
4:      expecting 13, [rip + 5f]
        mov     rdx, 0x8000000000000000
        mov     eax, [rdx]
5:      expecting 13, [rip + 6f]
        mov     eax, 0x100                      # selector outside the GDT
        mov     fs, eax
6:      mov     rax, offset frames + 1          # read-only
        mov     [pt_high + 300 * 8], rax
        mov     rdx, LAZY + 300 * 4096
        invlpg  [rdx]
        mov     eax, [rdx]
        expecting 14, [rip + 7f]
        mov     dword ptr [rdx], 1              # error code: present, write
7:      mov     dword ptr [expected_vector], -1
        mov     eax, [seen_error]
        shl     rax, 32
        mov     ecx, [expected_seen]
        or      rax, rcx
        ret

# Touches every lazy page of a fresh mapping twice, 16 times over. Returns the faults seen and a sum.
page_faults:
        push    rbx
        mov     dword ptr [lazy_faults], 0
        xor     ebx, ebx
        mov     r8d, 16
1:      mov     rdi, LAZY
        mov     r9d, LAZY_PAGES
2:      mov     [rdi + r9], r9d
        add     rbx, [rdi + r9]
        add     rdi, 4096
        dec     r9d
        jnz     2b
        mov     rdi, LAZY
        xor     ecx, ecx
3:      mov     qword ptr [pt_high + rcx * 8], 0
        invlpg  [rdi]
        add     rdi, 4096
        inc     ecx
        cmp     ecx, LAZY_PAGES
        jne     3b
        dec     r8d
        jnz     1b
        mov     eax, [lazy_faults]
        shl     rax, 32
        mov     ecx, ebx
        or      rax, rcx
        pop     rbx
        ret

# Sleeps through ten ticks. Returns how many passed.
timer:
        mov     rcx, [ticks]
        lea     rdx, [rcx + 10]
1:      hlt
        cmp     [ticks], rdx
        jb      1b
        mov     eax, 10
        ret

.section .rodata
unexpected_text: .asciz "\ndemo: unexpected exception (vector, rip) "
pic_program:
        .byte   0x20, 0x11, 0xa0, 0x11, 0x21, 0x20, 0xa1, 0x28, 0x21, 4, 0xa1, 2, 0x21, 1, 0xa1, 1, 0x21, 0xfe, 0xa1, 0xff
pic_program_end:
idt_pointer:
        .word   48 * 16 - 1
        .quad   idt

.data
.align 8
ticks:  .quad   0
go_on:  .quad   0
expected_vector: .long -1
expected_seen: .long 0
seen_error: .long 0
lazy_faults: .long 0

.bss
.align 4096
frames: .skip   LAZY_PAGES * 4096
idt:    .skip   48 * 16
