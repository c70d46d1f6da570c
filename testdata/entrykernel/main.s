# What the entry kernel does: starts the tasks and the sources of interrupts and NMIs, idles until all tasks are over, checks everything.
# Command line: "measure=K,N" runs measurement K (a row of the table below) N times instead.
.include "common.inc"

.text
FUNC main
        FRAME
        call    console_init
        call    fill_lazy_frames
        mov     rsi, offset option_measure
        call    find_option
        test    rax, rax
        jnz     1f
        call    make_tasks
        call    start_apic
        call    start_nmis
        jmp     2f
1:      mov     rsi, rax
        mov     byte ptr [measuring], 1
        call    make_measurement
        call    enable_apic
        sti
        call    schedule
        jmp     4f
2:      sti
3:      hlt
        cmp     dword ptr [live_tasks], 0
        jne     3b
        cli
        call    stop_nmis
        call    check_all
4:      cli
        call    report
        cmp     qword ptr [count_failures], 0
        jne     5f
        call    power_off
5:      mov     edi, EXIT_FAILED
        call    leave_run
        UNFRAME
ENDFUNC main

# rdi: text, rsi: value to print. The run ends.
FUNC fatal
        FRAME
        TPUSH   rbx
        TPUSH   r12
        mov     rbx, rdi
        mov     r12, rsi
        mov     rdi, offset text_fatal
        call    puts
        mov     rdi, rbx
        call    puts
        mov     rdi, offset text_space
        call    puts
        mov     rdi, r12
        call    put_hex
        mov     rdi, offset text_newline
        call    puts
        mov     edi, EXIT_FATAL
        call    leave_run
        TPOP    r12
        TPOP    rbx
        UNFRAME
ENDFUNC fatal

FUNC leave_run
        FRAME
        mov     eax, edi
        out     0xf4, eax
        cli
1:      hlt
        jmp     1b
ENDFUNC leave_run

FUNC make_tasks
        FRAME
        mov     rdi, offset task_1
        movabs  rsi, offset user_traps
        movabs  rdx, offset user_stacks + 1024
        call    make_task
        mov     rdi, offset task_2
        movabs  rsi, offset user_calls
        movabs  rdx, offset user_stacks + 2048
        call    make_task
        mov     rdi, offset task_3
        movabs  rsi, offset user_work
        movabs  rdx, offset user_stacks + 3072
        call    make_task
        mov     rdi, offset task_4
        movabs  rsi, offset user_spin
        movabs  rdx, offset user_stacks + 4096
        call    make_task
        mov     rdi, offset task_5
        mov     rsi, offset kernel_thread
        xor     edx, edx
        call    make_task
        UNFRAME
ENDFUNC make_tasks

# Page n of the lazy pages has n + 100h in its second word.
FUNC fill_lazy_frames
        mov     rdi, offset lazy_frames + 8
        xor     eax, eax
1:      lea     rcx, [rax + 0x100]
        mov     [rdi], rcx
        add     rdi, 4096
        inc     eax
        cmp     eax, LAZY_PAGES
        jne     1b
        ret
ENDFUNC fill_lazy_frames

FUNC enable_apic
        mov     rax, APIC
        mov     dword ptr [rax + 0xf0], 0x1ff   # on, spurious vector FFh
        mov     dword ptr [rax + 0x80], 0
        ret
ENDFUNC enable_apic

# The local APIC's timer, periodic; "timer=N" on the command line changes its count (1 GHz).
FUNC start_apic
        FRAME
        TPUSH   rbx
        call    enable_apic
        mov     ebx, 2920
        mov     rsi, offset option_timer
        call    find_option
        test    rax, rax
        jz      1f
        mov     rsi, rax
        call    parse_number
        mov     ebx, eax
1:      mov     rax, APIC
        mov     dword ptr [rax + 0x3e0], 0xb    # divide by 1
        mov     dword ptr [rax + 0x320], 0x20000 | VECTOR_TIMER
        mov     [rax + 0x380], ebx
        TPOP    rbx
        UNFRAME
ENDFUNC start_apic

# The 8254's counter 0 as a watchdog: its output is an NMI, by the I/O APIC. "nmi=N" changes the count (1.19 MHz).
FUNC start_nmis
        FRAME
        TPUSH   rbx
        mov     ebx, 6
        mov     rsi, offset option_nmi
        call    find_option
        test    rax, rax
        jz      1f
        mov     rsi, rax
        call    parse_number
        mov     ebx, eax
1:      mov     al, 0xff                        # the 8259s are closed
        out     0x21, al
        out     0xa1, al
        mov     rcx, IO_APIC
        mov     dword ptr [rcx], 0x15
        mov     dword ptr [rcx + 16], 0
        mov     dword ptr [rcx], 0x14
        mov     dword ptr [rcx + 16], 0x400     # input 2: NMI, edge
        mov     al, 0x34                        # both bytes, mode 2
        out     0x43, al
        mov     eax, ebx
        out     0x40, al
        mov     al, ah
        out     0x40, al
        TPOP    rbx
        UNFRAME
ENDFUNC start_nmis

FUNC stop_nmis
        mov     rcx, IO_APIC
        mov     dword ptr [rcx], 0x14
        mov     dword ptr [rcx + 16], 0x10400
        mov     rcx, APIC
        mov     dword ptr [rcx + 0x320], 0x10000
        ret
ENDFUNC stop_nmis

# rsi: option with its "=". Returns where its value begins on the command line, or 0.
FUNC find_option
        mov     rdx, [start_info]
        mov     rcx, KERNEL_BASE
        mov     rdx, [rdx + rcx + 24]
        add     rdx, rcx
1:      cmp     byte ptr [rdx], 0
        je      4f
        xor     ecx, ecx
2:      movzx   eax, byte ptr [rsi + rcx]
        test    eax, eax
        jz      3f
        cmp     al, [rdx + rcx]
        jne     5f
        inc     ecx
        jmp     2b
3:      lea     rax, [rdx + rcx]
        ret
4:      xor     eax, eax
        ret
5:      inc     rdx
        jmp     1b
ENDFUNC find_option

# rsi: digits. Returns the number in rax, and rsi behind it.
FUNC parse_number
        xor     eax, eax
1:      movzx   ecx, byte ptr [rsi]
        sub     ecx, '0'
        cmp     ecx, 9
        ja      2f
        imul    rax, rax, 10
        add     rax, rcx
        inc     rsi
        jmp     1b
2:      ret
ENDFUNC parse_number

.section .rodata
option_measure: .asciz "measure="
option_timer: .asciz "timer="
option_nmi: .asciz "nmi="
text_fatal: .asciz "\nentry kernel: "
text_space: .asciz " "
text_newline: .asciz "\n"
