# The machine's real-mode services, F000:E000 to F000:FFFF: what boot loaders and kernels that go back to real mode call. Assembled to rom.bin.
# Firmware.java writes the memory map and sizes that these read to F000:D000. The console is the first serial port.
        .intel_syntax noprefix
        .code16
        .section .text
        .globl _start

        .equ    MAP_COUNT, 0xd000       # word: entries of the memory map
        .equ    KIB_TO_16M, 0xd002      # word: KiB from 1 MiB to at most 16 MiB
        .equ    K64_FROM_16M, 0xd004    # word: 64 KiB blocks from 16 MiB
        .equ    MAP, 0xd010             # entries of 20 bytes: base, length, type
        .equ    COM1, 0x3f8
        .equ    KEY, 0x4f0              # in the BIOS data area: the key that int 16h has seen and not given yet, or 0

# ---- vectors: words that Firmware.java copies into the interrupt table; first number, then offset; ended by a number of FFFFh

_start:
        .word   0x08, timer, 0x10, video, 0x11, equipment, 0x12, low_memory, 0x13, disk, 0x14, serial, 0x15, system, 0x16, keyboard
        .word   0x18, post, 0x19, post, 0x1a, clock
        .word   0x09, master, 0x0a, master, 0x0b, master, 0x0c, master, 0x0d, master, 0x0e, master, 0x0f, master
        .word   0x70, slave_rtc, 0x71, slave, 0x72, slave, 0x73, slave, 0x74, slave, 0x75, slave, 0x76, slave, 0x77, slave
        .word   0xffff
        .org    0x80
nothing:
        iret

# ---- hardware interrupts

timer:
        push    eax
        push    ds
        xor     ax, ax
        mov     ds, ax
        mov     eax, ds:[0x46c]
        inc     eax
        cmp     eax, 0x1800b0           # ticks of a day
        jb      1f
        xor     eax, eax
        inc     byte ptr ds:[0x470]
1:      mov     ds:[0x46c], eax
        int     0x1c
        mov     al, 0x20
        out     0x20, al
        pop     ds
        pop     eax
        iret

slave_rtc:
        push    ax
        mov     al, 0x0c                # reading register C takes the interrupt back
        out     0x70, al
        in      al, 0x71
        pop     ax
slave:
        push    ax
        mov     al, 0x20
        out     0xa0, al
        pop     ax
master:
        push    ax
        mov     al, 0x20
        out     0x20, al
        pop     ax
        iret

# ---- ends of services: the caller's CF is in the flags that IRET takes

unknown:
        mov     ah, 0x86
failed:
        push    bp
        mov     bp, sp
        or      byte ptr [bp + 6], 1
        pop     bp
        iret
done:
        push    bp
        mov     bp, sp
        and     byte ptr [bp + 6], 0xfe
        pop     bp
        iret

# ---- int 10h: the screen is the serial port

video:
        cmp     ah, 0x0e
        je      teletype
        cmp     ah, 0x09
        je      teletype
        cmp     ah, 0x0a
        je      teletype
        cmp     ah, 0x03
        je      cursor
        cmp     ah, 0x0f
        je      mode
        cmp     ah, 0x13
        je      text
        iret
teletype:
        push    ax
        push    dx
        call    send
        pop     dx
        pop     ax
        iret
cursor:
        xor     dx, dx
        mov     cx, 0x0607
        iret
mode:
        mov     ax, 0x5003              # 80 columns, mode 3
        mov     bh, 0
        iret
text:
        pusha
        push    ds
        push    es
        pop     ds
        mov     si, bp
        test    al, 2                   # characters alternate with attributes
        mov     bl, al
        jcxz    2f
        cld
1:      lodsb
        call    send
        test    bl, 2
        jz      3f
        inc     si
3:      loop    1b
2:      pop     ds
        popa
        iret

send:                                   # AL to the serial port; changes AX, DX
        push    ax
        mov     dx, COM1 + 5
1:      in      al, dx
        test    al, 0x20
        jz      1b
        pop     ax
        mov     dx, COM1
        out     dx, al
        ret

# ---- int 11h, 12h

equipment:
        mov     ax, 0x0222              # x87, 80 x 25 colour, one serial port
        iret
low_memory:
        mov     ax, 639
        iret

# ---- int 13h: there are no disks

disk:
        cmp     ah, 0x15
        je      1f
        mov     ah, 1
        jmp     failed
1:      mov     ah, 0
        jmp     done

# ---- int 14h: DX = 0 is the first serial port

serial:
        cmp     dx, 0
        jne     2f
        cmp     ah, 1
        je      3f
        cmp     ah, 2
        je      4f
        push    dx                      # 0 and 3: line and modem status
        mov     dx, COM1 + 5
        in      al, dx
        mov     ah, al
        inc     dx
        in      al, dx
        pop     dx
2:      iret
3:      push    dx
        push    ax
        call    send
        pop     ax
        mov     dx, COM1 + 5
        push    ax
        in      al, dx
        mov     dl, al
        pop     ax
        mov     ah, dl
        pop     dx
        iret
4:      push    dx
        mov     dx, COM1 + 5
1:      in      al, dx
        test    al, 1
        jz      1b
        mov     dx, COM1
        in      al, dx
        mov     ah, 0
        pop     dx
        iret

# ---- int 15h

system:
        cmp     ah, 0x24
        je      gate
        cmp     ah, 0x86
        je      wait
        cmp     ah, 0x87
        je      move
        cmp     ah, 0x88
        je      1f
        cmp     ah, 0xc0
        je      configuration
        cmp     ax, 0xe801
        je      2f
        cmp     ax, 0xe820
        je      map
        jmp     unknown
1:      mov     ax, cs:[KIB_TO_16M]
        jmp     done
2:      mov     ax, cs:[KIB_TO_16M]
        mov     cx, ax
        mov     bx, cs:[K64_FROM_16M]
        mov     dx, bx
        jmp     done

map:
        cmp     edx, 0x534d4150
        jne     unknown
        cmp     bx, cs:[MAP_COUNT]
        jae     unknown
        push    si
        push    di
        push    ds
        push    cs
        pop     ds
        imul    si, bx, 20
        add     si, MAP
        mov     cx, 10
        cld
        rep     movsw
        pop     ds
        pop     di
        pop     si
        inc     bx
        cmp     bx, cs:[MAP_COUNT]
        jb      1f
        xor     ebx, ebx
1:      mov     eax, 0x534d4150
        mov     ecx, 20
        jmp     done

gate:                                   # A20: AL = 0 off, 1 on, 2 asks, 3 which ways there are
        cmp     al, 3
        ja      unknown
        je      2f
        cmp     al, 2
        je      1f
        push    dx
        mov     dl, al
        in      al, 0x92
        and     al, 0xfc
        add     dl, dl
        or      al, dl
        out     0x92, al
        shr     dl, 1
        mov     al, dl
        pop     dx
        mov     ah, 0
        jmp     done
1:      in      al, 0x92
        shr     al, 1
        and     ax, 1
        jmp     done
2:      mov     bx, 3                   # keyboard controller and port 92h
        mov     ah, 0
        jmp     done

configuration:
        push    cs
        pop     es
        mov     bx, offset table
        mov     ah, 0
        jmp     done
table:
        .word   8
        .byte   0xfc, 0, 1, 0x70, 0, 0, 0, 0    # AT; two 8259s, RTC, keyboard intercept

wait:                                   # CX:DX microseconds, by the refresh bit of port 61h that changes every 15
        push    eax
        push    edx
        push    ecx
        movzx   edx, dx
        shl     ecx, 16
        or      ecx, edx
        mov     eax, ecx
        xor     edx, edx
        mov     ecx, 15
        div     ecx
        mov     ecx, eax
        inc     ecx
        in      al, 0x61
        and     al, 0x10
        mov     ah, al
1:      in      al, 0x61
        and     al, 0x10
        cmp     al, ah
        je      1b
        mov     ah, al
        dec     ecx
        jnz     1b
        pop     ecx
        pop     edx
        pop     eax
        jmp     done

move:                                   # ES:SI = table of 6 descriptors, CX words: through protected mode
        push    eax
        push    ds
        push    es
        pushad
        mov     ax, es
        movzx   eax, ax
        shl     eax, 4
        movzx   esi, si
        add     eax, esi                # linear address of the table
        mov     ebx, eax
        push    es
        pop     ds
        cli
        mov     word ptr [si + 8], 47   # the second descriptor is the table's own
        mov     [si + 10], ebx
        mov     dword ptr [si + 32], 0x0000ffff     # the fifth: our code
        mov     dword ptr [si + 36], 0x00009b0f
        mov     word ptr [si + 40], 0xffff          # the sixth: our stack
        mov     ax, ss
        movzx   eax, ax
        shl     eax, 4
        mov     [si + 42], eax
        mov     byte ptr [si + 45], 0x93
        mov     word ptr [si + 46], 0
        lgdt    [si + 8]
        in      al, 0x92                # blocks lie above 1 MiB
        mov     ah, al
        or      al, 2
        out     0x92, al
        mov     dx, ss
        mov     edi, cr0
        push    edi
        or      edi, 1
        mov     cr0, edi
        ljmp    0x20, offset 1f
1:      mov     bx, 0x28
        mov     ss, bx
        mov     bx, 0x10
        mov     ds, bx
        mov     bx, 0x18
        mov     es, bx
        xor     si, si
        xor     di, di
        cld
        rep     movsw
        mov     bx, 0x28                # limits of 64 KiB again before real mode
        mov     ds, bx
        mov     es, bx
        pop     edi
        and     edi, 0xfffffffe
        mov     cr0, edi
        ljmp    0xf000, offset 1f
1:      mov     ss, dx
        mov     al, ah
        out     0x92, al
        popad
        pop     es
        pop     ds
        pop     eax
        mov     ah, 0
        jmp     done

# ---- int 16h: keys come from the serial port

keyboard:
        push    ds
        push    bx
        xor     bx, bx
        mov     ds, bx
        and     ah, 0xef
        cmp     ah, 0
        je      2f
        cmp     ah, 1
        je      1f
        cmp     ah, 2
        jne     9f
        mov     al, 0                   # no shift key is down
9:      pop     bx
        pop     ds
        iret
1:      call    look
        mov     bx, ds:[KEY]
        mov     ax, bx
        cmp     bx, 1                   # CF: no key
        pop     bx
        pop     ds
        push    bp
        mov     bp, sp
        jc      3f
        and     byte ptr [bp + 6], 0xbf
        pop     bp
        iret
3:      or      byte ptr [bp + 6], 0x40
        pop     bp
        iret
2:      call    look
        mov     ax, ds:[KEY]
        cmp     ax, 0
        je      2b
        mov     word ptr ds:[KEY], 0
        jmp     9b

look:                                   # takes a byte of the serial port into KEY if KEY is empty; changes AX
        push    dx
        cmp     word ptr ds:[KEY], 0
        jne     1f
        mov     dx, COM1 + 5
        in      al, dx
        test    al, 1
        jz      1f
        mov     dx, COM1
        in      al, dx
        mov     ah, 0x1c                # a scan code, of the Enter key: there is none to tell
        mov     ds:[KEY], ax
1:      pop     dx
        ret

# ---- int 1Ah

clock:
        cmp     ah, 0
        je      1f
        cmp     ah, 2
        je      2f
        cmp     ah, 4
        je      3f
        mov     ah, 1
        jmp     failed
1:      push    ds
        xor     cx, cx
        mov     ds, cx
        cli
        mov     cx, ds:[0x46e]
        mov     dx, ds:[0x46c]
        mov     al, ds:[0x470]
        mov     byte ptr ds:[0x470], 0
        pop     ds
        jmp     done
2:      mov     al, 0x04
        call    cmos
        mov     ch, al
        mov     al, 0x02
        call    cmos
        mov     cl, al
        mov     al, 0x00
        call    cmos
        mov     dh, al
        mov     dl, 0
        jmp     done
3:      mov     al, 0x32
        call    cmos
        mov     ch, al
        mov     al, 0x09
        call    cmos
        mov     cl, al
        mov     al, 0x08
        call    cmos
        mov     dh, al
        mov     al, 0x07
        call    cmos
        mov     dl, al
        jmp     done

cmos:
        out     0x70, al
        in      al, 0x71
        ret

# ---- reset: the shutdown code in CMOS 0Fh says whether a program wants control back (at 40h:67h) or the machine starts anew

post:
        cli
        xor     ax, ax
        mov     ds, ax
        mov     al, 0x0f
        call    cmos
        mov     ah, al
        mov     al, 0x0f
        out     0x70, al
        mov     al, 0
        out     0x71, al
        cmp     ah, 0x0a
        je      2f
        cmp     ah, 0x05
        jne     1f
        mov     al, 0x20
        out     0xa0, al
        out     0x20, al
2:      jmp     far ptr ds:[0x467]
1:      mov     dx, 0xcf9
        mov     al, 6
        out     dx, al
        hlt
        jmp     1b

        .org    0x1ff0
        ljmp    0xf000, offset post
        .ascii  "01/01/26"
        .byte   0, 0xfc, 0
