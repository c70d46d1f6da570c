package ringside.translator;

/**
 * The translator's limits.
 *
 * @param translateAfter entries of a block before a region is made from it; 1 makes one at the first entry, on the
 *     CPU's thread, from the blocks that have been decoded by then
 * @param background whether regions are made on another thread (only above 1)
 * @param joinAfter times that an indirect jump leaves a region before it is joined with those it leads to; 0 for never
 * @param maxInstructions guest instructions in a region
 * @param maxMethodBytes bytecode of a region's method; HotSpot compiles none above 8000
 * @param cacheRegions regions held before all are dropped
 */
public record TranslatorOptions(
        int translateAfter,
        boolean background,
        int joinAfter,
        int maxInstructions,
        int maxMethodBytes,
        int cacheRegions) {
    public static final int DEFAULT_TRANSLATE_AFTER = 2000;
    /** How many times longer than to translate a block it takes to join regions: by then all places are known. */
    private static final int JOIN = 50;

    /** Checks the options. */
    public TranslatorOptions {
        if (translateAfter < 1) throw new IllegalArgumentException("translate after " + translateAfter);
    }

    /** {@return the options of a machine that nothing else is said for} */
    public static TranslatorOptions standard() {
        return after(DEFAULT_TRANSLATE_AFTER);
    }

    /**
     * {@return the standard options with another threshold}
     *
     * @param entries how often a block is entered before it is translated
     */
    public static TranslatorOptions after(int entries) {
        return new TranslatorOptions(entries, entries > 1, joinAfter(entries), 200, 7800, 1 << 15);
    }

    private static int joinAfter(int entries) {
        return entries <= Integer.MAX_VALUE / JOIN ? JOIN * entries : 0;
    }

    /**
     * The same limits with another threshold; 1 means on the CPU's thread.
     *
     * @param entries how often a block is entered before it is translated
     * @return the copy
     */
    public TranslatorOptions withTranslateAfter(int entries) {
        return new TranslatorOptions(
                entries, entries > 1, joinAfter(entries), maxInstructions, maxMethodBytes, cacheRegions);
    }

    /**
     * {@return the same with translation in the background or not}
     *
     * @param on whether another thread translates while the guest runs
     */
    public TranslatorOptions withBackground(boolean on) {
        return new TranslatorOptions(translateAfter, on, joinAfter, maxInstructions, maxMethodBytes, cacheRegions);
    }

    /**
     * {@return the same with another size of the code cache}
     *
     * @param regions how many regions are kept at most
     */
    public TranslatorOptions withCacheRegions(int regions) {
        return new TranslatorOptions(translateAfter, background, joinAfter, maxInstructions, maxMethodBytes, regions);
    }
}
