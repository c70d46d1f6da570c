#!/usr/bin/env python3
"""Records objdump-sample.txt: one instruction of each mnemonic and kinds of operands in each mode.

Usage: record-sample.py OUTPUT MODE:LISTING...
A listing is the output of `objdump -d -w -M intel,intel64 --insn-width=16` (64-bit mode, programs) or of
`objdump -D -w -b binary -m i386|i8086|i386:x86-64 ...` over generated encodings in 32-byte slots, MODE then being
32s, 16s or 64s: only the instruction at the start of a slot counts. What ObjdumpText explains is left out.
"""
import re
import sys

LEFT_OUT = re.compile(r"\(bad\)|\?|\(8087|\(287|<internal|^\.byte|^vmgexit|tmm|^\{|^t(dp|ile)|tilecfg|^v?pcl|^v?pcmp.str\w+q|"
                      r"^cmp\w+xadd|^vbcst|^vcvtne|^vpdp|^xcrypt|^xs(ha|tore)|^montmul|^(aadd|aor|aand|axor)|kl\b|^encodekey|"
                      r"^loadiwkey|msrlist|wrmsrns|rmpquery|^seam|^tdcall|^prefetchit|^v?pf?(n)?m\w+(ss|sd|ps|pd) .*,.*,.*,|^pmulhrw|^femms")
MODE_QUIRKS = re.compile(r"^(data16|addr|rex|repz|repnz|lock$|xacquire|jmpw|callw|retw|jmpd|calld|retd|xbegin)")


def shape(text):
    text = re.sub(r"\[[^]]*\]", "[]", text)
    text = re.sub(r"0x[0-9a-f]+", "I", text)
    text = re.sub(r"\b(r\d+[bwd]?|[re]?[abcd]x|[re]?[sbi]p|[re]?[sd]i|[abcd][lh]|[sb]pl|[sd]il)\b", "R", text)
    return re.sub(r"(mm|st\(|cr|dr|k|bnd)\d+", r"\1N", text)


def main():
    seen, lines = set(), []
    for argument in sys.argv[2:]:
        mode, listing = argument.split(":", 1)
        slots = mode.endswith("s")
        mode = mode.rstrip("s")
        for line in open(listing, errors="replace"):
            fields = line.rstrip("\n").split("\t")
            if len(fields) < 3 or not fields[0].endswith(":"):
                continue
            address = fields[0].strip().rstrip(":")
            if slots and int(address, 16) % 32:
                continue
            code = fields[1].replace(" ", "")
            text = re.sub(r"\s+", " ", fields[2].split("        # ")[0].split(" <")[0]).strip()
            if LEFT_OUT.search(text) or MODE_QUIRKS.search(text) or code.startswith(("9b", "62")) and mode != "32":
                continue
            if code.startswith("8f") and mode == "64" and text.startswith("v"):
                continue
            if slots and len(code) > 4 and code[:2] == "66" and re.search(r"\b(movdq2q|movq2dq|rdfs|rdgs|wrfs|wrgs|tpause|umwait|movsxd)", text):
                continue
            key = (mode, shape(text))
            if key not in seen:
                seen.add(key)
                lines.append("\t".join((mode, address, code, text)))
    open(sys.argv[1], "w").write("\n".join(lines) + "\n")


main()
