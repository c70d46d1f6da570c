package ringside.translator;

/**
 * The translator's limits.
 *
 * @param translateAfter entries of a block before a region is made from it; 1 makes one at the first entry, on the
 *     CPU's thread, from the blocks that have been decoded by then
 * @param background whether regions are made on another thread (only above 1)
 * @param maxInstructions guest instructions in a region
 * @param maxMethodBytes bytecode of a region's method; HotSpot compiles none above 8000
 * @param cacheRegions regions held before all are dropped
 */
public record TranslatorOptions(
        int translateAfter, boolean background, int maxInstructions, int maxMethodBytes, int cacheRegions) {
    public static final int DEFAULT_TRANSLATE_AFTER = 2000;

    public TranslatorOptions {
        if (translateAfter < 1) throw new IllegalArgumentException("translate after " + translateAfter);
    }

    public static TranslatorOptions standard() {
        return after(DEFAULT_TRANSLATE_AFTER);
    }

    public static TranslatorOptions after(int entries) {
        return new TranslatorOptions(entries, entries > 1, 200, 7800, 1 << 15);
    }

    /** The same limits with another threshold; 1 means on the CPU's thread. */
    public TranslatorOptions withTranslateAfter(int entries) {
        return new TranslatorOptions(entries, entries > 1, maxInstructions, maxMethodBytes, cacheRegions);
    }

    public TranslatorOptions withBackground(boolean on) {
        return new TranslatorOptions(translateAfter, on, maxInstructions, maxMethodBytes, cacheRegions);
    }

    public TranslatorOptions withCacheRegions(int regions) {
        return new TranslatorOptions(translateAfter, background, maxInstructions, maxMethodBytes, regions);
    }
}
