package ringside.boot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.cpu.Cpu;
import ringside.machine.Machine;

class LoaderTest {
    @TempDir
    Path dir;

    private static String text(Machine m, long pa) {
        StringBuilder s = new StringBuilder();
        for (long c; (c = m.memory().read(pa++, 1)) != 0; ) s.append((char) c);
        return s.toString();
    }

    private static byte[] ram(Machine m, long pa, int n) {
        byte[] b = new byte[n];
        m.memory().read(pa, b, 0, n);
        return b;
    }

    private static String refusal(ByteBuffer file) {
        return refusal(file, BootOptions.NONE);
    }

    private static String refusal(ByteBuffer file, BootOptions options) {
        String s = assertThrows(BootException.class, () -> Loader.load(Images.machine(32), Images.image(file), options))
                .getMessage();
        assertFalse(s.contains("\n"), s);
        return s;
    }

    private static void assertProtectedFlat(Cpu c, long entry) {
        assertEquals(Cpu.CR0_PE | Cpu.CR0_ET, c.cr0);
        assertEquals(0, c.cr4);
        assertEquals(0, c.efer);
        assertEquals(entry, c.rip);
        assertEquals(2, c.rflags());
        assertEquals(
                Cpu.MODE_32 | Cpu.MODE_FLAT | Cpu.MODE_STACK32,
                c.mode & (Cpu.MODE_MASK | Cpu.MODE_FLAT | Cpu.MODE_STACK32));
    }

    private static void assertLongMode(Machine m, long entry) {
        Cpu c = m.cpu();
        assertEquals(entry, c.rip);
        assertEquals(2, c.rflags());
        assertEquals(Cpu.MODE_64, c.mode & Cpu.MODE_MASK);
        assertEquals(0x10, c.seg[Cpu.CS].selector);
        assertEquals(0x18, c.seg[Cpu.DS].selector);
        assertEquals(0x00af9b000000ffffL, m.memory().read(c.gdtBase + 0x10, 8));
        assertEquals(0x00cf93000000ffffL, m.memory().read(c.gdtBase + 0x18, 8));
        for (long va : new long[] {0, 0x123456, 0x3fe00000L, 0xfee00000L, 0xffffffffL}) {
            long pdpt = m.memory().read(c.cr3 + 8 * (va >> 39 & 511), 8) & ~0xfffL;
            long pd = m.memory().read(pdpt + 8 * (va >> 30 & 511), 8) & ~0xfffL;
            long pde = m.memory().read(pd + 8 * (va >> 21 & 511), 8);
            assertEquals(va & -0x200000L | 0x83, pde);
        }
    }

    /**
     * Setup code of our own at 200h of an image without entry flags: it runs in real mode with the protocol's fields
     * filled in.
     */
    @Test
    void imagesOlderThanTheEntryFlagsStartInTheirSetupCode() throws Exception {
        Machine m = Images.machine(32);
        java.nio.ByteBuffer b = Images.bzImage(0x207, false);
        b.put(0x200, (byte) 0xeb).put(0x201, (byte) 0x68);
        // mov eax, [es:228h]; mov bx, cs; mov cx, sp; hlt
        b.put(0x26a, new byte[] {
            0x26, 0x66, (byte) 0xa1, 0x28, 0x02, (byte) 0x8c, (byte) 0xcb, (byte) 0x89, (byte) 0xe1, (byte) 0xf4
        });
        assertEquals(BootKind.LINUX_16, Loader.load(m, Images.image(b), BootOptions.NONE.withAppend("one two")));
        m.run(100);
        assertEquals(0x20000, m.cpu().gpr[0]);
        assertEquals(0x1020, m.cpu().gpr[3]);
        assertEquals(0xfff0, m.cpu().gpr[1]);
        assertEquals(0x006f_7774_2065_6e6fL, m.memory().read(0x20000, 8), "one two and its end");
        assertEquals(0x81, m.memory().read(0x10211, 1));
        assertEquals(Images.CODE[0] & 0xff, m.memory().read(0x100000, 1));
    }

    @Test
    void multibootElfIsLoadedAtPhysicalAddressesWithTheRestZeroed() throws Exception {
        Machine m = Images.machine(32);
        m.memory().write(0x200000, new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9});
        ByteBuffer f = Images.elf32(0xc0200000, 0x200000, 17, 0xc0200003);
        Images.multibootHeader(f, 0x100, 3);
        assertEquals(BootKind.MULTIBOOT, Loader.load(m, Images.image(f), BootOptions.NONE.withAppend("a=1 b")));
        assertProtectedFlat(m.cpu(), 0x200003);
        assertArrayEquals(
                new byte[] {(byte) 0xf4, (byte) 0xeb, (byte) 0xfd, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9},
                ram(m, 0x200000, 18));
        assertEquals(0x2BADB002L, m.cpu().gpr[Cpu.RAX]);
        long info = m.cpu().gpr[Cpu.RBX];
        assertTrue(info >= 0x1000 && info < 0x9fc00);
        assertEquals(0x24f, m.memory().read(info, 4));
        assertEquals(639, m.memory().read(info + 4, 4));
        assertEquals(31 * 1024, m.memory().read(info + 8, 4));
        assertEquals("kernel a=1 b", text(m, m.memory().read(info + 16, 4)));
        assertEquals(0, m.memory().read(info + 20, 4));
        assertEquals("ringside", text(m, m.memory().read(info + 64, 4)));
    }

    @Test
    void multibootMapHasConventionalAndExtendedMemory() throws Exception {
        Machine m = Images.machine(32);
        ByteBuffer f = Images.elf32(0x100000, 0x100000, 8, 0x100000);
        Images.multibootHeader(f, 0xffc - 8, 0);
        Loader.load(m, Images.image(f), BootOptions.NONE);
        long info = m.cpu().gpr[Cpu.RBX];
        long at = m.memory().read(info + 48, 4);
        long end = at + m.memory().read(info + 44, 4);
        StringBuilder s = new StringBuilder();
        while (at < end) {
            s.append("%x+%x:%d "
                    .formatted(
                            m.memory().read(at + 4, 8),
                            m.memory().read(at + 12, 8),
                            m.memory().read(at + 20, 4)));
            at += m.memory().read(at, 4) + 4;
        }
        assertEquals(end, at);
        assertTrue(s.toString().startsWith("0+9fc00:1 9fc00+400:2 "), s.toString());
        assertTrue(s.toString().contains(" 100000+1f00000:1 "), s.toString());
    }

    @Test
    void multibootHeaderAddressesAreUsed() throws Exception {
        Machine m = Images.machine(32);
        m.memory().write(0x100040, 8, -1);
        ByteBuffer f = Images.buffer(0x100);
        Images.multibootHeader(f, 0x20, 0x10003);
        f.putInt(0x2c, 0x100010)
                .putInt(0x30, 0x100000)
                .putInt(0x34, 0x100040)
                .putInt(0x38, 0x100048)
                .putInt(0x3c, 0x100030)
                .putInt(0x40, 0x12345678);
        f.putInt(0x50, 0x55aa55aa);
        assertEquals(BootKind.MULTIBOOT, Loader.load(m, Images.image(f), BootOptions.NONE));
        assertProtectedFlat(m.cpu(), 0x100030);
        assertEquals(0x12345678, m.memory().read(0x100030, 4), "the file is loaded from 10h bytes before the header");
        assertEquals(0, m.memory().read(0x100040, 8), "bss is zeroed");
    }

    @Test
    void multibootModulesHaveTheirStringsAndPages() throws Exception {
        Path one = Files.writeString(dir.resolve("one"), "first");
        Path two = Files.writeString(dir.resolve("two"), "second!");
        Machine m = Images.machine(32);
        ByteBuffer f = Images.elf32(0x100000, 0x100000, 0x1800, 0x100000);
        Images.multibootHeader(f, 0x100, 0);
        Loader.load(m, Images.image(f), BootOptions.NONE.withInitrds(List.of(one + " x y," + two)));
        long info = m.cpu().gpr[Cpu.RBX];
        assertEquals(2, m.memory().read(info + 20, 4));
        long list = m.memory().read(info + 24, 4);
        long start = m.memory().read(list, 4);
        assertEquals(0, start & 0xfff);
        assertTrue(start >= 0x101800);
        assertEquals(5, m.memory().read(list + 4, 4) - start);
        assertEquals("first", text(m, start));
        assertEquals("one x y", text(m, m.memory().read(list + 8, 4)));
        assertEquals("second!", text(m, m.memory().read(list + 16, 4)));
        assertEquals("two", text(m, m.memory().read(list + 24, 4)));
    }

    @Test
    void moduleListSplitsAtSingleCommas() {
        assertEquals(List.of("a b", "c,d", "e"), MultibootModules.split("a b,c,,d,e"));
    }

    @Test
    void multibootInformationAvoidsAnImageInLowMemory() throws Exception {
        Machine m = Images.machine(32);
        ByteBuffer f = Images.elf32(0x8000, 0x8000, 0x8000, 0x8000);
        Images.multibootHeader(f, 0x100, 0);
        Loader.load(m, Images.image(f), BootOptions.NONE);
        assertTrue(m.cpu().gpr[Cpu.RBX] >= 0x10000);
    }

    @Test
    void multibootRefusesWhatQemuRefuses() {
        ByteBuffer wide = Images.elf64(0x100000, 0x100000, 8, 0x100000, 0);
        Images.multibootHeader(wide, 0x200, 0);
        assertTrue(refusal(wide).contains("32-bit"));
        ByteBuffer outside = Images.elf32(0, 0x1fffffc, 8, 0);
        Images.multibootHeader(outside, 0x200, 0);
        assertTrue(refusal(outside).contains("outside the 32 MiB"));
        ByteBuffer flat = Images.buffer(64);
        Images.multibootHeader(flat, 0, 0x10000);
        flat.putInt(12, 0x100000).putInt(16, 0x100010);
        assertTrue(refusal(flat).contains("header_addr"));
        flat.putInt(16, 0x100000).putInt(20, 0x110000).putInt(28, 0x100000);
        assertTrue(refusal(flat).contains("truncated"));
        assertTrue(refusal(Images.buffer(4096)).contains("not a kernel"));
        assertTrue(refusal(Images.buffer(0)).contains("not a kernel"));
    }

    @Test
    void bzImageIsEnteredByThe64BitProtocol() throws Exception {
        Path initrd = Files.writeString(dir.resolve("initrd"), "12345");
        Path more = Files.writeString(dir.resolve("more"), "abc");
        Machine m = Images.machine(64);
        m.memory().write(0xe0010, 8, 0x2052_5450_2044_5352L);
        BootOptions options = new BootOptions(
                "console=ttyS0", List.of(initrd.toString(), more.toString()), null, BootOptions.DEFAULT_NAME);
        assertEquals(BootKind.LINUX_64, Loader.load(m, Images.image(Images.bzImage(0x20f, true)), options));
        assertLongMode(m, 0x1000200);
        long zero = m.cpu().gpr[Cpu.RSI];
        assertEquals("HdrS", text(m, zero + 0x202).substring(0, 4));
        assertEquals(0x20f, m.memory().read(zero + 0x206, 2));
        assertEquals(0xff, m.memory().read(zero + 0x210, 1));
        assertEquals("console=ttyS0", text(m, m.memory().read(zero + 0x228, 4)));
        assertEquals(0xe0010, m.memory().read(zero + 0x70, 8));
        long image = m.memory().read(zero + 0x218, 4);
        assertEquals(11, m.memory().read(zero + 0x21c, 4));
        assertTrue(image >= 0x1800000, "behind the memory the kernel needs");
        assertEquals("12345\0\0\0abc", new String(ram(m, image, 11), StandardCharsets.US_ASCII));
        int n = (int) m.memory().read(zero + 0x1e8, 1);
        assertTrue(n >= 3);
        assertEquals(0, m.memory().read(zero + 0x2d0, 8));
        assertEquals(0x9fc00, m.memory().read(zero + 0x2d8, 8));
        assertArrayEquals(Images.CODE, ram(m, 0x1000000, 8));
    }

    @Test
    void bzImageWithout64BitEntryIsEnteredByThe32BitProtocol() throws Exception {
        Machine m = Images.machine(64);
        assertEquals(BootKind.LINUX_32, Loader.load(m, Images.image(Images.bzImage(0x20c, false)), BootOptions.NONE));
        assertProtectedFlat(m.cpu(), 0x1000000);
        assertEquals(0x10, m.cpu().seg[Cpu.CS].selector);
        assertEquals(0x18, m.cpu().seg[Cpu.SS].selector);
        assertTrue(m.cpu().gpr[Cpu.RSI] != 0);
    }

    @Test
    void linuxRefusesWhatDoesNotFit() {
        ByteBuffer cut = Images.buffer(0x220);
        cut.put(0, Images.bzImage(0x20f, true).array(), 0, 0x220);
        assertTrue(refusal(cut).contains("truncated"));
        ByteBuffer low = Images.bzImage(0x20f, true);
        low.put(0x211, (byte) 0);
        assertTrue(refusal(low).contains("zImage"));
        assertTrue(refusal(Images.bzImage(0x20f, true), BootOptions.NONE.withAppend("x".repeat(3000)))
                .contains("command line"));
        assertTrue(refusal(Images.bzImage(0x20f, true), BootOptions.NONE.withInitrds(List.of("/nonexistent/initrd")))
                .contains("no such file"));
    }

    @Test
    void elf64IsEnteredAtItsPhysicalAddress() throws Exception {
        Machine m = Images.machine(32);
        ByteBuffer f = Images.elf64(0xffffffff81000000L, 0x1000000, 0x2000, 0xffffffff81000003L, 0);
        assertEquals(BootKind.ELF64, Loader.load(m, Images.image(f), BootOptions.NONE.withAppend("quiet")));
        assertLongMode(m, 0x1000003);
        long zero = m.cpu().gpr[Cpu.RSI];
        assertEquals("quiet", text(m, m.memory().read(zero + 0x228, 4)));
        Loader.load(
                m, Images.image(Images.elf64(0xffffffff81000000L, 0x1000000, 0x2000, 0x1000000, 0)), BootOptions.NONE);
        assertEquals(0x1000000, m.cpu().rip, "vmlinux gives a physical entry address");
    }

    @Test
    void pvhNoteGivesA32BitEntry() throws Exception {
        Path initrd = Files.writeString(dir.resolve("initrd"), "12345");
        Machine m = Images.machine(32);
        ByteBuffer f = Images.elf64(0xffffffff81000000L, 0x1000000, 0x2000, 0x1000000, 0x1000010);
        assertEquals(
                BootKind.PVH,
                Loader.load(
                        m,
                        Images.image(f),
                        BootOptions.NONE.withAppend("quiet").withInitrds(List.of(initrd.toString()))));
        assertProtectedFlat(m.cpu(), 0x1000010);
        long info = m.cpu().gpr[Cpu.RBX];
        assertEquals(0x336ec578, m.memory().read(info, 4));
        assertEquals(1, m.memory().read(info + 4, 4));
        assertEquals(1, m.memory().read(info + 12, 4));
        long module = m.memory().read(info + 16, 8);
        assertEquals("12345", text(m, m.memory().read(module, 8)));
        assertEquals(5, m.memory().read(module + 8, 8));
        assertEquals("quiet", text(m, m.memory().read(info + 24, 8)));
        long map = m.memory().read(info + 40, 8);
        assertEquals(0x9fc00, m.memory().read(map + 8, 8));
        assertEquals(1, m.memory().read(map + 16, 4));
    }

    @Test
    void rawCodeStartsInTheModeAskedFor() throws Exception {
        Machine m = Images.machine(8);
        BootImage code = new BootImage("code", Images.CODE);
        Loader.load(m, code, BootOptions.NONE.withRaw(BootOptions.RawCode.BOOT_SECTOR));
        assertEquals(0x7c00, m.cpu().rip);
        assertEquals(Cpu.MODE_16, m.cpu().mode & Cpu.MODE_MASK);
        assertEquals(0x80, m.cpu().gpr[Cpu.RDX]);
        assertArrayEquals(Images.CODE, ram(m, 0x7c00, 8));
        Loader.load(m, code, BootOptions.NONE.withRaw(new BootOptions.RawCode(0x12345, BootOptions.CodeMode.REAL)));
        assertEquals(0x12345, m.cpu().codeLinear());
        Loader.load(
                m, code, BootOptions.NONE.withRaw(new BootOptions.RawCode(0x200000, BootOptions.CodeMode.PROTECTED)));
        assertProtectedFlat(m.cpu(), 0x200000);
        Loader.load(m, code, BootOptions.NONE.withRaw(new BootOptions.RawCode(0x200000, BootOptions.CodeMode.LONG)));
        assertEquals(Cpu.MODE_64, m.cpu().mode & Cpu.MODE_MASK);
        assertThrows(
                BootException.class,
                () -> Loader.load(
                        m, code, BootOptions.NONE.withRaw(new BootOptions.RawCode(-8, BootOptions.CodeMode.LONG))));
        assertThrows(
                BootException.class,
                () -> Loader.load(
                        m,
                        code,
                        BootOptions.NONE.withRaw(new BootOptions.RawCode(0x7ffffc, BootOptions.CodeMode.LONG))));
    }

    @Test
    void hostileHeadersNeverEscapeAsOtherErrors() {
        Random r = new Random(1);
        Machine m = Images.machine(32);
        ByteBuffer multiboot = Images.elf32(0x100000, 0x100000, 17, 0x100000);
        Images.multibootHeader(multiboot, 0x100, 0);
        ByteBuffer flat = Images.buffer(0x100);
        Images.multibootHeader(flat, 0, 0x10003);
        flat.putInt(12, 0x100000).putInt(16, 0x100000).putInt(28, 0x100000);
        ByteBuffer[] seeds = {
            multiboot, flat, Images.bzImage(0x20f, true), Images.elf64(0x100000, 0x100000, 8, 0x100000, 0x100000)
        };
        int[][] fields = {{4, 90}, {12, 32}, {0x1f1, 0x268}, {4, 180}};
        byte[] values = {0, 1, 2, 4, 0x7f, (byte) 0x80, (byte) 0xff, (byte) 0xfe};
        for (int i = 0; i < 20_000; i++) {
            int k = i % seeds.length;
            byte[] b = seeds[k].array().clone();
            for (int n = r.nextInt(4); n >= 0; n--) {
                int at = fields[k][0] + r.nextInt(fields[k][1] - fields[k][0]);
                for (int w = r.nextInt(8); w >= 0 && at < b.length; w--) b[at++] = values[r.nextInt(values.length)];
            }
            if (r.nextInt(4) == 0) b = java.util.Arrays.copyOf(b, r.nextInt(b.length));
            try {
                Loader.load(m, new BootImage("hostile", b), BootOptions.NONE);
            } catch (BootException e) {
                assertFalse(e.getMessage().contains("\n"));
            }
        }
    }

    // ---- multiboot 2 (Multiboot2 Specification 2.0, 3.1 and 3.6) ----

    /** Puts a header with these tags, each of words without padding, at offset 1000h of a file. */
    private static ByteBuffer multiboot2(ByteBuffer file, int[]... tags) {
        file.position(0x1000);
        int length = 16;
        for (int[] t : tags) length += (4 * t.length + 7) / 8 * 8;
        file.putInt(0xE85250D6).putInt(0).putInt(length).putInt(-(0xE85250D6 + length));
        for (int[] t : tags) {
            for (int w : t) file.putInt(w);
            file.position((file.position() + 7) / 8 * 8);
        }
        return file;
    }

    private static final int[] END = {0, 8};

    private static ByteBuffer elf(boolean wide) {
        ByteBuffer code = wide
                ? Images.elf64(0x20_0000, 0x20_0000, 0x1000, 0x20_0000, -1)
                : Images.elf32(0x20_0000, 0x20_0000, 0x1000, 0x20_0000);
        ByteBuffer b = Images.buffer(Math.max(code.capacity(), 0x1100));
        b.put(0, code.array());
        return b;
    }

    @Test
    void multiboot2EntersElfOfEitherWidthInProtectedModeWithItsTags() throws Exception {
        Path module = Files.write(dir.resolve("m.bin"), new byte[] {1, 2, 3});
        for (boolean wide : new boolean[] {false, true}) {
            Machine m = Images.machine(32);
            assertEquals(
                    BootKind.MULTIBOOT2,
                    Loader.load(
                            m,
                            Images.image(multiboot2(elf(wide), END)),
                            BootOptions.NONE.withAppend("a=b").withInitrds(List.of(module + " x"))));
            assertProtectedFlat(m.cpu(), 0x20_0000);
            assertEquals(0x36D7_6289, m.cpu().gpr[Cpu.RAX]);
            long at = m.cpu().gpr[Cpu.RBX];
            long end = at + m.memory().read(at, 4);
            java.util.Set<Long> seen = new java.util.TreeSet<>();
            for (at += 8; at < end; at += (m.memory().read(at + 4, 4) + 7) / 8 * 8) {
                long type = m.memory().read(at, 4);
                seen.add(type);
                if (type == 1) assertEquals("a=b", text(m, at + 8));
                if (type == 3) {
                    assertEquals(0, m.memory().read(at + 8, 4) & 0xfff);
                    assertArrayEquals(new byte[] {1, 2, 3}, ram(m, m.memory().read(at + 8, 4), 3));
                    assertEquals(3, m.memory().read(at + 12, 4) - m.memory().read(at + 8, 4));
                    assertEquals("m.bin x", text(m, at + 16));
                }
                if (type == 4) assertEquals(31 << 10, m.memory().read(at + 12, 4));
                if (type == 6) assertEquals(24, m.memory().read(at + 8, 4));
                if (type == 15) assertEquals("RSD PTR ", new String(ram(m, at + 8, 8), StandardCharsets.US_ASCII));
            }
            assertEquals(java.util.Set.of(0L, 1L, 2L, 3L, 4L, 6L, 14L, 15L), seen);
        }
    }

    @Test
    void multiboot2RelocatesAsItsTagPrefers() throws Exception {
        for (int[] x : new int[][] {{1, 0x60_0000}, {2, 0x7f_e000}, {0, 0x60_0000}}) {
            Machine m = Images.machine(32);
            Loader.load(
                    m,
                    Images.image(multiboot2(elf(true), new int[] {10, 24, 0x5f_f001, 0x7f_ffff, 0x2000, x[0]}, END)),
                    BootOptions.NONE);
            assertEquals(x[1], m.cpu().rip, "preference " + x[0]);
        }
    }

    @Test
    void multiboot2RefusesWhatItCannotHonourByName() {
        assertTrue(refusal(multiboot2(elf(false), new int[] {7, 8}, END)).contains("EFI boot services"));
        assertTrue(refusal(multiboot2(elf(false), new int[] {9, 12, 0}, END)).contains("EFI amd64"));
        assertTrue(
                refusal(multiboot2(elf(false), new int[] {5, 20, 0, 0, 0}, END)).contains("framebuffer"));
        assertTrue(refusal(multiboot2(elf(false), new int[] {1, 12, 99}, END)).contains("type 99"));
        assertTrue(refusal(multiboot2(elf(false), new int[] {4, 12, 0})).contains("end tag"));
    }

    @Test
    void multiboot2TakesWhatIsOptionalAndEntersWhereItSays() throws Exception {
        Machine m = Images.machine(32);
        Loader.load(
                m,
                Images.image(multiboot2(
                        elf(false),
                        new int[] {7 | 1 << 16, 8},
                        new int[] {5 | 1 << 16, 20, 0, 0, 0},
                        new int[] {6, 8},
                        new int[] {3, 12, 0x20_0004},
                        END)),
                BootOptions.NONE);
        assertEquals(0x20_0004, m.cpu().rip);
    }

    @Test
    void gzippedKernelsAreUnpackedAndEfiProgramsRefused() throws Exception {
        java.io.ByteArrayOutputStream packed = new java.io.ByteArrayOutputStream();
        try (var out = new java.util.zip.GZIPOutputStream(packed)) {
            out.write(multiboot2(elf(true), END).array());
        }
        Machine m = Images.machine(32);
        assertEquals(
                BootKind.MULTIBOOT2, Loader.load(m, new BootImage("xen.gz", packed.toByteArray()), BootOptions.NONE));
        ByteBuffer cut = ByteBuffer.wrap(java.util.Arrays.copyOf(packed.toByteArray(), packed.size() / 2));
        assertTrue(refusal(cut).contains("damaged gzip"));
        ByteBuffer pe = Images.buffer(512);
        pe.put(0, (byte) 'M').put(1, (byte) 'Z').putInt(0x3c, 0x80).putInt(0x80, 0x4550);
        assertTrue(refusal(pe).contains("EFI program"));
    }

    @Test
    void aBzImageShorterThanItsHeaderSaysIsTruncated() {
        ByteBuffer b = Images.bzImage(0x20f, true);
        b.putInt(0x1f4, b.capacity());
        assertTrue(refusal(b).contains("truncated"));
    }

    @Test
    void aRamdiskBehindAnLz4OneComesAfterZeroBytes() throws Exception {
        Path lz4 = Files.write(dir.resolve("a"), new byte[] {2, 0x21, 0x4c, 0x18, 1, 0, 0, 0, 9});
        Path other = Files.write(dir.resolve("b"), new byte[] {'0', '7'});
        Machine m = Images.machine(32);
        Loader.load(
                m,
                Images.image(Images.bzImage(0x20f, true)),
                BootOptions.NONE.withInitrds(List.of(lz4.toString(), other.toString())));
        long zeroPage = m.cpu().gpr[Cpu.RSI];
        long at = m.memory().read(zeroPage + 0x218, 4);
        assertEquals(18, m.memory().read(zeroPage + 0x21c, 4));
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, '0', '7'}, ram(m, at + 9, 9));
    }
}
