# Run by the guest: what each dispatcher chooses, and whether what it chose computes.
./dispatchers/clones || echo "gcc: ended with $?"
/lib64/ld-linux-x86-64.so.2 --help | sed -n 's/^  \(x86-64-v[234]\) (supported.*/glibc: \1/p'
export OPENBLAS_NUM_THREADS=1 LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/openblas-pthread
./dispatchers/blas || echo "openblas: ended with $?"
openssl info -cpusettings | sed 's/^/openssl: /'
printf abc | openssl dgst -sha1 -r | sed 's/^/openssl: sha1 /'
printf abc | openssl dgst -sha256 -r | sed 's/^/openssl: sha256 /'
printf abc | openssl dgst -sha512 -r | sed 's/^/openssl: sha512 /'
printf 0123456789abcdef | openssl enc -aes-128-ctr -K 000102030405060708090a0b0c0d0e0f -iv 00000000000000000000000000000000 | od -An -tx1 | sed 's/^/openssl: aes/'
printf 'a\nringside\nb\n' | fzf -f ring | sed 's/^/go: /'
grep . /sys/devices/system/cpu/vulnerabilities/* | sed "s,^.*vulnerabilities/,vulnerability: ,"
