package ringside.workbench.gdb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a kernel's file tells about the code in it before it runs. */
public final class KernelFile {
    private static final int CLASS = 4, CLASS_64 = 2, SETUP_MAGIC = 0x202;

    private KernelFile() {}

    /**
     * @return whether it is a Linux image or an ELF file of 64-bit code, though the processor may start in another mode
     */
    public static boolean wide(Path file) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(SETUP_MAGIC + 4);
        }
        boolean elf = head.length > CLASS && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
        if (elf) return head[CLASS] == CLASS_64;
        return head.length == SETUP_MAGIC + 4
                && new String(head, SETUP_MAGIC, 4, java.nio.charset.StandardCharsets.US_ASCII).equals("HdrS");
    }
}
