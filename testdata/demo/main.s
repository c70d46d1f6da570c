# What the demo does, in order: banner, set-up, every piece of work with its check, verdict, power off.
.intel_syntax noprefix

.text
.globl main
main:
        call    console_init
        lea     rdi, [banner]
        call    puts
        cmp     dword ptr [multiboot_magic], 0x2BADB002
        jne     bad_loader
        call    read_scale
        call    read_skip
        call    traps_init
        sti

        mov     rbx, [skip]
        shl     rbx, 5
        add     rbx, offset work
1:      cmp     qword ptr [rbx], 0
        je      finished
        mov     rdi, [rbx]
        mov     esi, 12
        call    put_padded
        mov     r12, [rbx + 24]                 # times
        imul    r12, [scale]
2:      call    [rbx + 8]
        mov     r13, rax
        cmp     rax, [rbx + 16]
        jne     3f
        dec     r12
        jnz     2b
        lea     rdi, [good]
        jmp     4f
3:      inc     dword ptr [failures]
        lea     rdi, [bad]
4:      call    puts
        mov     rdi, r13
        call    put_hex
        cmp     r13, [rbx + 16]
        je      5f
        lea     rdi, [expected]
        call    puts
        mov     rdi, [rbx + 16]
        call    put_hex
5:      lea     rdi, [newline]
        call    puts
        add     rbx, 32
        jmp     1b

finished:
        cmp     dword ptr [failures], 0
        jne     failed
        lea     rdi, [all_good]
        call    puts
        call    power_off
        lea     rdi, [no_power_off]
        call    puts
failed:
        lea     rdi, [some_bad]
        call    puts
leave_by_debug_exit:
        mov     eax, 0x10
        out     0xf4, eax
        cli
1:      hlt
        jmp     1b

bad_loader:
        lea     rdi, [not_multiboot]
        call    puts
        jmp     leave_by_debug_exit

# Every count of repetitions is multiplied by N if the command line has "scale=N".
read_scale:
        mov     r8d, 0x6c616373                         # "scal"
        mov     r9d, 0x3d65                             # "e="
        mov     r10d, 6
        call    read_number
        test    rax, rax
        jz      1f
        mov     [scale], rax
1:      ret

# The first N pieces of work are left out if the command line has "skip=N".
read_skip:
        mov     r8d, 0x70696b73                         # "skip"
        mov     r9d, 0x3d70                             # "p="
        mov     r10d, 5
        call    read_number
        cmp     rax, (work_end - work) / 32
        ja      1f
        mov     [skip], rax
1:      ret

# rax: the decimal number behind a word on the command line, 0 if it is not there.
# r8d: the word's first four characters, r9w: its two from r10d - 2 on, r10d: its length with "="
read_number:
        xor     eax, eax
        mov     ebx, [multiboot_info]
        test    dword ptr [rbx], 4
        jz      3f
        mov     esi, [rbx + 16]
1:      cmp     byte ptr [rsi], 0
        je      3f
        inc     rsi
        cmp     [rsi - 1], r8d
        jne     1b
        cmp     [rsi + r10 - 3], r9w
        jne     1b
        lea     rsi, [rsi + r10 - 1]
2:      movzx   ecx, byte ptr [rsi]
        inc     rsi
        sub     ecx, '0'
        cmp     ecx, 9
        ja      3f
        imul    rax, rax, 10
        add     rax, rcx
        jmp     2b
3:      ret

.macro job name, function, expected, times
        .quad   \name, \function, \expected, \times
.endm

.section .rodata
# name, function returning a checksum, that checksum (from the same computation in C on a real processor), repetitions
.align 8
work:
        job     n_crc,    crc32, 0xefb81126, 4
        job     n_sieve,  sieve, 78498, 3
        job     n_sort,   quicksort, 0x6752e3b89d79c8f9, 3
        job     n_matrix, matrix, 0xcb216331de16baab, 3
        job     n_string, strings, 0x0000800187e1ea79, 12
        job     n_hash,   hash, 0x353d3cc4c2e9a2a1, 8
        job     n_list,   list, 0x003fffa123706c2d, 6
        job     n_fib,    fib,       196418, 4
        job     n_mandel, mandelbrot, 0x1509db, 2
        job     n_series, series, 0x7fdba7a4d36ccbc5, 1
        job     n_x87,    harmonic, 0xa7b11012343a826b, 1
        job     n_traps,  trap_tests, 0x0000000300000007, 1
        job     n_pages,  page_faults, 0x0000100000080800, 1
        job     n_user,   user_calls, 1250025000, 1
        job     n_timer,  timer,     10, 1
work_end:
        .quad   0
n_crc:  .asciz  "crc32"
n_sieve: .asciz "sieve"
n_sort: .asciz  "quicksort"
n_matrix: .asciz "matrix"
n_string: .asciz "strings"
n_hash: .asciz  "hash"
n_list: .asciz  "list"
n_fib:  .asciz  "fibonacci"
n_mandel: .asciz "mandelbrot"
n_series: .asciz "series"
n_x87:  .asciz  "harmonic"
n_traps: .asciz "traps"
n_pages: .asciz "page faults"
n_user: .asciz  "syscalls"
n_timer: .asciz "timer"
good:   .asciz  "ok   "
bad:    .asciz  "BAD  "
expected: .asciz "  expected "
newline: .asciz "\n"
banner: .asciz  "\nRingside demo kernel: multiboot to long mode\n"
not_multiboot: .asciz "not started by a multiboot loader\n"
all_good: .asciz "all checks passed\n"
some_bad: .asciz "demo: checks FAILED\n"
no_power_off: .asciz "no ACPI power-off found\n"

.data
.align 8
scale:  .quad   1
skip:   .quad   0
failures: .long 0
