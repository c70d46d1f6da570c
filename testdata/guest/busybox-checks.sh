# Run by `busybox sh` both in the guest and on the host: prints the same lines on both, or something is wrong.
# Everything is made here, nothing is read from the machine it runs on.
dir=${TMPDIR:-/tmp}/ringside-checks.$$
mkdir -p "$dir" && cd "$dir" || exit 1
export LC_ALL=C
seq 1 60000 > numbers
awk 'BEGIN { s = 12345; for (i = 0; i < 12000; i++) { s = (s * 16807) % 2147483647; print s, i } }' > random
echo "bytes $(cat numbers random | wc -c)"
echo "md5 numbers $(md5sum < numbers)"
echo "md5 random $(md5sum < random)"
echo "sha1 $(cat numbers random | sha1sum)"
echo "sha256 $(cat numbers random | sha256sum)"
echo "sha512 $(cat random | sha512sum)"
gzip -c numbers > numbers.gz && echo "gzip $(gunzip -c numbers.gz | md5sum)"
bzip2 -c random > random.bz2 && echo "bzip2 $(bunzip2 -c random.bz2 | md5sum)"
# A few megabytes: what the small files hold, several times over.
for copy in 1 2 3 4 5; do cat numbers random; done > big
echo "big bytes $(wc -c < big) lines $(wc -l < big)"
echo "big md5 $(md5sum < big) sha256 $(sha256sum < big)"
echo "big gzip $(gzip -c big | gunzip -c | md5sum)"
echo "big sort $(sort -r big | md5sum)"
echo "big awk $(awk '{ s += $1 * 0.37; if ($1 > m) m = $1 } END { printf "%.15g %.15g %.17g", s, m, s / NR }' big)"
echo "sort $(sort -n random | md5sum)"
echo "sort -k2 $(sort -k2,2nr random | md5sum)"
echo "uniq $(cut -c1-3 random | sort | uniq -c | md5sum)"
echo "sed $(sed -e 's/7/seven/g' -e '/99/d' numbers | md5sum)"
echo "grep $(grep -c '[13579]$' numbers)"
echo "tr $(tr 0-9 a-j < numbers | md5sum)"
awk 'BEGIN {
    for (i = 1; i <= 40; i++) { x = i * 0.37; printf "%.15g %.15g %.17g %.10e %g\n", x * x, 1 / x, x / 3 - i, x * 1e-300 * 1e-10, i * 1e300 }
    for (i = 1; i <= 20; i++) printf "%.17g %d %x %o\n", 1 / i, i * 1e6 / 7, i * 12345, i * 777
    s = 0; for (i = 1; i < 3000; i++) s += 1 / (i * i); printf "%.17g\n", s
    r = 2; for (i = 0; i < 60; i++) r = (r + 2 / r) / 2; printf "%.17g\n", r
    e = 1; t = 1; for (i = 1; i < 30; i++) { t /= i; e += t } printf "%.17g\n", e
}'
echo "awk $(awk '{ n += $1; m[$1 % 97] += $2 / 3 } END { printf "%d\n", n; for (k = 0; k < 97; k++) printf "%.12g\n", m[k] }' random | md5sum)"
i=0; s=0; while [ $i -lt 2000 ]; do s=$(( (s * 31 + i) % 1000003 )); i=$((i + 1)); done; echo "shell arithmetic $s"
echo "factor $(factor 1000000007 600851475143 | md5sum)"
printf 'scale=30\n4*a(1)\n2^200\nsqrt(2)\n' | bc -l 2>/dev/null
expr 123456789 '*' 987654321
od -A d -t x1 numbers | head -n 3
cd / && rm -rf "$dir"
