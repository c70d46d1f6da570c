# Runs programs of Debian packages, the same in the guest and on the host: what they print must be the same, or something is wrong.
# Parts are chosen by the variable checks (in the guest: an argument of the kernel, "checks=openssl,perl"); it reads only what lies beside it.
here=${here:-/root/programs}
export LC_ALL=C PERL_HASH_SEED=0 PYTHONHASHSEED=0 here
dir=/tmp/ringside-checks
rm -rf $dir && mkdir -p $dir && cd $dir || exit 1
sed -n 's/^flags[^:]*: /cpu flags /p' /proc/cpuinfo | head -n 1 # for the reference, which must not use more than the guest has
for part in $(echo "${checks:-coreutils,openssl,perl,floats,python}" | tr , ' '); do
    echo "--- $part"
    case $part in
        coreutils|openssl) sh "$here/$part.sh" 2>&1 ;;
        perl) perl "$here/perl.pl" 2>&1 ;;
        floats) [ ! -x "$here/floats" ] || "$here/floats" ;;
        openssl-short) quick=2 sh "$here/openssl.sh" 2>&1 ;;
        python) sh "$here/python.sh" test_math test_float test_struct test_long test_re test_hashlib test_zlib test_decimal ;;
        python-more) sh "$here/python.sh" test_complex test_cmath test_random test_json test_set test_dict test_array test_binascii test_statistics test_fractions \
            test_int test_bytes test_heapq test_sort test_colorsys test_fstring test_format test_strtod test_memoryview test_pickle test_lzma test_bz2 ;;
        test_*) sh "$here/python.sh" "$part" ;;
        *) echo "no part $part" ;;
    esac
done
cd / && rm -rf $dir
