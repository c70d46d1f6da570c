package ringside.translator;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the translator did, for {@code --stats}; written by the CPU's and the translating thread, read when the run has
 * ended.
 */
public final class TranslatorStatistics {
    volatile long regions,
            blocks,
            guestInstructions,
            classBytes,
            translationNanos,
            handlerCalls,
            tooLarge,
            joined,
            voidOnArrival;
    /** Instructions retired inside regions; all others by the interpreter. */
    long retiredInRegions;

    long regionEntries, links, returns, steps, evictions;
    /** Of regions that are void by now: entries, and how many were never entered. */
    long voidEntries, voidUnused;

    long unused;

    /** All figures zero. */
    TranslatorStatistics() {}

    /** {@return figures by name, in the order to print them} */
    public Map<String, Long> figures() {
        Map<String, Long> m = new LinkedHashMap<>();
        m.put("regions translated", regions);
        m.put("blocks translated", blocks);
        m.put("guest instructions translated", guestInstructions);
        m.put("handler calls emitted", handlerCalls);
        m.put("class bytes", classBytes);
        m.put("translation ms", translationNanos / 1_000_000);
        m.put("regions cut to the method size limit", tooLarge);
        m.put("regions void on arrival", voidOnArrival);
        m.put("regions that join others", joined);
        m.put("regions never entered", unused);
        m.put("region entries", regionEntries);
        m.put("region entries by link", links);
        m.put("region entries by predicted return", returns);
        m.put("instructions retired in regions", retiredInRegions);
        m.put("instructions stepped out of regions", steps);
        m.put("code cache evictions", evictions);
        return m;
    }

    /** {@return guest instructions that retired in translated code} */
    public long retiredInRegions() {
        return retiredInRegions;
    }

    /** {@return how many regions were translated} */
    public long regions() {
        return regions;
    }

    /** {@return how many blocks those regions hold together} */
    public long blocks() {
        return blocks;
    }

    /** {@return how many of the regions join others at an indirect jump} */
    public long joined() {
        return joined;
    }

    /** {@return how often the code cache was full and something had to be dropped} */
    public long evictions() {
        return evictions;
    }
}
