# Integer work on arrays: CRC-32, sieve, quicksort, matrix product. Each returns a checksum in rax and may be repeated.
.intel_syntax noprefix
.set BYTES, 1 << 20
.set LIMIT, 1000000
.set KEYS, 1 << 16
.set N, 128

.text
.globl crc32, sieve, quicksort, matrix, fill

fill:                                           # rdi: array, rcx: quadwords, rax: seed; xorshift64
1:      mov     rdx, rax
        shl     rdx, 13
        xor     rax, rdx
        mov     rdx, rax
        shr     rdx, 7
        xor     rax, rdx
        mov     rdx, rax
        shl     rdx, 17
        xor     rax, rdx
        mov     [rdi], rax
        add     rdi, 8
        dec     rcx
        jnz     1b
        ret

crc32:                                          # reflected polynomial EDB88320h, by table
        xor     ecx, ecx
1:      mov     eax, ecx
        mov     esi, 8
2:      mov     edx, eax
        shr     eax, 1
        and     edx, 1
        neg     edx
        and     edx, 0xEDB88320
        xor     eax, edx
        dec     esi
        jnz     2b
        mov     [table + rcx * 4], eax
        inc     ecx
        cmp     ecx, 256
        jne     1b
        lea     rdi, [buffer]
        mov     ecx, BYTES / 8
        mov     eax, 1
        call    fill
        lea     rsi, [buffer]
        mov     ecx, BYTES
        mov     edx, -1
3:      movzx   eax, dl
        xor     al, [rsi]
        shr     edx, 8
        xor     edx, [table + rax * 4]
        inc     rsi
        dec     ecx
        jnz     3b
        mov     eax, edx
        not     eax
        ret

sieve:                                          # count of primes below one million
        lea     rdi, [buffer]
        mov     ecx, LIMIT
        mov     al, 1
        rep     stosb
        mov     ecx, 2
1:      cmp     byte ptr [buffer + rcx], 0
        je      3f
        mov     eax, ecx
        imul    eax, ecx
        cmp     eax, LIMIT
        jae     4f
2:      mov     byte ptr [buffer + rax], 0
        add     eax, ecx
        cmp     eax, LIMIT
        jb      2b
3:      inc     ecx
        jmp     1b
4:      xor     eax, eax
        mov     ecx, 2
5:      movzx   edx, byte ptr [buffer + rcx]
        add     eax, edx
        inc     ecx
        cmp     ecx, LIMIT
        jne     5b
        ret

quicksort:                                      # signed 64-bit keys; the checksum is all ones if they are not in order
        lea     rdi, [buffer]
        mov     ecx, KEYS
        mov     eax, 2
        call    fill
        lea     rdi, [buffer]
        lea     rsi, [buffer + 8 * (KEYS - 1)]
        call    sort
        lea     rsi, [buffer]
        mov     ecx, 1
        mov     rax, [rsi]
1:      mov     rdx, [rsi + rcx * 8]
        cmp     rdx, [rsi + rcx * 8 - 8]
        jl      2f
        rol     rax, 5
        xor     rax, rdx
        inc     ecx
        cmp     ecx, KEYS
        jne     1b
        ret
2:      mov     rax, -1
        ret

sort:                                           # rdi: first, rsi: last
        cmp     rdi, rsi
        jae     4f
        mov     rax, rdi
        add     rax, rsi
        shr     rax, 4
        mov     rax, [rax * 8]                  # pivot: the middle one
        lea     r8, [rdi - 8]
        lea     r9, [rsi + 8]
1:      add     r8, 8
        cmp     [r8], rax
        jl      1b
2:      sub     r9, 8
        cmp     [r9], rax
        jg      2b
        cmp     r8, r9
        jae     3f
        mov     rcx, [r8]
        mov     rdx, [r9]
        mov     [r8], rdx
        mov     [r9], rcx
        jmp     1b
3:      push    rsi
        push    r9
        mov     rsi, r9
        call    sort
        pop     rdi
        pop     rsi
        add     rdi, 8
        jmp     sort
4:      ret

matrix:                                         # C = A * B, 64-bit integers
        push    rbx
        lea     rdi, [buffer]
        mov     ecx, 2 * N * N
        mov     eax, 3
        call    fill
        xor     ebx, ebx
        xor     r8d, r8d                        # row
1:      xor     r9d, r9d                        # column
2:      mov     rsi, r8
        shl     rsi, 10
        add     rsi, offset buffer
        lea     rdi, [buffer + 8 * N * N + r9 * 8]
        mov     ecx, N
        xor     edx, edx
3:      mov     rax, [rsi]
        imul    rax, [rdi]
        add     rdx, rax
        add     rsi, 8
        add     rdi, 8 * N
        dec     ecx
        jnz     3b
        rol     rbx, 1
        add     rbx, rdx
        inc     r9d
        cmp     r9d, N
        jne     2b
        inc     r8d
        cmp     r8d, N
        jne     1b
        mov     rax, rbx
        pop     rbx
        ret

.bss
.align 4096
.globl buffer
buffer: .skip   BYTES
table:  .skip   1024
