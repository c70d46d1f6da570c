#!/bin/sh
# Assembles the cases of a .cases file (NAME: ASSEMBLY, instructions separated by semicolons), runs them on this machine's processor
# and writes the golden file that the tests read: record.sh FILE.cases > FILE.txt
set -eu
here=$(dirname "$0")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
gcc -O1 -w -o "$tmp/recorder" "$here/recorder.c"
grep -v '^#' "$1" | grep ':' > "$tmp/cases"
while IFS= read -r line; do
    name=${line%%:*}
    printf '%s\n' "${line#*:}" > "$tmp/a.s"
    as -o "$tmp/a.o" "$tmp/a.s"
    objcopy -O binary -j .text "$tmp/a.o" "$tmp/a.bin"
    printf '%s %s\n' "$name" "$(od -An -v -tx1 "$tmp/a.bin" | tr -d ' \n')"
done < "$tmp/cases" > "$tmp/code"
"$tmp/recorder" < "$tmp/code" > "$tmp/results"
echo "# Recorded by testdata/recorder/record.sh on: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), family $(sed -n 's/^cpu family[^:]*: //p' /proc/cpuinfo | head -1), model $(sed -n 's/^model\t[^:]*: //p' /proc/cpuinfo | head -1). Do not edit."
paste -d'|' "$tmp/cases" "$tmp/code" "$tmp/results" | awk -F'|' '{ split($2, c, " "); sub(/^[^ ]* /, "", $3); printf "%s\n  code %s\n  then %s\n", $1, c[2], $3 }'
