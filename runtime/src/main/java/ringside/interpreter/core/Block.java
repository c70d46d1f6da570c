package ringside.interpreter.core;

/**
 * A basic block of pre-decoded instructions, keyed by where its first byte lies in host memory (equivalent to its
 * physical address) and by the CPU's mode bits. Lies in one page, save that an instruction that runs into the next page
 * forms a block of its own.
 */
public final class Block {
    /** Host address of the first byte; 0 for code outside RAM, which is never cached. */
    public final long host;
    /** Guest physical address of the first byte. */
    public final long pa;

    public final int mode;
    public final Op[] ops;
    /** Length in bytes. */
    public final int length;
    /** Host address of the page that its only instruction runs into, or 0. */
    public final long nextPageHost;
    /** False once a byte of it was overwritten or the cache was dropped. */
    public boolean valid = true;
    /** Times it was entered; the translator's heat counter. */
    public int entries;
    /** Host time of {@link System#nanoTime} when it was last found warm, 0 before; steers translation only. */
    public long warmAt;

    /** How often it was found warm; steers translation only. */
    public int warmings;
    /** About how often it was entered before it was translated; steers translation only. */
    public int heat;
    /** The translator's compiled form, or null; owned by the translator. */
    public Object compiled;

    public Block(long host, long pa, int mode, Op[] ops, int length, long nextPageHost) {
        this.host = host;
        this.pa = pa;
        this.mode = mode;
        this.ops = ops;
        this.length = length;
        this.nextPageHost = nextPageHost;
    }

    /** @return bytes from the block's start to instruction {@code index} */
    public int offset(int index) {
        int o = 0;
        for (int i = 0; i < index; i++) o += ops[i].length;
        return o;
    }
}
