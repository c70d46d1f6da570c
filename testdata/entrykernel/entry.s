# All entry code, in one section of one object: __entry_text_start up to __entry_text_end, and the entry table of variant 3.
.include "common.inc"

.if ANNOTATE == 3
        .section .entry_table, "a", @progbits
.globl __entry_table_start, __entry_table_end
__entry_table_start:
.endif

ENTRY_CODE
.include "entry_irq.inc"
.include "entry_exceptions.inc"
.include "entry_nmi.inc"
.include "entry_syscall.inc"
ENTRY_CODE_ENDS

.if ANNOTATE == 3
        .section .entry_table
__entry_table_end:
.endif

# What the marker frames' "return address" points into.
.if ANNOTATE == 1 || ANNOTATE == 4
.text
FUNC pt_regs, BOTTOM
        nop
        nop
ENDFUNC pt_regs
.endif
