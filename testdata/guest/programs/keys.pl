# Writes test keys that are the same on every machine: rsa.cnf for "openssl asn1parse -genconf", and one DER file a curve.
use strict;
use warnings;
use Math::BigInt;

my $p = Math::BigInt->from_hex('CE3C61E24D1841D9764398382FB5E8229A4C23AD038F43FC818FFAAA3692C9B6D26804B1638E4AB3D8C4F599D615BAACE3D5BB0829F3B523EF33F9AF522C80DE'
    . 'A344A28423C891CEFF40C0D2CFF8CF272E2F082B1D8B587B38B00744A9D4A3A64FBA6601A5900AB07821BE298C07E86B645193B635A047546BD74753BB1401C5');
my $q = Math::BigInt->from_hex('E445282010BFE6B0A05BA3E6F8FD0D098C5622FACE48A35D6275D687D8FF1F76D2274659A744C228DDC88CF96F64817825CBACBAD3046844D53FD667C4242695'
    . '7759565DA90BC419D0F435B379779C134921531B3EE691A3387E2FAC588B9CBD692C20BA1B94FE1B52A8218E5FA9003385615FA511FA0EA0980AF3C4CCBF45AF');
($p, $q) = ($q, $p) if $p < $q;
my $e = Math::BigInt->new(65537);
my $d = $e->copy->bmodinv(($p - 1) * ($q - 1));
my @parts = (0, $p * $q, $e, $d, $p, $q, $d % ($p - 1), $d % ($q - 1), $q->copy->bmodinv($p));
open my $out, '>', 'rsa.cnf' or die "rsa.cnf: $!";
print $out "asn1=SEQUENCE:rsa\n[rsa]\n";
print $out "n$_=INTEGER:", Math::BigInt->new($parts[$_])->as_hex, "\n" for 0 .. $#parts;
close $out or die $!;

# DER: tag, length in one or two bytes, content in hexadecimal.
sub der {
    my ($tag, $content) = @_;
    my $n = length($content) / 2;
    return $tag . ($n < 128 ? sprintf('%02x', $n) : sprintf('81%02x', $n)) . $content;
}

# @return so many bytes in hexadecimal that look random and always are the same
sub bytes {
    my ($n) = @_;
    my ($s, $h) = (12345 + $n, '');
    for (1 .. $n) {
        $s = $s * 16807 % 2147483647;
        $h .= sprintf '%02x', $s >> 8 & 255;
    }
    return $h;
}

sub write_key {
    my ($name, $hex) = @_;
    open my $f, '>:raw', "$name.key" or die "$name.key: $!";
    print $f pack 'H*', $hex;
    close $f or die $!;
}

my %curve = (p256 => [32, '2a8648ce3d030107'], p384 => [48, '2b81040022'], p521 => [66, '2b81040023'], k256 => [32, '2b8104000a']);
for my $name (keys %curve) {
    my ($n, $oid) = @{$curve{$name}};
    my $secret = '00' . substr bytes($n), 2;
    write_key($name, der('30', der('02', '01') . der('04', $secret) . der('a0', der('06', $oid))));
}
my %edwards = (ed25519 => [32, '2b6570'], ed448 => [57, '2b6571'], x25519 => [32, '2b656e'], x448 => [56, '2b656f']);
for my $name (keys %edwards) {
    my ($n, $oid) = @{$edwards{$name}};
    write_key($name, der('30', der('02', '00') . der('30', der('06', $oid)) . der('04', der('04', bytes($n)))));
}
