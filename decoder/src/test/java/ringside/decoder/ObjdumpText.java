package ringside.decoder;

import java.util.Set;

/**
 * Brings the text of {@code objdump -d -w -M intel} and of our {@link Formatter} to one form, and names the differences
 * between the two that are known and wanted.
 *
 * <ul>
 * <li>Prefixes without effect and hints are left out: data16, addr32, rex, segment names alone, bnd, notrack, xacquire,
 *     {@code ,pt}.
 * <li>A SIB byte without index ({@code riz}) is left out.
 * <li>objdump joins WAIT with a following x87 instruction; the processor executes two.
 * <li>objdump shows AMD's XOP and FMA4, 3DNow!, AMX, key locker, RAO-INT, TDX and Padlock, which are invalid here.
 * <li>objdump ignores that 66 is not allowed (NP in the manual) before some system instructions.
 * <li>objdump shows 66 E8 and 66 E9 as 16-bit branches in 64-bit mode unless told {@code intel64}; Intel ignores 66.
 * <li>objdump calls aliases of x87 register forms (DC D0, DD C8, DF D0...) and register forms of the prefetch opcode
 *     bad; they execute.
 * <li>objdump calls VMMCALL with F2 or F3 vmgexit.
 * <li>objdump shows a MOV to CS, which is invalid.
 * </ul>
 */
final class ObjdumpText {
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "data16",
            "data32",
            "addr32",
            "addr16",
            "cs",
            "ds",
            "es",
            "ss",
            "fs",
            "gs",
            "notrack",
            "bnd",
            "xacquire",
            "xrelease",
            "rex",
            "repz",
            "repnz",
            "rep");

    private ObjdumpText() {}

    static String normalise(String text) {
        String s = cut(cut(text, "        # "), " <").strip().replaceAll(" +", " ");
        s = withoutPrefixes(s);
        s = s.replaceAll("([c-gs]s:)\\[[re]iz\\*\\d\\+(0x\\w+)\\]", "$1$2")
                .replaceAll("\\[[re]iz\\*\\d\\+(0x\\w+)\\]", "ds:$1");
        s = s.replaceAll("\\+[re]iz\\*\\d", "").replaceAll("^(j\\w+|call\\w*|loop\\w*|xbegin) ([0-9a-f]+)$", "$1 0x$2");
        return s.replaceAll("^(j\\w+),p[nt] ", "$1 ").strip();
    }

    private static String cut(String text, String end) {
        int index = text.indexOf(end);
        return index < 0 ? text : text.substring(0, index);
    }

    private static String withoutPrefixes(String text) {
        String repeat = "";
        String rest = text;
        while (true) {
            int space = rest.indexOf(' ');
            String word = space < 0 ? "" : rest.substring(0, space);
            if (!word.startsWith("rex.") && !WITHOUT_EFFECT.contains(word)) break;
            if (word.startsWith("rep")) repeat = word + " ";
            rest = rest.substring(space + 1);
        }
        boolean string = rest.matches("(movs|cmps|stos|lods|scas|ins|outs) .*\\[.*");
        return (string ? repeat : "") + rest;
    }

    /** @return whether a difference in this instruction is one of those explained above */
    static boolean isExplained(String objdump, byte[] bytes) {
        if (objdump.contains("(bad)") || objdump.contains("?") || objdump.contains("(8087") || objdump.contains("(287"))
            return true;
        if ((bytes[0] & 0xff) == 0x9b
                || (bytes[0] & 0xff) == 0x8f
                || objdump.startsWith(".byte")
                || objdump.startsWith("mov cs,")) return true;
        return objdump.matches(
                        "(.*\\s)?(vf[n]?m(add|sub)\\w*|tile\\w+|tdp\\w+|[ls]dtilecfg|sttilecfg|vmgexit|femms|pf\\w+|pmulhrw|pswapd|pi2f\\w|data16|rex\\S*|addr32|repz|repnz|lock|[c-gs]s|vpcmp[ei]str\\w+q|pcmp[ei]str\\w+q)("
                            + " .*)?")
                && !isFma3(objdump);
    }

    private static boolean isFma3(String objdump) {
        return objdump.matches("(.* )?vf\\w+(132|213|231)\\w+ .*");
    }
}
