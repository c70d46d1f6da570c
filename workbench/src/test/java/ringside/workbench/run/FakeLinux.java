package ringside.workbench.run;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import ringside.boot.BootOptions;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;

/**
 * A guest with what tools look for in a Linux, laid out by hand: symbols, a description of its types, per-CPU data in
 * the upper half, tasks; and a little assembler for the code that a test wants it to run. Interrupt 80h returns at
 * once.
 */
public final class FakeLinux {
    private static final int BASE = 0x10000, SIZE = 0x8000;
    private static final int BTF = 0x11000, IDT = 0x14000, IDTR = 0x15000, CALLS = 0x15100;
    private static final int SWITCH_TO = 0x10f00, HANDLER = 0x10f80, PANIC = 0x10fc0;
    /** Two tasks, and the per-CPU data: where a kernel begins with them, and where it moves them. */
    public static final int TASK = 0x12000, OTHER = 0x12400, FIRST_CPU_DATA = 0x13000, CPU_DATA = 0x13800;

    public static final long UPPER = 0xffff_ff80_0000_0000L;
    /** In the per-CPU data. */
    public static final int PREEMPT_COUNT = 0x100, CURRENT = 0x108;
    /** In a task. */
    public static final int TASKS = 0, PID = 16, COMM = 24, SIGNAL = 64, THREAD_NODE = 72, SP = 96;

    private final ByteBuffer memory = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteArrayOutputStream code = new ByteArrayOutputStream();
    private final ByteArrayOutputStream types = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private String more = "";

    public FakeLinux() {
        types();
        task(TASK, 1, "one\0");
        task(OTHER, 2, "two\0");
        // the tables of the first page directory pointer for the upper half too
        code("0f20d8" + "488b08" + "488988f80f0000");
        cpuData(FIRST_CPU_DATA);
        // lidt, and a gate of CS 8 at vector 80h
        memory.putShort(IDTR - BASE, (short) 0xfff).putLong(IDTR - BASE + 2, IDT);
        memory.putShort(IDT - BASE + 0x800, (short) HANDLER)
                .putShort(IDT - BASE + 0x802, (short) 8)
                .putShort(IDT - BASE + 0x804, (short) 0x8e00)
                .putShort(IDT - BASE + 0x806, (short) (HANDLER >> 16));
        memory.putShort(HANDLER - BASE, (short) 0xcf48); // iretq
        memory.put(SWITCH_TO - BASE, (byte) 0xc3);
        for (int i = 0; i < 8; i++) memory.putLong(CALLS - BASE + 8 * i, PANIC + i);
        code("0f011c25").word(IDTR);
        code("48b8").quad(TASK).code("6548890425").word(CURRENT);
    }

    // ---- what is in memory ----

    private int name(String s) {
        int at = strings.size();
        strings.writeBytes((s + "\0").getBytes(StandardCharsets.ISO_8859_1));
        return at;
    }

    private void words(int... w) {
        for (int x : w)
            types.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(x)
                    .array());
    }

    /** @param members names and offsets, each of type 1, int; or of the structure before if the name ends in '*' */
    private void struct(int number, String name, int size, Object... members) {
        words(name(name), 4 << 24 | members.length / 2, size);
        for (int i = 0; i < members.length; i += 2) {
            String m = (String) members[i];
            boolean nested = m.endsWith("*");
            words(name(nested ? m.substring(0, m.length() - 1) : m), nested ? number - 1 : 1, 8 * (int) members[i + 1]);
        }
    }

    private void types() {
        name("");
        words(name("int"), 1 << 24, 4, 0x20);
        struct(2, "thread_struct", 8, "sp", 0);
        struct(
                3,
                "task_struct",
                256,
                "tasks",
                TASKS,
                "pid",
                PID,
                "comm",
                COMM,
                "__state",
                48,
                "mm",
                56,
                "signal",
                SIGNAL,
                "thread_node",
                THREAD_NODE,
                "thread*",
                SP);
        struct(4, "signal_struct", 64, "thread_head", 16);
        struct(5, "inactive_task_frame", 64, "bp", 40, "ret_addr", 48);
        struct(6, "mm_struct", 64, "start_code", 8);
        ByteBuffer b = ByteBuffer.allocate(24 + types.size() + strings.size()).order(ByteOrder.LITTLE_ENDIAN);
        b.putShort((short) 0xeb9f).putShort((short) 1).putInt(24).putInt(0).putInt(types.size());
        b.putInt(types.size()).putInt(strings.size()).put(types.toByteArray()).put(strings.toByteArray());
        put(BTF, b.array());
        more += String.format("%x D __start_BTF\n%x D __stop_BTF\n", BTF, BTF + b.capacity());
    }

    private void task(int at, int pid, String comm) {
        put(at + PID, pid);
        put(at + COMM, comm.getBytes(StandardCharsets.ISO_8859_1));
        put(at + TASKS, at);
    }

    public FakeLinux put(int at, byte... bytes) {
        memory.put(at - BASE, bytes);
        return this;
    }

    public FakeLinux put(int at, long value) {
        memory.putLong(at - BASE, value);
        return this;
    }

    /** @param lines of the System.map */
    public FakeLinux symbols(String lines) {
        more += lines;
        return this;
    }

    // ---- code ----

    public FakeLinux code(String hex) {
        code.writeBytes(java.util.HexFormat.of().parseHex(hex));
        return this;
    }

    public FakeLinux word(int value) {
        code.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
        return this;
    }

    public FakeLinux quad(long value) {
        word((int) value);
        return word((int) (value >>> 32));
    }

    /** The base of GS points there, in the upper half. */
    public FakeLinux cpuData(int at) {
        return code("b9010100c0" + "ba80ffffff" + "b8").word(at).code("0f30");
    }

    /** Changes to a task, as the kernel would. */
    public FakeLinux switchTo(long task) {
        code("48b8").quad(task).code("6548890425").word(CURRENT);
        code("48bf").quad(TASK).code("48be").quad(task);
        return callSwitchTo();
    }

    /** Five bytes. */
    public FakeLinux callSwitchTo() {
        code("e8");
        return word(SWITCH_TO - (BASE + code.size() + 4));
    }

    // ---- the machine ----

    public KnownKernel known(Path folder) throws Exception {
        Path map = folder.resolve("System.map");
        Files.writeString(
                map,
                String.format(
                                "%x D __preempt_count\n"
                                        + "%x D current_task\n"
                                        + "%x T _text\n"
                                        + "%x T __switch_to\n"
                                        + "%x T int80\n"
                                        + "%x T panic\n"
                                        + "%x D init_task\n"
                                        + "%x D ia32_sys_call_table\n",
                                PREEMPT_COUNT, CURRENT, BASE, SWITCH_TO, HANDLER, PANIC, TASK, CALLS)
                        + more);
        // of a kernel's file only the form counts when there are symbols
        return KnownKernel.read(Path.of("../testdata/demo/demo.elf"), map);
    }

    public Machine load(Path folder, Machine.EngineFactory engine) throws Exception {
        return load(folder, engine, MachineConfig.standard());
    }

    public Machine load(Path folder, Machine.EngineFactory engine, MachineConfig config) throws Exception {
        put(BASE, code.toByteArray());
        Path file = folder.resolve("linux.bin");
        Files.write(file, memory.array());
        BootOptions boot = new BootOptions(
                "", List.of(), new BootOptions.RawCode(BASE, BootOptions.CodeMode.LONG), BootOptions.DEFAULT_NAME);
        return new Guest(file, boot, config).load(engine);
    }
}
