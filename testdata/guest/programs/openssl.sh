# openssl: digests, ciphers, key derivation and public keys. Each is run with all features that the processor shows and with some hidden from it
# (OPENSSL_ia32cap: first the features of leaf 1, behind the colon those of leaf 7); the same numbers must come out.
seq 1 9000 > data
head -c 16389 data > odd
key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
iv=f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff
quiet() { "$@" 2>/dev/null; }

digests() {
    for d in md5 sha1 sha224 sha256 sha384 sha512 sha512-256 sha3-256 sha3-512 blake2b512 blake2s256 sm3; do openssl dgst -r -$d data odd; done
}
ciphers() {
    for c in aes-128-cbc aes-128-ctr aes-192-cbc aes-256-cbc aes-256-ecb aes-256-ctr aes-256-cfb aes-256-cfb8 aes-256-ofb chacha20 camellia-256-cbc des-ede3-cbc "$@"; do
        case $c in
            *128*|aria-128*|sm4*) k=$(echo $key | cut -c1-32) ;;
            *192*|des-*) k=$(echo $key | cut -c1-48) ;;
            *) k=$key ;;
        esac
        case $c in
            *ecb*) v= ;;
            des-*) v="-iv $(echo $iv | cut -c1-16)" ;;
            *) v="-iv $iv" ;;
        esac
        openssl enc -$c -K $k $v -in odd -out $c.enc
        openssl enc -d -$c -K $k $v -in $c.enc -out $c.dec
        cmp odd $c.dec && echo "$c $(md5sum < $c.enc)"
        rm -f $c.enc $c.dec
    done
}
codes() {
    for k in 0123456789abcdef0123456789abcdef; do
        openssl mac -digest SHA256 -macopt hexkey:$k -in data HMAC
        openssl mac -cipher AES-128-CBC -macopt hexkey:$k -in data CMAC
        openssl mac -cipher AES-128-GCM -macopt hexkey:$k -macopt hexiv:$(echo $iv | cut -c1-24) -in data GMAC
        openssl mac -macopt hexkey:$key -in data POLY1305
        openssl mac -macopt hexkey:$k -in odd SIPHASH
    done
    openssl kdf -keylen 40 -kdfopt digest:SHA512 -kdfopt pass:secret -kdfopt hexsalt:$iv -kdfopt iter:300 PBKDF2
    openssl kdf -keylen 64 -kdfopt pass:secret -kdfopt salt:NaCl -kdfopt n:256 -kdfopt r:8 -kdfopt p:1 SCRYPT
}
rsa() {
    printf %s 'a message of some length' > message
    openssl dgst -sha256 -binary message > hash
    openssl pkeyutl -sign -inkey rsa.pem -pkeyopt digest:sha256 -in hash -out signature && echo "rsa sign $(md5sum < signature)"
    openssl pkeyutl -verify -inkey rsa.pem -pkeyopt digest:sha256 -in hash -sigfile signature
    openssl dgst -sha512 -sign rsa.pem -sigopt rsa_padding_mode:pss -out pss data && openssl dgst -sha512 -verify rsa.pub -sigopt rsa_padding_mode:pss -signature pss data
    for mode in pkcs1 oaep; do
        openssl pkeyutl -encrypt -pubin -inkey rsa.pub -pkeyopt rsa_padding_mode:$mode -in message -out sealed
        openssl pkeyutl -decrypt -inkey rsa.pem -pkeyopt rsa_padding_mode:$mode -in sealed; echo " opened ($mode)"
    done
}
curves() {
    for c in p256 p384 p521 k256; do
        openssl pkey -in $c.pem -pubout -outform DER -out $c.pub
        openssl pkeyutl -derive -inkey $c.pem -peerkey $c.pub -peerform DER -out shared && echo "$c public $(md5sum < $c.pub) shared $(md5sum < shared)"
        openssl dgst -sha256 -sign $c.pem -out signature data && openssl dgst -sha256 -verify $c.pub -keyform DER -signature signature data
    done
    for c in ed25519 ed448; do
        openssl pkeyutl -sign -rawin -inkey $c.pem -in odd -out signature && echo "$c signature $(md5sum < signature)"
        openssl pkeyutl -verify -rawin -inkey $c.pem -in odd -sigfile signature
    done
    for c in x25519 x448; do
        openssl pkey -in $c.pem -pubout -outform DER -out $c.pub
        openssl pkeyutl -derive -inkey $c.pem -peerkey $c.pub -peerform DER -out shared && echo "$c shared $(md5sum < shared)"
    done
}

# Keys that are the same everywhere: RSA from two primes, curves from a number.
perl "$here/keys.pl" || exit 1
openssl asn1parse -genconf rsa.cnf -noout -out rsa.der && openssl rsa -inform DER -in rsa.der -out rsa.pem 2>/dev/null
openssl rsa -in rsa.pem -pubout -out rsa.pub 2>/dev/null
openssl rsa -in rsa.pem -check -noout 2>&1
for f in *.key; do openssl pkey -inform DER -in $f -out ${f%.key}.pem; done

if [ "${quick:-0}" = 2 ]; then
    digests
    codes
    rsa
    exit
fi
for hidden in '' '~0x200000200000000' '~0x1000000000000000' '~0x20000000000' ':~0x20080120' ':~0x20'; do
    echo "-- OPENSSL_ia32cap $hidden"
    [ -z "$hidden" ] || export OPENSSL_ia32cap="$hidden"
    digests
    ciphers $([ -n "$hidden" ] || echo aria-128-ctr sm4-ctr camellia-128-ctr aes-128-cfb1)
    codes
    rsa
    curves
    [ "${quick:-0}" = 0 ] || [ -z "$hidden" ] || break
done
unset OPENSSL_ia32cap
openssl genrsa -out new.pem 1024 2>/dev/null && openssl rsa -in new.pem -check -noout 2>&1
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out new.pem && openssl pkey -in new.pem -check -noout
openssl prime 170141183460469231731687303715884105727
openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -in odd -out odd.enc && openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:x -in odd.enc | cmp - odd && echo "password ok"
