# COM1, polled, and the few formats the demo prints.
.intel_syntax noprefix
.set COM1, 0x3f8

.text
.globl console_init, putc, puts, put_padded, put_hex

console_init:                                   # 115200 baud, 8n1, FIFO on
        lea     rsi, [settings]
1:      movzx   edx, byte ptr [rsi]
        movzx   eax, byte ptr [rsi + 1]
        add     edx, COM1
        out     dx, al
        add     rsi, 2
        cmp     rsi, offset settings_end
        jne     1b
        ret

putc:                                           # dil
        mov     edx, COM1 + 5
1:      in      al, dx
        test    al, 0x20
        jz      1b
        mov     edx, COM1
        mov     eax, edi
        out     dx, al
        ret

puts:                                           # rdi: zero-terminated; newline becomes CR LF
        push    rbx
        mov     rbx, rdi
1:      movzx   edi, byte ptr [rbx]
        test    edi, edi
        jz      3f
        cmp     edi, '\n'
        jne     2f
        mov     edi, '\r'
        call    putc
        mov     edi, '\n'
2:      call    putc
        inc     rbx
        jmp     1b
3:      pop     rbx
        ret

put_padded:                                     # rdi: text, esi: width
        push    rbx
        push    rbp
        mov     rbx, rdi
        mov     ebp, esi
        call    puts
1:      cmp     byte ptr [rbx], 0
        je      2f
        inc     rbx
        dec     ebp
        jmp     1b
2:      test    ebp, ebp
        jle     3f
        mov     edi, ' '
        call    putc
        dec     ebp
        jmp     2b
3:      pop     rbp
        pop     rbx
        ret

put_hex:                                        # rdi: 16 digits
        push    rbx
        push    rbp
        mov     rbx, rdi
        mov     ebp, 16
1:      rol     rbx, 4
        mov     eax, ebx
        and     eax, 15
        movzx   edi, byte ptr [digits + rax]
        call    putc
        dec     ebp
        jnz     1b
        pop     rbp
        pop     rbx
        ret

.section .rodata
digits: .ascii  "0123456789abcdef"
settings:
        .byte   1, 0, 3, 0x80, 0, 1, 1, 0, 3, 3, 2, 7, 4, 3
settings_end:
