package ringside.cpu;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What the guest is told it runs on: the advertised features. The CPUID leaves built from it are in class Cpuid. */
public final class CpuModel {
    /** Optional instruction groups and system features; each that is advertised is wholly implemented. */
    public enum Feature {
        SSE3, SSSE3, PCLMULQDQ, FMA, CX16, PCID, SSE4_1, SSE4_2, MOVBE, POPCNT, AES, XSAVE, AVX, F16C, RDRAND, FSGSBASE, BMI1, AVX2, SMEP, BMI2,
        ERMS, INVPCID, RDSEED, ADX, SMAP, CLFLUSHOPT, CLWB, SHA, UMIP, LA57, RDPID, LZCNT, XSAVEOPT, XSAVEC, XSAVES, PDPE1GB, RDTSCP, X2APIC, TSC_DEADLINE, FSRM,
        SHSTK, IBT, GFNI, VAES, VPCLMULQDQ, PKU, MOVDIRI
    }

    /** Features that have no part in the user-level instruction set: every named model has them. */
    private static final Set<Feature> SYSTEM = EnumSet.of(Feature.PCID, Feature.XSAVE, Feature.SMEP, Feature.SMAP, Feature.INVPCID, Feature.FSGSBASE, Feature.ERMS,
            Feature.FSRM, Feature.PDPE1GB, Feature.RDTSCP, Feature.X2APIC, Feature.TSC_DEADLINE, Feature.UMIP, Feature.CLFLUSHOPT, Feature.XSAVEOPT,
            Feature.XSAVEC);
    /** What the x86-64 psABI calls x86-64-v2, beyond the baseline. */
    private static final Set<Feature> V2 = EnumSet.of(Feature.CX16, Feature.POPCNT, Feature.SSE3, Feature.SSSE3, Feature.SSE4_1, Feature.SSE4_2);
    /** What it calls x86-64-v3, beyond v2. */
    private static final Set<Feature> V3 = EnumSet.of(Feature.AVX, Feature.AVX2, Feature.BMI1, Feature.BMI2, Feature.F16C, Feature.FMA, Feature.LZCNT, Feature.MOVBE);
    private static final Set<Feature> OTHERS = EnumSet.of(Feature.AES, Feature.PCLMULQDQ, Feature.SHA, Feature.LZCNT, Feature.MOVBE, Feature.BMI1, Feature.BMI2, Feature.ADX,
            Feature.CLWB, Feature.RDPID, Feature.RDRAND, Feature.RDSEED, Feature.VAES, Feature.VPCLMULQDQ);

    /** Implemented, and given only when asked for by name. */
    private static final Set<Feature> ON_REQUEST = EnumSet.of(Feature.XSAVES, Feature.SHSTK, Feature.IBT);

    /** Features that make no sense without another one, in an order in which one pass is enough. */
    private record Dependency(Feature needed, Set<Feature> by) {}

    private static final Dependency[] DEPENDENCIES = {
        new Dependency(Feature.XSAVE, EnumSet.of(Feature.XSAVEOPT, Feature.XSAVEC, Feature.XSAVES, Feature.AVX)),
        new Dependency(Feature.AVX, EnumSet.of(Feature.AVX2, Feature.F16C, Feature.FMA, Feature.VAES, Feature.VPCLMULQDQ)),
        new Dependency(Feature.AES, EnumSet.of(Feature.VAES)),
        new Dependency(Feature.PCLMULQDQ, EnumSet.of(Feature.VPCLMULQDQ))};

    private final Set<Feature> features;

    public CpuModel(Set<Feature> features) {
        this.features = features.isEmpty() ? EnumSet.noneOf(Feature.class) : EnumSet.copyOf(features);
    }

    public boolean has(Feature f) {
        return features.contains(f);
    }

    /** @return the model that is given when none is asked for: all that is implemented */
    public static CpuModel standard() {
        return implemented();
    }

    /** @return the model with every feature that is implemented, "max" */
    public static CpuModel implemented() {
        return new CpuModel(implementedFeatures());
    }

    private static Set<Feature> implementedFeatures() {
        Set<Feature> f = EnumSet.copyOf(SYSTEM);
        f.addAll(V2);
        f.addAll(V3);
        f.addAll(OTHERS);
        return f;
    }

    /**
     * Makes a model from a description: a name (baseline, v2, v3, max; without one max), and features to add and to take away, separated by commas:
     * {@code v2,+aes,-pcid}. The levels are those of the x86-64 psABI, with all system features.
     *
     * @throws IllegalArgumentException with a message for the user if a name is unknown or a feature is not implemented
     */
    public static CpuModel parse(String text) {
        String[] parts = text.split(",");
        boolean named = !parts[0].startsWith("+") && !parts[0].startsWith("-");
        Set<Feature> f = named ? level(parts[0]) : implementedFeatures();
        for (int i = named ? 1 : 0; i < parts.length; i++) {
            String name = parts[i].strip();
            if (name.startsWith("+")) {
                f.add(feature(name.substring(1)));
            } else if (name.startsWith("-")) {
                f.remove(feature(name.substring(1)));
            } else {
                throw new IllegalArgumentException("'" + name + "' is neither +feature nor -feature; there are " + known());
            }
        }
        // software keeps the state of CET by XSAVES only
        if (f.contains(Feature.SHSTK) || f.contains(Feature.IBT)) f.add(Feature.XSAVES);
        for (Dependency d : DEPENDENCIES) {
            if (!f.contains(d.needed)) f.removeAll(d.by);
        }
        Set<Feature> missing = EnumSet.copyOf(f);
        missing.removeAll(implementedFeatures());
        missing.removeAll(ON_REQUEST);
        if (!missing.isEmpty()) throw new IllegalArgumentException("not implemented: " + names(missing) + "; there are " + known());
        return new CpuModel(f);
    }

    private static Set<Feature> level(String name) {
        Set<Feature> f = EnumSet.copyOf(SYSTEM);
        switch (name.strip().toLowerCase(Locale.ROOT)) {
            case "baseline" -> { }
            case "v2" -> f.addAll(V2);
            case "v3" -> {
                f.addAll(V2);
                f.addAll(V3);
            }
            case "max" -> f = implementedFeatures();
            default -> throw new IllegalArgumentException("there is no processor '" + name + "'; there are baseline, v2, v3 and max, each with +feature and -feature: " + known());
        }
        return f;
    }

    private static Feature feature(String name) {
        try {
            return Feature.valueOf(name.strip().toUpperCase(Locale.ROOT).replace('.', '_'));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("there is no feature '" + name + "'; there are " + known());
        }
    }

    private static String known() {
        return names(implementedFeatures()) + ", and on request " + names(ON_REQUEST);
    }

    private static String names(Set<Feature> features) {
        return features.stream().map(x -> x.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
    }
}
