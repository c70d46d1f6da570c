package ringside.interpreter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ringside.cpu.Cpu;
import ringside.cpu.Interrupts;
import ringside.cpu.Observer;
import ringside.cpu.Vector;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.interpreter.core.Block;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.StackHook;
import ringside.memory.HostMemory;
import ringside.memory.PhysicalMemory;

/**
 * Decoded blocks of one CPU by host address and mode, and the fetch that fills them. Dropped page by page when the
 * guest writes to decoded bytes ({@link PhysicalMemory.CodeListener}), all at once when it holds too many.
 */
public final class BlockCache implements PhysicalMemory.CodeListener {
    /** Longest block, in instructions. */
    public static final int MAX_OPS = 64;

    private static final int SLOTS = 1 << 14;
    /** Instructions held before everything is dropped: about a quarter of the heap, as one takes some 250 bytes. */
    private static final int MOST_INSTRUCTIONS =
            (int) Math.clamp(Runtime.getRuntime().maxMemory() >>> 10, 1 << 17, 1 << 21);

    /** Blocks held before everything is dropped. */
    int capacity = 1 << 18;

    private final Cpu cpu;
    private final PhysicalMemory physical;
    private final OpFactory factory = new OpFactory();
    private final Block[] recent = new Block[SLOTS];
    private final Block[] recentSingles = new Block[1 << 10];
    private final Map<Long, List<Block>> byPage = new HashMap<>();
    private final Map<Long, Block> byKey = new HashMap<>();
    private final byte[] bytes = new byte[Instruction.MAX_LENGTH];
    /** Blocks of one instruction, for {@link #lookupSingle}. */
    private final Map<Long, Block> singles = new HashMap<>();

    private int held;
    /** Blocks in {@link #byPage}, those that others have taken the place of included. */
    private int listed;
    /** Instructions in the valid ones of them. */
    private int instructions;
    /** Statistics: blocks decoded, pages of code dropped because they were written to. */
    public long built, pagesDropped;

    private Runnable whenDropped = () -> {};

    public BlockCache(Cpu cpu, PhysicalMemory physical) {
        this.cpu = cpu;
        this.physical = physical;
        physical.addCodeListener(this);
    }

    /** @return instructions of the blocks that are held */
    public int instructions() {
        return instructions;
    }

    /** @param r called when all blocks have been dropped */
    public void whenDropped(Runnable r) {
        whenDropped = r;
    }

    public OpFactory factory() {
        return factory;
    }

    private static int slot(long host, int mode) {
        long h = (host ^ (long) mode << 20) * 0x9E37_79B9_7F4A_7C15L;
        return (int) (h >>> 50);
    }

    private boolean continues(Block b, long la) {
        return b.nextPageHost == 0 || cpu.mem.execHost(nextPage(la)) == b.nextPageHost;
    }

    private long nextPage(long la) {
        long n = (la & -4096L) + 4096;
        return cpu.code64() ? n : n & 0xffff_ffffL;
    }

    /** @return the block at the CPU's CS:RIP for its present mode; throws the fetch's fault */
    public Block lookup() {
        if (cpu.stopsHere()) throw cpu.fault(Interrupts.STEP_MODE, 0);
        if (cpu.nearCodeLimit()) return lookupSingle();
        long la = cpu.codeLinear();
        long host = cpu.mem.execHost(la);
        if (host != 0) {
            Block b = recent[slot(host, cpu.mode)];
            if (b != null
                    && b.host == host
                    && b.mode == cpu.mode
                    && b.valid
                    && (b.nextPageHost == 0 || continues(b, la))) return b;
        }
        return lookupSlow(la, host);
    }

    private static long key(long host, int mode) {
        return host << 11 ^ mode;
    }

    private Block lookupSlow(long la, long host) {
        if (host == 0) return build(la, 0, 1);
        Block b = byKey.get(key(host, cpu.mode));
        if (b == null || !b.valid || !continues(b, la)) {
            if (held >= capacity) dropAll();
            b = build(la, host, MAX_OPS);
            if (b.host != 0) {
                held++;
                byKey.put(key(host, b.mode), b);
                remember(b);
            }
        }
        recent[slot(host, b.mode)] = b;
        return b;
    }

    /** @return the valid block already decoded at this host address for this mode, or null; no side effect */
    public Block find(long host, int mode) {
        Block b = byKey.get(key(host, mode));
        return b != null && b.valid ? b : null;
    }

    /**
     * @return a block of just the instruction at CS:RIP, for step mode and near the limit of CS; throws the fetch's
     *     fault
     */
    public Block lookupSingle() {
        if (!cpu.nearCodeLimit()) return decodedSingle();
        stopAt(cpu.codeLinear());
        cpu.checkCodeLimit(1);
        Block b = decodedSingle();
        cpu.checkCodeLimit(b.length);
        return b;
    }

    private Block decodedSingle() {
        long la = cpu.codeLinear();
        stopAt(la);
        long host = cpu.mem.execHost(la);
        if (host == 0) return build(la, 0, 1);
        int s = slot(host, cpu.mode) >>> 4;
        Block b = recentSingles[s];
        if (b == null || b.host != host || b.mode != cpu.mode || !b.valid || !continues(b, la)) {
            b = singles.get(key(host, cpu.mode));
            if (b == null || !b.valid || !continues(b, la)) {
                if (singles.size() >= capacity) dropAll();
                b = build(la, host, 1);
                if (b.host == 0) return b;
                singles.put(key(host, b.mode), b);
                remember(b);
            }
            recentSingles[s] = b;
        }
        return b;
    }

    private void remember(Block b) {
        listed++;
        instructions += b.ops.length;
        byPage.computeIfAbsent(b.pa & -4096L, k -> new ArrayList<>()).add(b);
        if (b.nextPageHost != 0) {
            listed++;
            byPage.computeIfAbsent(nextPa(b), k -> new ArrayList<>()).add(b);
        }
    }

    private boolean building;
    private final Map<Block, Long> crossing = new HashMap<>();

    private long nextPa(Block b) {
        return crossing.get(b);
    }

    /** @return whether a breakpoint lies here and is to be passed */
    private boolean stopAt(long la) {
        if (!cpu.observers.breaksAt(la)) return false;
        if (!cpu.observers.passing()) throw cpu.fault(Observer.BREAKPOINT, 0);
        return true;
    }

    /** {@return whether a block is being decoded; readable from any thread, for statistics only} */
    public boolean building() {
        return building;
    }

    /** @param host as {@link ringside.memory.LinearMemory#execHost} has it, 0 if the page is not RAM */
    private Block build(long la, long host, int limit) {
        building = true;
        try {
            return decoded(la, host, limit);
        } finally {
            building = false;
        }
    }

    private Block decoded(long la, long host, int limit) {
        // the page that the TLB fetches from, which need not be the one that the page tables name by now
        long pa = host != 0 ? physical.physicalAddress(host) : cpu.mem.fetchPhysical(la);
        if (stopAt(la)) {
            // for this once: no block that holds it may be found later
            host = 0;
            limit = 1;
        }
        if (listed > 2 * capacity || instructions > MOST_INSTRUCTIONS) dropAll();
        built++;
        int mode = cpu.mode;
        int bits = switch (mode & Cpu.MODE_MASK) {
            case Cpu.MODE_64 -> 64;
            case Cpu.MODE_32 -> 32;
            default -> 16;
        };
        List<Op> ops = new ArrayList<>();
        int length = 0;
        // bytes that the block depends on, behind its end too if its last is no instruction
        int looked = 0;
        long nextPageHost = 0;
        long nextPagePa = 0;
        while (ops.size() < limit) {
            int inPage = 4096 - (int) (la + length & 0xfff);
            if (length > 0 && ((la & 0xfff) + length >= 4096 || cpu.observers.breaksAt(la + length))) break;
            int have = Math.min(inPage, Instruction.MAX_LENGTH);
            fetch(la + length, host == 0 ? 0 : host + length, 0, have);
            Instruction i = new Instruction();
            int n = Decoder.decode(bytes, 0, have, bits, cpu.model.amd(), i);
            boolean crosses = false;
            if (n == Decoder.TRUNCATED && have < Instruction.MAX_LENGTH) {
                // stands in a block of its own, so that a fault on the second page is its fault and not that of an
                // instruction before it
                if (!ops.isEmpty()) break;
                long second = nextPage(la + length);
                long secondHost = cpu.mem.execHost(second);
                // the walk may have set accessed flags in the first page
                fetch(la + length, host == 0 ? 0 : host + length, 0, have);
                fetch(second, secondHost, have, Instruction.MAX_LENGTH - have);
                n = Decoder.decode(bytes, 0, Instruction.MAX_LENGTH, bits, cpu.model.amd(), i);
                crosses = true;
                nextPageHost = secondHost;
                nextPagePa = secondHost != 0 ? physical.physicalAddress(secondHost) : cpu.mem.fetchPhysical(second);
                if (secondHost == 0) host = 0;
            }
            if (n == Decoder.TOO_LONG || n == Decoder.TRUNCATED) {
                if (!ops.isEmpty()) break;
                throw cpu.fault(Vector.GP, 0);
            }
            looked = length + n;
            if (n < 0) {
                i = new Instruction();
                i.mode = bits;
                i.length = 1;
                looked = length + (crosses ? Instruction.MAX_LENGTH : have);
            }
            Op op = factory.create(i, mode, cpu.model);
            ops.add(op);
            length += i.length;
            if (crosses || op.endsBlock()) break;
        }
        StackHook.attach(ops);
        if (host == 0) return new Block(0, pa, mode, ops.toArray(Op[]::new), length, 0);
        int here = (int) Math.min(looked, 4096 - (pa & 0xfff));
        physical.markCode(pa, here);
        Block b = new Block(host, pa, mode, ops.toArray(Op[]::new), length, nextPageHost);
        if (nextPageHost != 0) {
            physical.markCode(nextPagePa, looked - here);
            crossing.put(b, nextPagePa);
        }
        return b;
    }

    private void fetch(long la, long host, int at, int count) {
        if (host != 0) {
            HostMemory.read(host, bytes, at, count);
            return;
        }
        long pa = cpu.mem.fetchPhysical(la);
        for (int i = 0; i < count; i++) bytes[at + i] = (byte) physical.read(pa + i, 1);
    }

    @Override
    public void codeFound(long page) {
        cpu.mem.protectCodePage(page);
    }

    @Override
    public void codeWritten(long page) {
        pagesDropped++;
        List<Block> blocks = byPage.remove(page);
        if (blocks == null) return;
        listed -= blocks.size();
        for (Block b : blocks) {
            if (b.valid) instructions -= b.ops.length;
            b.valid = false;
            crossing.remove(b);
            singles.remove(key(b.host, b.mode), b);
            if (byKey.get(key(b.host, b.mode)) == b) {
                byKey.remove(key(b.host, b.mode));
                held--;
            }
        }
    }

    /** Drops every block; code marks stay (they cost a slow store at most). */
    public void dropAll() {
        for (List<Block> l : byPage.values()) {
            for (Block b : l) b.valid = false;
        }
        byPage.clear();
        byKey.clear();
        crossing.clear();
        singles.clear();
        Arrays.fill(recent, null);
        Arrays.fill(recentSingles, null);
        held = 0;
        instructions = 0;
        listed = 0;
        whenDropped.run();
    }
}
