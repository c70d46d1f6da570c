#!/usr/bin/env python3
"""Records objdump-programs.txt: the first instruction of each mnemonic and kinds of operands in the text of programs, all that objdump prints.

Usage: record-programs.py OUTPUT PROGRAM...   (64-bit ELF files; a kernel's vmlinux too)
"""
import re
import subprocess
import sys


def shape(text):
    text = re.sub(r"\[[^]]*\]", "[]", text)
    text = re.sub(r"0x[0-9a-f]+", "I", text)
    text = re.sub(r"\b[0-9a-f]{5,}\b", "I", text)
    text = re.sub(r"\b(r\d+[bwd]?|[re]?[abcd]x|[re]?[sbi]p|[re]?[sd]i|[abcd][lh]|[sb]pl|[sd]il)\b", "R", text)
    return re.sub(r"(mm|st\(|cr|dr|k|bnd)\d+", r"\1N", text)


def main():
    seen, lines, count = set(), [], 0
    for program in sys.argv[2:]:
        objdump = subprocess.Popen(["objdump", "-d", "-w", "-M", "intel,intel64", "--insn-width=16", program],
                                   stdout=subprocess.PIPE, text=True, errors="replace")
        for line in objdump.stdout:
            fields = line.rstrip("\n").split("\t")
            if len(fields) < 3 or not fields[0].endswith(":"):
                continue
            count += 1
            text = re.sub(r"\s+", " ", fields[2].split("        # ")[0].split(" <")[0]).strip()
            if shape(text) not in seen:
                seen.add(shape(text))
                lines.append("\t".join(("64", fields[0].strip().rstrip(":"), fields[1].replace(" ", ""), text)))
        print(program, count, len(lines))
    open(sys.argv[1], "w").write("\n".join(lines) + "\n")


main()
