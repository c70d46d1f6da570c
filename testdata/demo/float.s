# Floating point: SSE2 pairs of doubles, SSE2 scalars with division and root, x87 in 80 bits. Checksums are exact bits.
.intel_syntax noprefix
.set WIDTH, 160
.set HEIGHT, 96
.set DEPTH, 400

.text
.globl mandelbrot, series, harmonic

mandelbrot:                                     # two points at a time; the sum of all iteration counts
        xor     eax, eax
        movapd  xmm15, [four]
        movapd  xmm14, [step_y]
        movapd  xmm13, [first_y]                # y, y
        mov     r8d, HEIGHT
1:      movapd  xmm12, [first_x]                # x, x + step
        mov     r9d, WIDTH / 2
2:      xorpd   xmm0, xmm0                      # re
        xorpd   xmm1, xmm1                      # im
        mov     ecx, DEPTH
3:      movapd  xmm2, xmm0
        mulpd   xmm2, xmm0
        movapd  xmm3, xmm1
        mulpd   xmm3, xmm1
        movapd  xmm4, xmm2
        addpd   xmm4, xmm3
        cmplepd xmm4, xmm15
        movmskpd edx, xmm4
        test    edx, edx
        jz      4f
        mov     esi, edx
        shr     esi, 1
        and     edx, 1
        add     eax, edx
        add     eax, esi
        mulpd   xmm1, xmm0
        addpd   xmm1, xmm1
        addpd   xmm1, xmm13
        movapd  xmm0, xmm2
        subpd   xmm0, xmm3
        addpd   xmm0, xmm12
        dec     ecx
        jnz     3b
4:      addpd   xmm12, [step_x]
        dec     r9d
        jnz     2b
        addpd   xmm13, xmm14
        dec     r8d
        jnz     1b
        ret

series:                                         # sqrt(6 * sum 1/i^2), i = 1..200000, and the same in single precision
        movsd   xmm1, [one]
        xorpd   xmm0, xmm0
        xorps   xmm5, xmm5
        mov     ecx, 1
1:      cvtsi2sd xmm2, ecx
        mulsd   xmm2, xmm2
        movsd   xmm3, xmm1
        divsd   xmm3, xmm2
        addsd   xmm0, xmm3
        cvtsd2ss xmm4, xmm3
        addss   xmm5, xmm4
        inc     ecx
        cmp     ecx, 200001
        jne     1b
        mulsd   xmm0, [six]
        sqrtsd  xmm0, xmm0
        movq    rax, xmm0
        movd    ecx, xmm5
        shl     rcx, 32
        xor     rax, rcx
        ret

harmonic:                                       # sum 1/i, i = 1..20000, in 80 bits; significand xor exponent
        fninit
        fldz
        mov     dword ptr [number], 1
1:      fld1
        fidiv   dword ptr [number]
        faddp
        inc     dword ptr [number]
        cmp     dword ptr [number], 20001
        jne     1b
        fstp    tbyte ptr [extended]
        mov     rax, [extended]
        movzx   ecx, word ptr [extended + 8]
        xor     rax, rcx
        ret

.section .rodata
.align 16
four:   .double 4, 4
first_x: .double -2.0, -1.98125
step_x: .double 0.0375, 0.0375
first_y: .double -1.2, -1.2
step_y: .double 0.025, 0.025
one:    .double 1
six:    .double 6

.data
.align 16
extended: .skip 16
number: .long   0
