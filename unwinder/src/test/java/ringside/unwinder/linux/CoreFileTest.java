package ringside.unwinder.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.cpu.Cpu;
import ringside.guest.CoreException;
import ringside.guest.CoreFile;
import ringside.guest.GuestView;
import ringside.guest.SavedGuest;

/** Core files laid out by hand, as System V's ABI and QEMU's and the kernel's sources have them. */
class CoreFileTest {
    /** A page table root at 1000h that maps FFFFFFFF81000000h to 5000h. */
    private static final long ROOT = 0x1000, CODE = 0xffff_ffff_8100_0000L, CODE_PAGE = 0x5000;

    private static final int RAM = 0x6000, NOTES_AT = 0x1000, RAM_AT = 0x3000;

    @TempDir
    private Path folder;

    private static byte[] ram() {
        ByteBuffer b = ByteBuffer.allocate(RAM).order(ByteOrder.LITTLE_ENDIAN);
        b.putLong((int) ROOT + 511 * 8, 0x2003);
        b.putLong(0x2000 + 510 * 8, 0x3003);
        b.putLong(0x3000 + 8 * 8, 0x4003);
        b.putLong(0x4000, CODE_PAGE | 3);
        b.putLong((int) CODE_PAGE + 0x10, 0x1122_3344_5566_7788L);
        return b.array();
    }

    private static byte[] note(String name, int type, byte[] content) {
        byte[] n = (name + "\0").getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer b = ByteBuffer.allocate(12 + (n.length + 3 & -4) + (content.length + 3 & -4))
                .order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(n.length).putInt(content.length).putInt(type).put(n).position(12 + (n.length + 3 & -4));
        b.put(content);
        return b.array();
    }

    private static byte[] core(byte[]... notes) {
        ByteBuffer b = ByteBuffer.allocate(RAM_AT + RAM).order(ByteOrder.LITTLE_ENDIAN);
        b.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
        b.putShort((short) 4)
                .putShort((short) 62)
                .putInt(1)
                .putLong(0)
                .putLong(64)
                .putLong(0)
                .putInt(0)
                .putShort((short) 64)
                .putShort((short) 56)
                .putShort((short) 2);
        int bytes = 0;
        for (byte[] n : notes) bytes += n.length;
        b.position(64);
        b.putInt(4)
                .putInt(0)
                .putLong(NOTES_AT)
                .putLong(0)
                .putLong(0)
                .putLong(bytes)
                .putLong(bytes)
                .putLong(0);
        b.putInt(1)
                .putInt(0)
                .putLong(RAM_AT)
                .putLong(0)
                .putLong(0)
                .putLong(RAM)
                .putLong(RAM)
                .putLong(0);
        b.position(NOTES_AT);
        for (byte[] n : notes) b.put(n);
        b.position(RAM_AT);
        b.put(ram());
        return b.array();
    }

    /**
     * struct QEMUCPUState: version and size, rax rbx rcx rdx rsi rdi rsp rbp r8..r15 rip rflags, ten segments,
     * cr0..cr4, kernel_gs_base.
     */
    private static byte[] qemu() {
        ByteBuffer b = ByteBuffer.allocate(440).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(1).putInt(440);
        for (int i = 0; i < 16; i++) b.putLong(0x100 + i);
        b.putLong(CODE + 0x10).putLong(0x246);
        for (int i = 0; i < 10; i++)
            b.putInt(0x10 + i).putInt(-1).putInt(0).putInt(0).putLong(0x7000 + i);
        b.putLong(0x8005_0033L)
                .putLong(0)
                .putLong(0xdead)
                .putLong(ROOT)
                .putLong(0x20)
                .putLong(0xffff_8880_0000_0000L);
        return b.array();
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(folder.resolve("core"), content);
    }

    @Test
    void readsTheCpuThatQemuDescribes() throws IOException {
        try (CoreFile f = CoreFile.open(file(core(note("CORE", 1, new byte[336]), note("QEMU", 0, qemu()))))) {
            List<SavedGuest> cpus = Vmcoreinfo.cpus(f);
            assertEquals(1, cpus.size());
            SavedGuest g = cpus.getFirst();
            assertEquals(0x100, g.gpr(Cpu.RAX));
            assertEquals(0x101, g.gpr(Cpu.RBX));
            assertEquals(0x102, g.gpr(Cpu.RCX));
            assertEquals(0x106, g.gpr(Cpu.RSP));
            assertEquals(0x10f, g.gpr(15));
            assertEquals(0x10, g.selector(Cpu.CS));
            assertEquals(0x15, g.selector(Cpu.SS));
            assertEquals(0x7004, g.base(Cpu.GS));
            assertEquals(0x7007, g.tssBase());
            assertEquals(0x7009, g.idtBase());
            assertEquals(0xdead, g.cr2());
            assertEquals(0xffff_8880_0000_0000L, g.kernelGsBase());
            assertEquals(-1, g.instructions());
            GuestView v = new GuestView(g);
            assertEquals(0x1122_3344_5566_7788L, v.load(CODE + 0x10, 0));
            assertEquals(0x88, v.load8(CODE + 0x10));
            assertFalse(v.load(CODE + 0xff9), "the next page is not mapped");
            assertFalse(v.load(CODE + 0x1000));
        }
    }

    /**
     * The registers of user_regs_struct begin 112 bytes into elf_prstatus: r15 first, then r14; rip is the 17th, rsp
     * the 20th.
     */
    @Test
    void readsTheCpuOfAKdumpByTheKernelsOwnTables() throws IOException {
        ByteBuffer status = ByteBuffer.allocate(336).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 27; i++) status.putLong(112 + 8 * i, 0x200 + i);
        status.putLong(112 + 8 * 16, CODE + 0x10);
        String info = "OSRELEASE=9.9-test\n"
                + "SYMBOL(init_top_pgt)=ffffffff80201000\n"
                + "NUMBER(phys_base)=-2097152\n"
                + "KERNELOFFSET=1a000000\n"
                + "NUMBER(pgtable_l5_enabled)=0\n";
        byte[] vmcoreinfo = note("VMCOREINFO", 0, info.getBytes(StandardCharsets.ISO_8859_1));
        try (CoreFile f = CoreFile.open(file(core(note("CORE", 1, status.array()), vmcoreinfo)))) {
            SavedGuest g = Vmcoreinfo.cpus(f).getFirst();
            assertEquals(ROOT, g.cr3());
            assertEquals(0x200, g.gpr(15));
            assertEquals(0x204, g.gpr(Cpu.RBP));
            assertEquals(0x213, g.gpr(Cpu.RSP));
            assertEquals(0x1122_3344_5566_7788L, new GuestView(g).load(g.rip(), 0));
            assertEquals("9.9-test", Vmcoreinfo.of(f).release());
            assertEquals(0x1a00_0000L, Vmcoreinfo.of(f).slide());
        }
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        try (CoreFile f = CoreFile.open(file(core(note("CORE", 1, new byte[336]))))) {
            assertTrue(assertThrows(CoreException.class, () -> Vmcoreinfo.cpus(f))
                    .getMessage()
                    .contains("VMCOREINFO"));
        }
        assertTrue(assertThrows(
                        CoreException.class,
                        () -> CoreFile.open(
                                file("KDUMP   and so on, to have more than sixty-four bytes in all of it".getBytes())))
                .getMessage()
                .contains("compressed"));
        byte[] whole = core(note("QEMU", 0, qemu()));
        for (int n = 0; n < whole.length; n += 97) {
            byte[] cut = java.util.Arrays.copyOf(whole, n);
            assertThrows(CoreException.class, () -> CoreFile.open(file(cut)).close(), "cut to " + n);
        }
    }

    /** Whatever stands in the headers and notes: refused, or readable without harm. */
    @Test
    void survivesDamage() throws IOException {
        byte[] whole = core(note("CORE", 1, new byte[336]), note("QEMU", 0, qemu()));
        Random r = new Random(1);
        for (int n = 0; n < 3000; n++) {
            byte[] b = whole.clone();
            for (int k = r.nextInt(3); k >= 0; k--) {
                int at = r.nextInt(4) == 0 ? NOTES_AT + r.nextInt(900) : r.nextInt(176);
                b[at] = (byte) (r.nextBoolean() ? r.nextInt() : b[at] ^ 1 << r.nextInt(8));
            }
            try (CoreFile f = CoreFile.open(file(b))) {
                for (SavedGuest g : Vmcoreinfo.cpus(f)) {
                    GuestView v = new GuestView(g);
                    for (long la = CODE - 16; la < CODE + 0x1010; la += 5) v.load(la);
                    v.load(r.nextLong());
                }
            } catch (CoreException e) {
                assertTrue(e.getMessage().contains("core"), e.getMessage());
            }
        }
    }
}
