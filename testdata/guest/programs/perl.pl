# perl: numbers printed and read, transcendental functions, sorting, patterns, packing, and modules with compiled parts.
use strict;
use warnings;
no warnings qw(overflow portable numeric pack unpack);
use POSIX ();
use List::Util qw(sum max reduce shuffle);
use Digest::SHA;
use Digest::MD5 qw(md5_hex);
use MIME::Base64;
use Storable qw(freeze thaw);
use Compress::Zlib;
use Math::BigInt;
use Math::BigFloat;
use Time::Local;
use utf8;
binmode STDOUT, ':utf8';

my $seed = 4711;
sub next_int { $seed = $seed * 16807 % 2147483647 }
# Doubles over the whole range of exponents, both signs.
sub next_double { my $m = next_int() / 2147483647 + 0.5; $m * 2 ** (next_int() % 2000 - 1000) * (next_int() & 1 ? -1 : 1) }
sub digest { md5_hex(join "\n", @_) }

my @edge = (0, -0.0, 1, -1, 0.1, 1 / 3, 2 / 3, 1e15 / 7, 1e16 + 1, 9007199254740993, 0.5, 1.5, 2.5, 1e22, 1e23, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
    4.35, 0.000123456789, 123456.789e3, 2 ** 63, 2 ** 64, -2 ** 63, 9 ** 9 ** 9, -9 ** 9 ** 9, 1e-5, 1e-4, 299792458, 6.02214076e23);
for my $x (@edge) {
    print join(' ', $x, map { sprintf $_, $x } '%.0f', '%.17g', '%e', '%a', '%.3g', '%+.5f', '%015.4f', '%g', '%.40g'), "\n";
    print join(' ', map { $_ } int($x), $x ** 2, $x / 7, $x * 1e-300, abs $x, $x <=> 1), "\n";
}
my @random = map { next_double() } 1 .. 3000;
print "printed: ", digest(map { sprintf '%.17g %.15e %.6g %a', $_, $_, $_, $_ } @random), "\n";
print "read back: ", scalar(grep { sprintf('%.17g', $_) + 0 == $_ && unpack('d', pack 'd', $_) == $_ } @random), "\n";
print "integers: ", digest(map { sprintf '%d %s %x', $_ / 1e290, int($_ / 1e280), abs(int($_)) % 4294967296 } @random), "\n";

my %function = (sin => sub { sin $_[0] }, cos => sub { cos $_[0] }, exp => sub { exp $_[0] }, log => sub { log abs $_[0] }, sqrt => sub { sqrt abs $_[0] },
    atan2 => sub { atan2 $_[0], 0.7 }, pow => sub { abs($_[0]) ** 0.37 }, tan => \&POSIX::tan, asin => sub { POSIX::asin(sin $_[0]) }, sinh => \&POSIX::sinh,
    tanh => \&POSIX::tanh, fmod => sub { POSIX::fmod($_[0], 0.3) }, log10 => sub { POSIX::log10(abs $_[0]) }, cbrt => \&POSIX::cbrt, erf => \&POSIX::erf,
    lgamma => sub { POSIX::lgamma(abs $_[0]) }, expm1 => \&POSIX::expm1, log1p => sub { POSIX::log1p(abs $_[0]) }, rint => \&POSIX::rint, nearbyint => \&POSIX::nearbyint,
    ldexp => sub { POSIX::ldexp($_[0], 3) }, frexp => sub { join ',', POSIX::frexp($_[0]) }, modf => sub { join ',', POSIX::modf($_[0]) }, hypot => sub { POSIX::hypot($_[0], 3) },
    j0 => sub { POSIX::j0($_[0]) }, remainder => sub { POSIX::remainder($_[0], 1.1) }, floor => \&POSIX::floor, ceil => \&POSIX::ceil);
my @arguments = ((map { $_ * 0.37 - 20 } 0 .. 120), (map { $_ * 1e5 + 0.123 } 1 .. 60), (map { 10 ** -$_ } 1 .. 40), 1e10, 1e22, 1e100, 710, -745);
for my $name (sort keys %function) {
    my @y = map { my $y = $function{$name}->($_); $y =~ /,/ ? $y : sprintf '%.17g', $y } @arguments;
    print "$name: ", digest(@y), " $y[3] $y[77] $y[130] $y[-1]\n";
}

my @numbers = map { next_int() % 100000 } 1 .. 5000;
print "sorted: ", digest(sort { $a <=> $b } @numbers), ' ', digest(sort @numbers), ' ', digest(sort { $b % 97 <=> $a % 97 || $a <=> $b } @numbers), "\n";
my %count;
$count{$_ % 211}++ for @numbers;
print "counted: ", digest(map { "$_ $count{$_}" } sort { $a <=> $b } keys %count), " hash order ", digest(keys %count), "\n";
printf "sums: %.17g %s %.17g\n", sum(map { 1 / $_ } 1 .. 4000), max(@numbers), reduce { $a * 0.999 + $b } 0, @numbers;
srand 42;
print "rand: ", join(' ', map { sprintf '%.15g', rand } 1 .. 5), ' ', digest(shuffle 1 .. 200), "\n";

my $text = join ' ', map { chr(97 + $_ % 26) x ($_ % 5 + 1) . $_ } @numbers;
print "matched: ", scalar(() = $text =~ /\b(\w)\1+\d*7\b/g), ' ', digest($text =~ /([a-m]{2,}\d+)(?=\s[n-z])/g), ' ', scalar(() = $text =~ /(?<!z)\d{3}(?:5|8)(?i:\s[AEIOU])/g), "\n";
(my $changed = $text) =~ s/([a-z]+)(\d+)/sprintf '%s<%05d>', ucfirst reverse($1), $2 * 3/ge;
(my $swapped = $text) =~ tr/a-y0-8/b-z1-9/;
print "replaced: ", digest($changed), ' ', digest($swapped), ' ', digest(split /\s*[aeiou]+\d\s*/, $text), "\n";
print "nested: ", join('|', '((a)(b(c)))(d)' =~ /(\((?:[^()]++|(?1))*\))/g), "\n";
print "letters: ", lc('ÄÖÜΣЖ'), uc('straße ÿ'), ucfirst('ǆ'), ' ', scalar('naïve café' =~ /\bcafé\b/), ' ', join(',', map { sprintf '%x', ord } split //, "e\x{301}\x{1F600}"), "\n";

for my $f (qw(c C s S l L q Q j J f d F n N v V w U a5 A5 Z5 H8 b12 s> l> q> d> f> n! N!)) {
    my @v = $f =~ /^[aAZ]/ ? ('abc') : $f =~ /^[HB]/ ? ('12345678') : $f =~ /^b/ ? ('101100111000') : map { $_ * ($f =~ /^[CSLQJnNvVwU]/ ? 37 : -37.5) } 1 .. 4;
    my $template = $f =~ /^[aAZHb]/ ? $f : "$f*";
    my $p = eval { pack $template, @v };
    print "pack $f: ", defined $p ? unpack('H*', do { my $q = $p; utf8::encode($q) if utf8::is_utf8($q); $q }) . ' ' . join(',', unpack $template, $p) : "error", "\n";
}
print "checksum: ", unpack('%32C*', $text), ' ', unpack('%16n*', $text), ' ', unpack('%64Q*', $text), ' vec ', vec($text, 77, 8), ' ', unpack('b64', $text), "\n";
my ($u, $s) = (18446744073709551615, -9223372036854775808);
print "bits: ", $u & 0xF0F0F0F0F0F0F0F0, ' ', $u >> 7, ' ', 1 << 63, ' ', ~0 ^ 0x5555, ' ', $u + 1, ' ', $s - 1, ' ', -7 % 3, ' ', 7 % -3, ' ', do { use integer; -7 / 2 . ' ' . -7 % 3 . ' ' . 2 ** 62 * 4 }, "\n";
print "strings: ", 'ab' x 3, ' ', '10' + '0x1A', ' ', '1e3abc' * 1, ' ', oct('0xff'), ' ', oct('0b101'), ' ', hex('deadbeef'), ' ', '9' x 20 + 1, ' ', ++(my $z = 'Zz9'), "\n";

print "big: ", Math::BigInt->new(2)->bpow(521)->bsub(1), ' ', Math::BigInt->new('1' . '0' x 60)->bmodpow('123456789', '1000000007'), ' ', Math::BigFloat->bpi(60), ' ', Math::BigFloat->new(2)->bsqrt(50), "\n";
print "digests: ", Digest::SHA->new($_)->add($text)->hexdigest, "\n" for 1, 224, 256, 384, 512;
my $bytes = $text . join '', map { chr($_ % 256) } @numbers;
print "coded: ", digest(encode_base64($bytes)), ' ', decode_base64(encode_base64($bytes)) eq $bytes, "\n";
my $packed = compress($bytes, 9);
print "deflated: ", md5_hex($packed), ' ', length $packed, ' ', uncompress($packed) eq $bytes, ' ', crc32($bytes), ' ', adler32($bytes), "\n";
print "frozen: ", digest(sort @{thaw(freeze \@random)}), "\n";
print "time: ", join(' ', map { scalar gmtime $_ } 0, 1e9, 2 ** 33), ' ', timegm(56, 34, 12, 29, 1, 2024), ' ', POSIX::strftime('%A %d %B %Y %U', gmtime 951782400), ' ', POSIX::strtol('zz', 36), ' ',
    join(' ', POSIX::strtod('0x1.8p3 tail')), "\n";
sub fib { my $n = shift; $n < 2 ? $n : fib($n - 1) + fib($n - 2) }
print "recursion: ", fib(17), "\n";
