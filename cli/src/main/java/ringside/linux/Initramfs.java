package ringside.linux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/** Builds the initramfs: busybox, its applets as links, and an init. The same input gives the same bytes. */
final class Initramfs {
    private static final String INIT = """
            #!/bin/busybox sh
            /bin/busybox mount -t proc proc /proc
            /bin/busybox mount -t sysfs sys /sys
            /bin/busybox mount -t devtmpfs dev /dev
            /bin/busybox --install -s
            export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM=vt100
            hostname ringside
            if [ -f /script ]; then
                echo "Ringside: script begins"
                sh /script 2>&1
                echo "Ringside: script ends"
                poweroff -f
            fi
            echo "Ringside: shell ready (poweroff -f ends the run)"
            grep -q ringside.poweroff /proc/cmdline && poweroff -f
            cd /root
            while :; do setsid cttyhack sh; done
            """;

    private Initramfs() {}

    /** @param script run by init instead of the interactive shell, or null */
    static byte[] build(byte[] busybox, byte[] script) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CpioArchiveOutputStream cpio = new CpioArchiveOutputStream(bytes, CpioConstants.FORMAT_NEW)) {
            int[] inode = {1};
            for (String folder : new String[] {"bin", "sbin", "usr", "usr/bin", "usr/sbin", "proc", "sys", "dev", "root", "tmp", "etc"}) {
                add(cpio, inode, folder, CpioConstants.C_ISDIR | 0755, new byte[0], 0, 0);
            }
            add(cpio, inode, "dev/console", CpioConstants.C_ISCHR | 0600, new byte[0], 5, 1);
            add(cpio, inode, "bin/busybox", CpioConstants.C_ISREG | 0755, busybox, 0, 0);
            add(cpio, inode, "init", CpioConstants.C_ISREG | 0755, INIT.getBytes(StandardCharsets.UTF_8), 0, 0);
            if (script != null) add(cpio, inode, "script", CpioConstants.C_ISREG | 0644, script, 0, 0);
        }
        return bytes.toByteArray();
    }

    private static void add(CpioArchiveOutputStream cpio, int[] inode, String name, int mode, byte[] content, int major, int minor) throws IOException {
        CpioArchiveEntry e = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name, content.length);
        e.setMode(mode);
        e.setInode(inode[0]++);
        e.setTime(0);
        e.setNumberOfLinks(1);
        e.setRemoteDeviceMaj(major);
        e.setRemoteDeviceMin(minor);
        cpio.putArchiveEntry(e);
        cpio.write(content);
        cpio.closeArchiveEntry();
    }
}
