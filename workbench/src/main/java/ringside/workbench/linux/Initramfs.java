package ringside.workbench.linux;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Builds the initramfs: busybox, an init, and the user's own script and files. Busybox' applets become links when the
 * guest starts.
 */
final class Initramfs {
    private static final String INIT = """
        #!/bin/busybox sh
        /bin/busybox mount -t proc proc /proc
        /bin/busybox mount -t sysfs sys /sys
        /bin/busybox mount -t devtmpfs dev /dev
        %s
        export HOME=/root TERM=vt100
        hostname ringside
        if [ -f /script ]; then
            echo "Ringside: script begins"
            cd /root
            /bin/sh /script 2>&1
            echo "Ringside: script ends"
            poweroff -f
        fi
        echo "Ringside: shell ready (poweroff -f ends the run)"
        grep -q ringside.poweroff /proc/cmdline && poweroff -f
        cd /root
        while :; do setsid cttyhack /bin/sh; done
        """;
    private static final String APPLETS = """
        /bin/busybox --install -s
        export PATH=/bin:/sbin:/usr/bin:/usr/sbin\
        """;
    /**
     * The packages' programs come first, busybox' applets have a folder of their own. Busybox' shell would prefer its
     * applets: the shell is Debian's.
     */
    private static final String APPLETS_BEHIND_PACKAGES = """
        /bin/busybox mkdir -p /usr/lib/busybox
        /bin/busybox --install -s /usr/lib/busybox
        [ -e /bin/sh ] || /bin/busybox ln -s dash /bin/sh
        export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/busybox\
        """;

    private Initramfs() {}

    /**
     * @param script run by init instead of the interactive shell, or null
     * @param behindPackages whether the guest's root already holds Debian packages ({@link PackageTree}), with /bin,
     *     /sbin and /lib as links into /usr
     * @return bytes of memory that the files take in the guest
     */
    static long build(OutputStream to, Path busybox, Path script, boolean behindPackages, AddedFiles added)
            throws IOException {
        try (Cpio cpio = new Cpio(to)) {
            if (!behindPackages) {
                for (String folder : new String[] {"bin", "sbin", "usr", "usr/bin", "usr/sbin"})
                    cpio.folder(folder, 0755);
            }
            for (String folder : new String[] {"proc", "sys", "dev", "root", "etc"}) cpio.folder(folder, 0755);
            cpio.folder("tmp", 01777);
            cpio.characterDevice("dev/console", 0600, 5, 1);
            cpio.file(behindPackages ? "usr/bin/busybox" : "bin/busybox", 0755, Files.readAllBytes(busybox));
            cpio.file(
                    "init",
                    0755,
                    INIT.formatted((behindPackages ? APPLETS_BEHIND_PACKAGES : APPLETS))
                            .getBytes(StandardCharsets.UTF_8));
            if (script != null) cpio.file("script", 0644, Files.readAllBytes(script));
            added.write(cpio, behindPackages);
            return cpio.unpacked();
        }
    }
}
