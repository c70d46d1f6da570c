# One endless loop for each architectural event of EventBenchmark; R15 counts how often it happened. EventGuest says how
# memory and registers are set up. Rebuilt by `make -C bench/src/main/asm`.
.intel_syntax noprefix
.set APIC, 0xfee00000
.set UNMAPPED, 0xb000           # no page there
.set ALIAS, 0x40000000          # 1 GiB that is the same 2 MiB of RAM over and over

# A name, where the loop starts, and a gate's vector and handler, or 0.
.macro event name, start, vector=0, handler=0
        .quad   \start, \vector, \handler
        .ascii  "\name"
        .balign 64, 0
.endm

.text
.org 0
        event   "loop", loop
        event   "dispatch", dispatch
        event   "call", call_return
        event   "indirect-jump", indirect
        event   "load", load
        event   "store", store
        event   "load-page-crossing", crossing
        event   "load-tlb-miss", miss
        event   "load-walk", walk
        event   "flags", flags
        event   "sse2", sse2
        event   "double", doubles
        event   "int3", breakpoint, 3, count_and_return
        event   "page-fault", fault, 14, skip_load
        event   "undefined", undefined, 6, skip_two
        event   "timer", timer, 0x40, end_of_interrupt
        event   "nmi", nmi, 2, count_and_return
        event   "syscall", syscalls
        event   "cr3", new_tables
        event   "cr3-pcid", pcid
        event   "port", port
        event   "mmio", mmio
        event   "code-store", code_store
        event   "work", work
        .quad   0

.balign 4096
loop:
        inc     r15
        jmp     loop

dispatch:                                       # a block in another page and back
        inc     r15
        jmp     elsewhere
back:   jmp     dispatch

call_return:
        call    1f
        jmp     call_return
1:      inc     r15
        ret

indirect:                                       # to four places by turns
        lea     rax, [places]
1:      mov     ecx, r15d
        and     ecx, 3
        jmp     [rax + rcx * 8]
2:      inc     r15
        jmp     1b
3:      inc     r15
        jmp     1b
4:      inc     r15
        jmp     1b
5:      inc     r15
        jmp     1b
.balign 8
places: .quad   2b, 3b, 4b, 5b

load:   mov     rax, [rbx]
        inc     r15
        jmp     load

store:  mov     [rbx], rax
        inc     r15
        jmp     store

crossing:
        mov     rax, [rbx + 0xffc]
        inc     r15
        jmp     crossing

miss:   xor     ecx, ecx                        # the next page each time, of more than any TLB has
1:      mov     rax, [rcx + ALIAS]
        add     ecx, 4096
        and     ecx, 0x3fffffff
        inc     r15
        jmp     1b

walk:   invlpg  [rbx]
        mov     rax, [rbx]
        inc     r15
        jmp     walk

flags:  add     rax, 0x1234567
        adc     rdx, rax
        setc    cl
        sbb     rsi, rdx
        rcl     rax, 1
        cmovo   rdi, rsi
        cmp     rdi, rax
        jg      1f
1:      inc     r15
        jmp     flags

sse2:   movdqu  xmm0, [rbx]
1:      paddd   xmm0, xmm1
        pxor    xmm1, xmm0
        pmuludq xmm2, xmm0
        pshufd  xmm3, xmm2, 0x1b
        pcmpeqb xmm3, xmm0
        pmovmskb eax, xmm3
        inc     r15
        jmp     1b

doubles:
        mov     eax, 3
        cvtsi2sd xmm0, eax
        movapd  xmm1, xmm0
1:      mulsd   xmm0, xmm1
        addsd   xmm0, xmm1
        divsd   xmm0, xmm1
        sqrtsd  xmm0, xmm0
        inc     r15
        jmp     1b

breakpoint:
        int3
        jmp     breakpoint
count_and_return:
        inc     r15
        iretq

fault:  mov     rax, [UNMAPPED]                 # 8 bytes long
        jmp     fault
skip_load:
        inc     r15
        add     rsp, 8                          # the error code
        add     qword ptr [rsp], 8
        iretq

undefined:
        ud2
        jmp     undefined
skip_two:
        inc     r15
        add     qword ptr [rsp], 2
        iretq

timer:  mov     eax, APIC
        mov     dword ptr [rax + 0xf0], 0x1ff   # enabled
        mov     dword ptr [rax + 0x3e0], 0xb    # undivided
        mov     dword ptr [rax + 0x320], 0x20040 # periodic
        mov     dword ptr [rax + 0x380], 1000
        sti
1:      hlt
        jmp     1b
end_of_interrupt:
        inc     r15
        mov     dword ptr [rax + 0xb0], 0
        iretq

nmi:    mov     eax, APIC
        mov     dword ptr [rax + 0x310], 0
1:      mov     dword ptr [rax + 0x300], 0x400  # NMI to processor 0
        jmp     1b

syscalls:
        mov     ecx, 0xc0000081                 # STAR
        xor     eax, eax
        mov     edx, 0x00100008
        wrmsr
        mov     ecx, 0xc0000082                 # LSTAR
        lea     rax, [2f]
        xor     edx, edx
        wrmsr
        mov     ecx, 0xc0000084                 # FMASK
        xor     eax, eax
        wrmsr
        lea     rcx, [1f]
        mov     r11d, 2
        sysretq
1:      syscall
        jmp     1b
2:      inc     r15
        sysretq

new_tables:
        mov     rax, cr3
1:      mov     cr3, rax
        mov     rdx, [rbx]
        inc     r15
        jmp     1b

pcid:   mov     rax, cr4
        bts     rax, 17
        mov     cr4, rax
        mov     rax, cr3
        bts     rax, 63                         # what the TLB has stays
        or      rax, 1
1:      mov     cr3, rax
        mov     rdx, [rbx]
        xor     rax, 3
        inc     r15
        jmp     1b

port:   in      al, 0x21
        inc     r15
        jmp     port

mmio:   mov     ecx, APIC
1:      mov     eax, [rcx + 0x30]
        inc     r15
        jmp     1b

code_store:                                     # the page of the code that was just called
        call    other_function
        mov     byte ptr [other_function + 0x100], al
        inc     r15
        jmp     code_store

work:   xor     esi, esi                        # bitwise CRC of 64 bytes, and a hash of what comes out
1:      movzx   edx, byte ptr [rbx + rsi]
        xor     eax, edx
        mov     ecx, 8
2:      mov     edx, eax
        and     edx, 1
        neg     edx
        and     edx, 0xedb88320
        shr     eax, 1
        xor     eax, edx
        dec     ecx
        jnz     2b
        inc     esi
        cmp     esi, 64
        jb      1b
        call    3f
        mov     [rbx], rax
        inc     r15
        jmp     work
3:      imul    rax, rax, 0x1e3779b1
        mov     rdx, rax
        shr     rdx, 29
        xor     rax, rdx
        test    al, 1
        jz      4f
        not     rax
        ret
4:      neg     rax
        ret

.balign 4096
elsewhere:
        jmp     back

.balign 4096
other_function:
        ret
.balign 4096
