#!/bin/sh
# Turns forms.txt (GROUP OPTIONS ; assembly) into forms.hex on standard output (GROUP HEX OPTIONS ; assembly) with the GNU assembler.
set -e
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
{ echo '.intel_syntax noprefix'; awk -F' ; ' '$1 ~ /[ ,]l(,|$)/ { print ".code32\n" $2 "\n.code64"; next } { print $2 }' forms.txt; } > "$dir/f.s"
as --64 -o "$dir/f.o" -aln="$dir/f.lst" --listing-lhs-width=4 "$dir/f.s"
sed -n 's/^ *[0-9][0-9]* [0-9a-f]\{4\} \([0-9A-F ]*[0-9A-F]\) *\t.*/\1/p' "$dir/f.lst" | tr -d ' ' | tr A-F a-f > "$dir/hex"
[ "$(wc -l < "$dir/hex")" = "$(wc -l < forms.txt)" ] || { echo "forms.sh: the listing is not understood" >&2; exit 1; }
paste -d' ' "$dir/hex" forms.txt | awk '{ h = $1; g = $2; $1 = ""; $2 = ""; sub(/^ +/, ""); print g, h, $0 }'
