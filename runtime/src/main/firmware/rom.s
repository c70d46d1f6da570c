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

# ---- int 10h: the screen is a terminal at the serial port. The cursor is in the BIOS data area; the terminal's follows it when
# something is printed or a key is awaited, by carriage returns, line feeds and backspaces where they do, so that plain text stays plain

        .equ    MODE, 0x449
        .equ    COLUMNS, 0x44a
        .equ    CURSOR, 0x450           # column, row
        .equ    SHAPE, 0x460
        .equ    TERMINAL, 0x4f2         # column and row of the terminal's cursor; column 80: behind the last character of a full line
        .equ    LAST, 0x4f4             # place and code of the character printed last
        .equ    LAST_CODE, 0x4f6
        .equ    USED, 0x4f7             # something was printed since the screen was cleared
        .equ    WIDTH, 80
        .equ    LAST_ROW, 24

        # registers of the caller, from BP
        .equ    OLD_BP, 4
        .equ    OLD_BX, 8
        .equ    OLD_DX, 10
        .equ    OLD_CX, 12
        .equ    OLD_AX, 14
        .equ    OLD_ES, 16

video:
        push    ds
        push    es
        pusha
        mov     bp, sp
        xor     si, si
        mov     ds, si
        cld
        mov     si, offset services
1:      cmp     ah, cs:[si]
        je      2f
        add     si, 3
        cmp     byte ptr cs:[si], 0xff
        jne     1b
        jmp     3f
2:      call    word ptr cs:[si + 1]
3:      popa
        pop     es
        pop     ds
        iret

services:
        .byte   0x00
        .word   set_mode
        .byte   0x01
        .word   set_shape
        .byte   0x02
        .word   set_cursor
        .byte   0x03
        .word   get_cursor
        .byte   0x04
        .word   light_pen
        .byte   0x06
        .word   scroll_up
        .byte   0x07
        .word   scroll_down
        .byte   0x08
        .word   read_character
        .byte   0x09
        .word   write_characters
        .byte   0x0a
        .word   write_characters
        .byte   0x0e
        .word   teletype
        .byte   0x0f
        .word   get_mode
        .byte   0x11
        .word   font
        .byte   0x13
        .word   write_string
        .byte   0xff

set_mode:
        and     al, 0x7f
        mov     ds:[MODE], al
        mov     word ptr ds:[COLUMNS], WIDTH
        mov     word ptr ds:[CURSOR], 0
clear:
        cmp     byte ptr ds:[USED], 0
        je      1f
        mov     byte ptr ds:[USED], 0
        mov     si, offset erase
        call    put_text
        mov     word ptr ds:[TERMINAL], 0
1:      mov     word ptr ds:[LAST], -1
        ret
set_shape:
        mov     ds:[SHAPE], cx
        ret
set_cursor:
        mov     ds:[CURSOR], dx
        ret
get_cursor:
        mov     ax, ds:[CURSOR]
        mov     [bp + OLD_DX], ax
        mov     ax, ds:[SHAPE]
        mov     [bp + OLD_CX], ax
        ret
light_pen:
        mov     byte ptr [bp + OLD_AX + 1], 0
        ret
read_character:
        mov     word ptr [bp + OLD_AX], 0x0720      # a terminal cannot be asked
        ret
get_mode:
        mov     al, ds:[MODE]
        mov     ah, WIDTH
        mov     [bp + OLD_AX], ax
        mov     byte ptr [bp + OLD_BX + 1], 0
        ret
font:                                   # 1130h: where a font lies; here one without a dot
        cmp     al, 0x30
        jne     1f
        mov     [bp + OLD_ES], cs
        mov     word ptr [bp + OLD_BP], offset blank
        mov     word ptr [bp + OLD_CX], 16
        mov     byte ptr [bp + OLD_DX], LAST_ROW
1:      ret

scroll_up:                              # AL lines, or all, of the window from CX to DX
        mov     bl, 'S'
        jmp     scroll
scroll_down:
        mov     bl, 'T'
scroll:
        cmp     dl, WIDTH - 1
        jb      1f
        mov     dl, WIDTH - 1
1:      cmp     dh, LAST_ROW
        jb      2f
        mov     dh, LAST_ROW
2:      mov     ah, dh
        sub     ah, ch
        jb      9f
        cmp     dl, cl
        jb      9f
        mov     word ptr ds:[LAST], -1
        cmp     al, 0
        je      3f
        cmp     al, ah
        jbe     4f
3:      cmp     cx, 0                   # the whole window is cleared
        jne     5f
        cmp     dx, LAST_ROW * 256 + WIDTH - 1
        je      clear
5:      push    word ptr ds:[CURSOR]
        mov     ds:[CURSOR], cx
6:      call    follow
        cmp     dl, WIDTH - 1
        jne     7f
        mov     si, offset erase_line
        call    put_text
        jmp     8f
7:      mov     ah, dl
        sub     ah, cl
10:     mov     al, ' '
        call    put
        inc     byte ptr ds:[TERMINAL]
        sub     ah, 1
        jae     10b
8:      inc     byte ptr ds:[CURSOR + 1]
        cmp     ds:[CURSOR + 1], dh
        jbe     6b
        pop     word ptr ds:[CURSOR]
9:      ret
4:      cmp     bl, 'S'
        jne     11f
        cmp     cx, 0
        jne     11f
        cmp     dx, LAST_ROW * 256 + WIDTH - 1
        jne     11f
        mov     cl, al                  # the whole screen: what leaves it stays in the terminal's memory
        push    word ptr ds:[CURSOR]
        mov     word ptr ds:[CURSOR], LAST_ROW * 256
        call    follow
        pop     word ptr ds:[CURSOR]
12:     mov     al, 10
        call    put
        dec     cl
        jnz     12b
        ret
11:     push    ax                      # by the terminal's scroll region, which takes its cursor to the corner
        call    sequence
        mov     al, ch
        inc     al
        call    number
        mov     al, ';'
        call    put
        mov     al, dh
        inc     al
        call    number
        mov     al, 'r'
        call    put
        pop     ax
        mov     ah, bl
        call    control
        mov     si, offset whole
        call    put_text
        mov     word ptr ds:[TERMINAL], 0
        ret

write_characters:                       # CX times AL at the cursor, which stays
        push    word ptr ds:[CURSOR]
        jcxz    2f
        cmp     al, 14                  # what 0Eh obeys has no glyph
        jb      2f
1:      call    print
        loop    1b
2:      pop     word ptr ds:[CURSOR]
        ret

write_string:                           # ES:BP, CX characters from DX; AL bit 0: the cursor moves, 1: attributes between them
        push    word ptr ds:[CURSOR]
        mov     ds:[CURSOR], dx
        mov     si, [bp + OLD_BP]
        mov     ah, al
        jcxz    2f
1:      mov     al, es:[si]
        inc     si
        test    ah, 2
        jz      3f
        inc     si
3:      call    teletype
        loop    1b
2:      pop     cx
        test    ah, 1
        jnz     4f
        mov     ds:[CURSOR], cx
4:      ret

teletype:
        cmp     al, 7
        je      put
        cmp     al, 8
        je      1f
        cmp     al, 13
        je      2f
        cmp     al, 10
        je      3f
        mov     bx, ds:[CURSOR]         # the terminal may show it already: programs write a character with its colour first
        cmp     bx, ds:[LAST]
        jne     print
        cmp     al, ds:[LAST_CODE]
        jne     print
        inc     bx
        cmp     bx, ds:[TERMINAL]
        jne     print
        jmp     advance
1:      cmp     byte ptr ds:[CURSOR], 0
        je      4f
        dec     byte ptr ds:[CURSOR]
4:      ret
2:      call    new_line_if_full
        mov     byte ptr ds:[CURSOR], 0
        mov     ah, ds:[CURSOR + 1]
        cmp     ah, ds:[TERMINAL + 1]
        jne     follow
        mov     byte ptr ds:[TERMINAL], 0
        jmp     put
3:      call    new_line_if_full
        call    follow
        call    put
        mov     al, ds:[CURSOR + 1]
        cmp     al, LAST_ROW
        adc     al, 0
        mov     ds:[CURSOR + 1], al
        mov     ds:[TERMINAL + 1], al
        ret

new_line_if_full:
        cmp     byte ptr ds:[TERMINAL], WIDTH
        jne     1f
        push    ax
        call    next_line
        pop     ax
1:      ret

print:                                  # the glyph AL at the cursor
        call    follow
        mov     bx, ds:[CURSOR]
        mov     ds:[LAST], bx
        mov     ds:[LAST_CODE], al
        mov     byte ptr ds:[USED], 1
        push    ax
        call    glyph
        call    put
        pop     ax
        inc     byte ptr ds:[TERMINAL]
advance:
        mov     bx, ds:[CURSOR]
        inc     bl
        cmp     bl, WIDTH
        jb      1f
        mov     bl, 0
        cmp     bh, LAST_ROW
        adc     bh, 0
1:      mov     ds:[CURSOR], bx
        ret

glyph:                                  # code page 437 in ASCII
        cmp     al, 0x20
        jb      1f
        cmp     al, 0x7f
        jb      2f
        cmp     al, 0xb0
        jb      1f
        cmp     al, 0xdf
        ja      1f
        push    bx
        mov     bx, offset frames - 0xb0
        xlat    cs:[bx]
        pop     bx
        ret
1:      mov     al, '?'
2:      ret
frames: .ascii  "###|++++++|+++++++++-++++++++-+++++++++++++#####"

follow:                                 # takes the terminal's cursor to that of the screen
        push    ax
        push    cx
        push    dx
        mov     cx, ds:[CURSOR]
        mov     dx, ds:[TERMINAL]
        cmp     cx, dx
        je      9f
        cmp     dl, WIDTH
        jb      1f
        mov     dl, 0                   # behind a full line: the next character goes to the next by itself
        cmp     dh, LAST_ROW
        adc     dh, 0
        cmp     cx, dx
        je      9f
        call    next_line
        mov     dx, ds:[TERMINAL]
1:      mov     al, dh
        sub     al, ch
        je      4f
        mov     ah, 'A'
        ja      3f
        neg     al
        cmp     cl, 0
        jne     2f
        mov     ah, al
        mov     dl, 0
        mov     al, 13
        call    put
5:      mov     al, 10
        call    put
        dec     ah
        jnz     5b
        jmp     4f
2:      mov     ah, 'B'
3:      call    control
4:      mov     al, dl
        sub     al, cl
        je      9f
        mov     ah, 'C'
        jb      7f
        cmp     cl, 0
        jne     6f
        mov     al, 13
        call    put
        jmp     9f
6:      mov     ah, 'D'
        cmp     al, 4
        ja      8f
        mov     ah, al
10:     mov     al, 8
        call    put
        dec     ah
        jnz     10b
        jmp     9f
7:      neg     al
8:      call    control
9:      mov     ds:[TERMINAL], cx
        pop     dx
        pop     cx
        pop     ax
        ret

next_line:                              # changes AL
        mov     al, 13
        call    put
        mov     al, 10
        call    put
        mov     byte ptr ds:[TERMINAL], 0
        mov     al, ds:[TERMINAL + 1]
        cmp     al, LAST_ROW
        adc     al, 0
        mov     ds:[TERMINAL + 1], al
        ret

control:                                # the sequence that ends in AH, AL times; changes AX
        push    ax
        call    sequence
        call    number
        pop     ax
        mov     al, ah
        jmp     put
sequence:
        push    ax
        mov     al, 27
        call    put
        mov     al, '['
        call    put
        pop     ax
        ret
number:                                 # AL in decimal, up to 99; changes AX
        aam
        cmp     ah, 0
        je      1f
        push    ax
        mov     al, ah
        add     al, '0'
        call    put
        pop     ax
1:      add     al, '0'
put:                                    # AL to the serial port
        push    ax
        push    dx
        call    send
        pop     dx
        pop     ax
        ret
put_text:                               # the text at CS:SI; changes AL, SI
        mov     al, cs:[si]
        inc     si
        cmp     al, 0
        je      1f
        call    put
        jmp     put_text
1:      ret
erase:  .asciz  "\033[H\033[2J"
erase_line:
        .asciz  "\033[K"
whole:  .asciz  "\033[r"

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
        cmp     ah, 0x05
        je      4f
        cmp     ah, 0x12
        je      5f
        mov     bl, ah
        and     bl, 0xef
        cmp     bl, 0
        je      2f
        cmp     bl, 1
        je      1f
        cmp     bl, 2
        jne     9f
        mov     al, 0                   # no shift key is down
9:      pop     bx
        pop     ds
        iret
5:      xor     ax, ax
        jmp     9b
4:      mov     al, 1                   # CX is put in, if there is room
        cmp     word ptr ds:[KEY], 0
        jne     9b
        mov     ds:[KEY], cx
        mov     al, 0
        jmp     9b
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
        jne     7f
        in      al, 0x21                # sleeps up to the next tick, if there are any
        test    al, 1
        jnz     6f
        sti
        hlt
        cli
        jmp     2b
6:      sti
        nop
        cli
        jmp     2b
7:      mov     word ptr ds:[KEY], 0
        jmp     9b

look:                                   # takes a key of the serial port into KEY if KEY is empty; changes AX
        call    follow
        cmp     word ptr ds:[KEY], 0
        jne     9f
        push    bx
        push    cx
        push    dx
        call    receive
        jnc     8f
        cmp     al, 27
        je      3f
        cmp     al, 10                  # a line feed is Enter, too
        jne     1f
        mov     al, 13
1:      cmp     al, 0x7f
        jne     2f
        mov     al, 8
2:      mov     ah, 0
        cmp     al, 0x7f
        ja      7f
        mov     bx, offset scan_codes
        mov     cl, al
        xlat    cs:[bx]
        mov     ah, al
        mov     al, cl
7:      mov     ds:[KEY], ax
8:      pop     dx
        pop     cx
        pop     bx
9:      ret
3:      call    receive_soon            # the Escape key, or a key that the terminal sends as ESC [ letter
        mov     ax, 0x011b
        jnc     7b
        call    receive_soon
        jnc     7b
        mov     bx, offset arrows
4:      cmp     byte ptr cs:[bx], 0
        je      8b
        cmp     al, cs:[bx]
        je      5f
        add     bx, 2
        jmp     4b
5:      mov     ah, cs:[bx + 1]
        mov     al, 0
        jmp     7b

receive:                                # CF: there was a byte, in AL; changes DX
        mov     dx, COM1 + 5
        in      al, dx
        test    al, 1
        jz      1f
        mov     dx, COM1
        in      al, dx
        stc
1:      ret
receive_soon:                           # waits for longer than a byte takes at 9600 baud; changes DX
        push    ecx
        mov     ecx, 0x40000
1:      call    receive
        jc      2f
        dec     ecx
        jnz     1b
        clc
2:      pop     ecx
        ret
arrows: .byte   'A', 0x48, 'B', 0x50, 'C', 0x4d, 'D', 0x4b, 'H', 0x47, 'F', 0x4f, 0
scan_codes:
        .byte   0x03, 0x1e, 0x30, 0x2e, 0x20, 0x12, 0x21, 0x22, 0x0e, 0x0f, 0x24, 0x25, 0x26, 0x1c, 0x31, 0x18
        .byte   0x19, 0x10, 0x13, 0x1f, 0x14, 0x16, 0x2f, 0x11, 0x2d, 0x15, 0x2c, 0x01, 0x00, 0x00, 0x00, 0x00
        .byte   0x39, 0x02, 0x28, 0x04, 0x05, 0x06, 0x08, 0x28, 0x0a, 0x0b, 0x09, 0x0d, 0x33, 0x0c, 0x34, 0x35
        .byte   0x0b, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x27, 0x27, 0x33, 0x0d, 0x34, 0x35
        .byte   0x03, 0x1e, 0x30, 0x2e, 0x20, 0x12, 0x21, 0x22, 0x23, 0x17, 0x24, 0x25, 0x26, 0x32, 0x31, 0x18
        .byte   0x19, 0x10, 0x13, 0x1f, 0x14, 0x16, 0x2f, 0x11, 0x2d, 0x15, 0x2c, 0x1a, 0x2b, 0x1b, 0x07, 0x0c
        .byte   0x29, 0x1e, 0x30, 0x2e, 0x20, 0x12, 0x21, 0x22, 0x23, 0x17, 0x24, 0x25, 0x26, 0x32, 0x31, 0x18
        .byte   0x19, 0x10, 0x13, 0x1f, 0x14, 0x16, 0x2f, 0x11, 0x2d, 0x15, 0x2c, 0x1a, 0x2b, 0x1b, 0x29, 0x00
# ---- int 1Ah

clock:
        cmp     ah, 0
        je      1f
        cmp     ah, 2
        je      2f
        cmp     ah, 4
        je      3f
        cmp     ah, 1
        je      4f
        mov     ah, 1
        jmp     failed
4:      push    ds
        push    ax
        xor     ax, ax
        mov     ds, ax
        mov     ds:[0x46e], cx
        mov     ds:[0x46c], dx
        mov     byte ptr ds:[0x470], 0
        pop     ax
        pop     ds
        jmp     done
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

        .org    0x0f00
blank:                                  # the rest is zero: 4 KiB of font without a dot
        .org    0x1ff0
        ljmp    0xf000, offset post
        .ascii  "01/01/26"
        .byte   0, 0xfc, 0
