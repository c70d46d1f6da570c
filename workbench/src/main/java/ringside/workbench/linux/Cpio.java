package ringside.workbench.linux;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/**
 * Writes a "newc" cpio archive, as a kernel unpacks it at boot, and adds up what it takes there. Inodes are numbered in
 * order: the same input gives the same bytes.
 */
final class Cpio implements Closeable {
    private static final int PAGE = 4096, INODE = 1024;
    private final CpioArchiveOutputStream out;
    private long inode = 1;
    private long unpacked;

    Cpio(OutputStream to) {
        out = new CpioArchiveOutputStream(to, CpioConstants.FORMAT_NEW);
    }

    /** @return bytes of memory that the guest's root file system takes for all that has been written so far */
    long unpacked() {
        return unpacked;
    }

    void folder(String name, int permissions) throws IOException {
        entry(name, CpioConstants.C_ISDIR | permissions, 0, 0, 0, 0);
        out.closeArchiveEntry();
    }

    void characterDevice(String name, int permissions, int major, int minor) throws IOException {
        entry(name, CpioConstants.C_ISCHR | permissions, 0, 0, major, minor);
        out.closeArchiveEntry();
    }

    void link(String name, String target) throws IOException {
        byte[] content = target.getBytes(StandardCharsets.UTF_8);
        entry(name, CpioConstants.C_ISLNK | 0777, content.length, 0, 0, 0);
        out.write(content);
        out.closeArchiveEntry();
    }

    void file(String name, int permissions, byte[] content) throws IOException {
        entry(name, CpioConstants.C_ISREG | permissions, content.length, 0, 0, 0);
        out.write(content);
        out.closeArchiveEntry();
    }

    /** @param time modification time in seconds */
    void file(String name, int permissions, long size, long time, InputStream content) throws IOException {
        entry(name, CpioConstants.C_ISREG | permissions, size, time, 0, 0);
        if (content.transferTo(out) != size) throw new IOException(name + " is not as long as it says");
        out.closeArchiveEntry();
    }

    private void entry(String name, int mode, long size, long time, int major, int minor) throws IOException {
        CpioArchiveEntry e = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name, size);
        e.setMode(mode);
        e.setInode(inode++);
        e.setTime(time);
        e.setNumberOfLinks(1);
        e.setRemoteDeviceMaj(major);
        e.setRemoteDeviceMin(minor);
        out.putArchiveEntry(e);
        unpacked += (size + PAGE - 1) / PAGE * PAGE + INODE;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
