package ringside.workbench.run;

import ringside.workbench.UsageException;

/** Interrupt vectors by number and by the names of the SDM, vol. 3, table 6-1. */
public final class Vectors {
    private static final String[] NAMES = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", null, "#TS", "#NP", "#SS", "#GP", "#PF", null,
        "#MF", "#AC", "#MC", "#XM", "#VE", "#CP"
    };

    private Vectors() {}

    /** @return as the manual has it: #PF; NMI for 2; the number if it has none */
    public static String name(int vector) {
        return vector < NAMES.length && NAMES[vector] != null ? NAMES[vector] : Integer.toString(vector);
    }

    /** @param option its name, for messages @param text a number, or a name with or without # */
    public static int parse(String option, String text) {
        for (int v = 0; v < NAMES.length; v++) {
            if (NAMES[v] != null && (text.equalsIgnoreCase(NAMES[v]) || ("#" + text).equalsIgnoreCase(NAMES[v])))
                return v;
        }
        try {
            int v = Integer.decode(text);
            if (v >= 0 && v <= 255) return v;
        } catch (NumberFormatException e) {
            throw new UsageException(option + ": '" + text + "' is no vector: a number or a name as #PF");
        }
        throw new UsageException(option + ": vectors go to 255");
    }
}
