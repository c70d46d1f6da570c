# coreutils: sums, sorting, and numbers, whose printing and reading is long double (x87) work.
seq 1 6000 > numbers
awk 'BEGIN { s = 12345; for (i = 0; i < 3000; i++) { s = (s * 16807) % 2147483647; print s, i } }' > random
head -c 16384 /dev/zero | tr '\0' '\125' > constant
for f in numbers random constant; do
    for sum in md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum 'sum -r' 'sum -s'; do echo "$sum $f $($sum < $f)"; done
    for a in sysv bsd crc sm3; do echo "cksum -a $a $f $(cksum -a $a < $f)"; done
    for e in base64 base32 base16 base64url base2msbf z85; do echo "basenc --$e $f $(head -c 4000 $f | basenc --$e | md5sum)"; done
    echo "wc $f $(wc < $f)"
    for t in a c d1 d2 d4 d8 o8 u8 x1 x2 x4 x8; do echo "od -t $t $f $(od -A d -t $t $f | md5sum)"; done
done
for k in '' -n -r -rn -k2 -k2,2nr -g -h -V -R\ --random-source=numbers -u -f -d -M -s\ -k1.2,1.4 '--parallel=1 -S 100k'; do echo "sort $k $(sort $k random | md5sum)"; done
echo "uniq $(cut -c1-3 random | sort | uniq -c | md5sum) join $(sort random > s1; sort -k1,1 numbers > s2; join s1 s2 | md5sum)"
echo "comm $(comm -12 s2 s1 | md5sum) paste $(paste -s -d, numbers | md5sum) pr $(pr -3 -t numbers | md5sum) nl $(nl random | md5sum)"
echo "fold $(fold -w 7 random | md5sum) fmt $(fmt -w 50 random | md5sum) expand $(unexpand -a random | md5sum) tac $(tac numbers | md5sum)"
echo "shuf $(shuf --random-source=random -n 500 numbers | md5sum) split $(split -l 700 --filter=md5sum numbers | md5sum) tr $(tr 0-9 a-j < numbers | md5sum)"
for n in 1000000007 600851475143 18446744073709551557 340282366920938463463374607431768211297 170141183460469231731687303715884105727; do factor "$n"; done # one at a time: it prints large and small numbers by different buffers
for n in 2305843009213693951 9007199254740993 99999999999999999999999 1208925819614629174706189; do factor "$n"; done # one at a time: it prints large and small numbers by different buffers
expr 123456789012345678901234567890 '*' 987654321098765432109876543210 + 7
expr 340282366920938463463374607431768211455 / 18446744073709551615 % 1000003
seq 0.1 0.1 3
seq -f %.17g 1 0.3 5
seq -f %a -1 0.7 2
seq -f %La 1 3
seq -w 9.99 0.005 10.02
seq 1e15 1e15 5e15
printf '%.20Lf %a %e %g\n' 3.14159265358979323846 1e-4940 1.5e4000 0x1.8p-16382 0.1 0.1 0.1 0.1 inf nan -0 1e4932
printf '%d %u %x %o %c %s\n' -1 -1 -1 255 A text
od -A x -t f4 random | head -n 40
od -A x -t f8 random | head -n 40
od -A x -t fL random | head -n 60
for n in 1 999 1000 1023 1024 1025 123456789 1.5 0.001 99.95 1e18; do numfmt --to=iec $n; numfmt --to=si $n; numfmt --to=iec-i --suffix=B --round=nearest $n; numfmt --format=%015.3f $n; done 2>&1
echo "numfmt $(numfmt --to=iec < numbers | md5sum) $(cut -d' ' -f1 random | numfmt --to=si --format=%.2f | md5sum) $(numfmt --from-unit=1000 --to-unit=7 --round=down < numbers | md5sum)"
numfmt --from=auto 1.5Ki 2.25M 3G 1E 0.7T
for t in 0 951782400 1e9 1700000000 4102444800 -1 253402300799; do date -u -d "@$t" '+%F %T %j %U %V %G %a %s %N' 2>&1; done
date -u -d '2024-02-29 12:34:56 +1 year -3 days' +%c
TZ=Europe/Berlin date -d @1700000000 2>&1
echo 'a b
b c
c d
a d' | tsort
