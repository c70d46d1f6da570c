package ringside.workbench.fuzz;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import ringside.cpu.Cpu;
import ringside.cpu.fpu.FpuState;
import ringside.lab.Lab;

/**
 * The processor of this machine, for user-level code: a child process made from {@code executor.c} that takes states
 * and gives back what became of them. Layouts are described there.
 */
public final class HostProcessor implements AutoCloseable {
    /** FXSAVE image as far as XMM15, and the upper halves of YMM0..15. */
    static final int FX = 416, HIGH = 256;

    private static final int STATE = 18 * 8 + FX + HIGH, PAGE = 4096, MOST_PAGES = 32;
    private static final String[] FLAGS = {
        "-O1",
        "-nostdlib",
        "-ffreestanding",
        "-static-pie",
        "-fPIE",
        "-fno-stack-protector",
        "-fcf-protection=none",
        "-fno-asynchronous-unwind-tables",
        "-mno-red-zone"
    };

    /**
     * What became of a case.
     * @param gpr by number
     * @param fx FXSAVE image
     * @param pages contents, in the order of the request
     */
    record Answer(
            int signal,
            int vector,
            long error,
            long cr2,
            long[] gpr,
            long rip,
            long flags,
            byte[] fx,
            byte[] high,
            List<byte[]> pages) {}

    private final Path folder;
    private Process process;
    private boolean closed, compatibility;
    private OutputStream to;
    private DataInputStream from;

    private HostProcessor(Path folder) {
        this.folder = folder;
    }

    /** @throws UnavailableException with the reason if this machine cannot */
    public static HostProcessor start() throws IOException, UnavailableException {
        String arch = System.getProperty("os.arch");
        if (!arch.equals("amd64") || !System.getProperty("os.name").equals("Linux"))
            throw new UnavailableException("this is not Linux on x86-64");
        Path folder = Files.createTempDirectory("ringside-fuzz");
        HostProcessor h = new HostProcessor(folder);
        try {
            h.build();
            h.launch();
        } catch (IOException | UnavailableException e) {
            h.close();
            throw e;
        }
        return h;
    }

    /** Why there is no host processor to compare with. */
    public static final class UnavailableException extends Exception {
        public UnavailableException(String why) {
            super(why);
        }
    }

    private void build() throws IOException, UnavailableException {
        try (InputStream source = HostProcessor.class.getResourceAsStream("executor.c")) {
            Files.copy(source, folder.resolve("executor.c"));
        }
        List<String> command = new java.util.ArrayList<>(List.of("gcc"));
        command.addAll(List.of(FLAGS));
        command.addAll(List.of("-o", "executor", "executor.c"));
        Process p;
        try {
            p = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new UnavailableException("there is no gcc on this machine");
        }
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (p.waitFor() != 0)
                throw new UnavailableException("gcc does not compile the executor: "
                        + said.lines().findFirst().orElse(""));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted");
        }
    }

    private synchronized void launch() throws IOException {
        if (closed) return;
        process = new ProcessBuilder("./executor")
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        to = process.getOutputStream();
        from = new DataInputStream(process.getInputStream());
        int hello = from.read();
        if (hello < 0) throw new EOFException("the executor ended at its start");
        compatibility = hello != 0;
    }

    /** @return whether this machine's kernel has a segment for 32-bit code at CPL 3; some virtual machines have none */
    public boolean runs32BitCode() {
        return compatibility;
    }

    /** @return the case that is set up on this processor as a request, or null if it has too many pages */
    static byte[] request(Cpu cpu, int bits, List<Lab.Page> pages) {
        if (pages.size() > MOST_PAGES) return null;
        ByteBuffer b =
                ByteBuffer.allocate(8 + pages.size() * (16 + PAGE) + STATE).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(pages.size()).putInt(bits);
        for (Lab.Page p : pages)
            b.putLong(p.linear())
                    .putLong(!p.readable() ? 0 : 1 | (p.writable() ? 2 : 0) | (p.executable() ? 4 : 0))
                    .put(p.content());
        for (long g : cpu.gpr) b.putLong(g);
        b.putLong(cpu.rip).putLong(cpu.rflags()).put(image(cpu));
        for (int i = 0; i < 16; i++) b.putLong(cpu.vec[4 * i + 2]).putLong(cpu.vec[4 * i + 3]);
        return b.array();
    }

    /** @return RIP of a request, the linear address where its case starts */
    static long first(byte[] request) {
        ByteBuffer b = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN);
        return b.getLong(8 + b.getInt(0) * (16 + PAGE) + 16 * 8);
    }

    /**
     * @return the processor's x87 state, XMM registers and MXCSR as FXSAVE lays them out; without instruction pointers
     */
    static byte[] image(Cpu cpu) {
        ByteBuffer b = ByteBuffer.allocate(FX).order(ByteOrder.LITTLE_ENDIAN);
        b.putShort(0, (short) cpu.fpControl)
                .putShort(2, (short) cpu.fpStatus)
                .put(4, (byte) FpuState.abridgedTag(cpu))
                .putInt(24, cpu.mxcsr);
        for (int i = 0; i < 8; i++) {
            int r = FpuState.top(cpu) + i & 7;
            b.putLong(32 + 16 * i, cpu.fpMantissa[r]).putShort(40 + 16 * i, (short) cpu.fpExponent[r]);
        }
        for (int i = 0; i < 16; i++) b.putLong(160 + 16 * i, cpu.vec[4 * i]).putLong(168 + 16 * i, cpu.vec[4 * i + 1]);
        return b.array();
    }

    /** @return what became of the case, or null if the child ended over it (it is started again) */
    Answer run(byte[] request) throws IOException {
        try {
            to.write(request);
            to.flush();
            byte[] head = from.readNBytes(24 + STATE);
            if (head.length < 24 + STATE) throw new EOFException();
            ByteBuffer b = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
            int signal = b.getInt();
            int vector = b.getInt();
            long error = b.getLong();
            long cr2 = b.getLong();
            long[] gpr = new long[16];
            for (int i = 0; i < 16; i++) gpr[i] = b.getLong();
            long rip = b.getLong();
            long flags = b.getLong();
            byte[] fx = new byte[FX];
            byte[] high = new byte[HIGH];
            b.get(fx).get(high);
            List<byte[]> pages = new java.util.ArrayList<>();
            for (int n = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN).getInt(); n > 0; n--) {
                byte[] page = from.readNBytes(PAGE);
                if (page.length < PAGE) throw new EOFException();
                pages.add(page);
            }
            return new Answer(signal, vector, error, cr2, gpr, rip, flags, fx, high, pages);
        } catch (IOException e) {
            stop();
            launch();
            return null;
        }
    }

    private synchronized void stop() {
        if (process == null) return;
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the child and deletes its folder; callable from any thread, also while a case runs. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        stop();
        if (!Files.exists(folder)) return;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path p : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(p);
        }
    }
}
