#!/bin/sh
# The reference: runs a script on this machine's processor with the very programs the guest has, unpacked from the guest's archive into a folder that becomes the root.
# usage: on-host.sh PACKAGES.cpio BUSYBOX PROGRAMS-FOLDER SCRIPT    (as root; the environment's checks, quick and GLIBC_TUNABLES are passed on)
set -eu
packages=$(readlink -f "$1") busybox=$(readlink -f "$2") programs=$(readlink -f "$3") script=$(readlink -f "$4")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
(cd "$root" && "$busybox" cpio -idm <"$packages" 2>/dev/null)
mkdir -p "$root/proc" "$root/dev" "$root/tmp" "$root/root" "$root/etc" "$root/usr/lib/busybox"
cp "$busybox" "$root/usr/bin/busybox"
cp -r "$programs" "$root/root/programs"
cp "$script" "$root/script"
for d in null zero urandom random; do cp -a "/dev/$d" "$root/dev/"; done
chroot "$root" /usr/bin/busybox --install -s /usr/lib/busybox
[ -e "$root/bin/sh" ] || ln -s dash "$root/bin/sh"
unshare --mount --uts --ipc --fork sh -c 'mount -t proc proc "$1/proc" && cd / && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/busybox HOME=/root TERM=vt100 \
    ${checks:+checks="$checks"} ${quick:+quick="$quick"} ${GLIBC_TUNABLES:+GLIBC_TUNABLES="$GLIBC_TUNABLES"} chroot "$1" /bin/sh -c "cd /root && sh /script 2>&1"' sh "$root" </dev/null
