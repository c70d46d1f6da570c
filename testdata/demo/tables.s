# Integer work on structures: strings, a hash table, a linked list, recursion. Each returns a checksum in rax and may be repeated.
.intel_syntax noprefix
.set TEXT, 32768
.set SLOTS, 1 << 16
.set ENTRIES, 40000
.set NODES, 1 << 15

.text
.globl strings, hash, list, fib

strings:                                        # build, copy in three ways, measure, compare, find
        push    rbx
        lea     rdi, [buffer]
        xor     ecx, ecx
1:      mov     eax, ecx
        imul    eax, eax, 0x9E3779B1
        shr     eax, 27
        add     al, 'A'
        mov     [rdi + rcx], al
        inc     ecx
        cmp     ecx, TEXT
        jne     1b
        mov     byte ptr [rdi + rcx], 0
        mov     rsi, rdi                        # byte by byte, to the zero
        lea     rdi, [buffer + 0x10001]
2:      lodsb
        stosb
        test    al, al
        jnz     2b
        lea     rsi, [buffer + 0x10001]         # by REP, misaligned to aligned
        lea     rdi, [buffer + 0x20000]
        mov     ecx, TEXT / 8
        rep     movsq
        movsb
        lea     rsi, [buffer]                   # backwards
        add     rsi, TEXT
        lea     rdi, [buffer + 0x30003 + TEXT]
        mov     ecx, TEXT + 1
        std
        rep     movsb
        cld
        lea     rdi, [buffer + 0x20000]         # strlen
        mov     rcx, -1
        xor     eax, eax
        repne   scasb
        not     rcx
        mov     rbx, rcx
        lea     rsi, [buffer]                   # memcmp
        lea     rdi, [buffer + 0x30003]
        mov     ecx, TEXT + 1
        repe    cmpsb
        jne     5f
        lea     rsi, [buffer + 0x30003]         # count one letter, and fold all of them
        xor     eax, eax
3:      movzx   edx, byte ptr [rsi]
        test    edx, edx
        jz      4f
        imul    eax, eax, 31
        add     eax, edx
        inc     rsi
        jmp     3b
4:      shl     rbx, 32
        or      rax, rbx
        pop     rbx
        ret
5:      mov     rax, -1
        pop     rbx
        ret

hash:                                           # open addressing: insert 40000 keys, then find them
        push    rbx
        lea     rdi, [buffer]
        mov     ecx, SLOTS
        xor     eax, eax
        rep     stosq
        mov     r10, 0x9E3779B97F4A7C15
        mov     r8d, ENTRIES
1:      mov     rax, r8
        imul    rax, r10
        mov     r9, rax
        shr     rax, 48
2:      cmp     qword ptr [buffer + rax * 8], 0
        je      3f
        inc     eax
        and     eax, SLOTS - 1
        jmp     2b
3:      mov     [buffer + rax * 8], r9
        dec     r8d
        jnz     1b
        xor     ebx, ebx
        mov     r8d, ENTRIES
4:      mov     rax, r8
        imul    rax, r10
        mov     r9, rax
        shr     rax, 48
5:      cmp     [buffer + rax * 8], r9
        je      6f
        inc     rbx
        inc     eax
        and     eax, SLOTS - 1
        jmp     5b
6:      rol     rbx, 3
        xor     rbx, rax
        dec     r8d
        jnz     4b
        mov     rax, rbx
        pop     rbx
        ret

list:                                           # nodes linked in the order of a full-period generator
        xor     eax, eax
        mov     ecx, NODES
1:      mov     edx, eax
        imul    eax, eax, 1664525
        add     eax, 1013904223
        and     eax, NODES - 1
        mov     r8, rdx
        shl     r8, 4
        mov     r9, rax
        shl     r9, 4
        add     r9, offset buffer
        mov     [buffer + r8], r9
        mov     [buffer + r8 + 8], rdx
        dec     ecx
        jnz     1b
        lea     rsi, [buffer]
        xor     eax, eax
        mov     ecx, 32 * NODES + 7
2:      add     rax, [rsi + 8]
        mov     rsi, [rsi]
        dec     ecx
        jnz     2b
        rol     rax, 20
        add     rax, [rsi + 8]
        ret

fib:                                            # fib(27), by recursion
        mov     edi, 27
fibonacci:
        mov     eax, edi
        cmp     edi, 2
        jb      1f
        push    rdi
        dec     edi
        call    fibonacci
        pop     rdi
        push    rax
        sub     edi, 2
        call    fibonacci
        pop     rcx
        add     rax, rcx
1:      ret
