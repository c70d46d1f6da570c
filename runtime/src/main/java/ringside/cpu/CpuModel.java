package ringside.cpu;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the guest is told it runs on: the advertised features. The CPUID leaves built from it are in class Cpuid. */
public final class CpuModel {
    /** Optional instruction groups and system features; each that is advertised is wholly implemented. */
    public enum Feature {
        /** SSE3 instructions. */
        SSE3,
        /** SSSE3 instructions. */
        SSSE3,
        /** Carry-less multiplication. */
        PCLMULQDQ,
        /** Fused multiply-add. */
        FMA,
        /** CMPXCHG16B. */
        CX16,
        /** Process-context identifiers. */
        PCID,
        /** SSE4.1 instructions. */
        SSE4_1,
        /** SSE4.2 instructions. */
        SSE4_2,
        /** Loads and stores with the bytes swapped. */
        MOVBE,
        /** POPCNT. */
        POPCNT,
        /** AES instructions. */
        AES,
        /** XSAVE, XRSTOR and XCR0. */
        XSAVE,
        /** 256-bit floating-point vectors. */
        AVX,
        /** Conversion of half-precision numbers. */
        F16C,
        /** Random numbers. */
        RDRAND,
        /** RDFSBASE, WRGSBASE and their kin. */
        FSGSBASE,
        /** Bit manipulation, first group. */
        BMI1,
        /** 256-bit integer vectors. */
        AVX2,
        /** No execution of user pages by the supervisor. */
        SMEP,
        /** Bit manipulation, second group. */
        BMI2,
        /** Fast REP MOVSB and STOSB. */
        ERMS,
        /** INVPCID. */
        INVPCID,
        /** Seeds for random numbers. */
        RDSEED,
        /** ADCX and ADOX. */
        ADX,
        /** No access to user pages by the supervisor. */
        SMAP,
        /** CLFLUSHOPT. */
        CLFLUSHOPT,
        /** CLWB. */
        CLWB,
        /** SHA-1 and SHA-256 instructions. */
        SHA,
        /** No SGDT, SIDT, SLDT, STR, SMSW for users. */
        UMIP,
        /** Five levels of page tables. */
        LA57,
        /** RDPID. */
        RDPID,
        /** LZCNT. */
        LZCNT,
        /** XSAVEOPT. */
        XSAVEOPT,
        /** XSAVEC and the compacted format. */
        XSAVEC,
        /** XSAVES, XRSTORS and IA32_XSS. */
        XSAVES,
        /** Pages of 1 GiB. */
        PDPE1GB,
        /** RDTSCP and IA32_TSC_AUX. */
        RDTSCP,
        /** The local APIC by MSRs. */
        X2APIC,
        /** The APIC timer's deadline mode. */
        TSC_DEADLINE,
        /** Fast short REP MOVSB. */
        FSRM,
        /** CET shadow stacks. */
        SHSTK,
        /** CET indirect-branch tracking. */
        IBT,
        /** Galois-field instructions. */
        GFNI,
        /** AES on wider vectors. */
        VAES,
        /** CLZERO: AMD's. */
        CLZERO,
        /** EXTRQ, INSERTQ, MOVNTSS and MOVNTSD: AMD's. */
        SSE4A,
        /** MONITORX and MWAITX: AMD's. */
        MWAITX,
        /** A null selector clears base and limit of its segment register; always so on Intel's processors. */
        NSCB,
        /** FXSAVE keeps the pointers to the last x87 instruction without an error, too; always so on Intel's. */
        XSAVEERPTR,
        /** Carry-less multiplication on wider vectors. */
        VPCLMULQDQ,
        /** Protection keys for user pages. */
        PKU,
        /** Protection keys for supervisor pages. */
        PKS,
        /** CLDEMOTE, a hint: a NOP where it is not known. */
        CLDEMOTE,
        /** SERIALIZE. */
        SERIALIZE,
        /** WBNOINVD, which is WBINVD where it is not known. */
        WBNOINVD,
        /** Direct stores. */
        MOVDIRI,
        /** LAHF and SAHF in 64-bit mode. */
        LAHF_LM,
        /** IA32_SPEC_CTRL with IBRS, and IA32_PRED_CMD. */
        SPEC_CTRL,
        /** Single-thread indirect-branch predictors. */
        STIBP,
        /** Enhanced IBRS: IA32_ARCH_CAPABILITIES says that IBRS, once set, is enough. */
        IBRS_ALL,
        /** Control of branch-history injection. */
        BHI_CTRL
    }

    /** Features that have no part in the user-level instruction set: every named model has them. */
    private static final Set<Feature> SYSTEM = EnumSet.of(
            Feature.PCID,
            Feature.XSAVE,
            Feature.SMEP,
            Feature.SMAP,
            Feature.INVPCID,
            Feature.FSGSBASE,
            Feature.ERMS,
            Feature.FSRM,
            Feature.PDPE1GB,
            Feature.RDTSCP,
            Feature.X2APIC,
            Feature.TSC_DEADLINE,
            Feature.UMIP,
            Feature.CLFLUSHOPT,
            Feature.XSAVEOPT,
            Feature.XSAVEC,
            Feature.SPEC_CTRL,
            Feature.STIBP,
            Feature.IBRS_ALL,
            Feature.BHI_CTRL);
    /** What the x86-64 psABI calls x86-64-v2, beyond the baseline. */
    private static final Set<Feature> V2 = EnumSet.of(
            Feature.CX16, Feature.LAHF_LM, Feature.POPCNT, Feature.SSE3, Feature.SSSE3, Feature.SSE4_1, Feature.SSE4_2);
    /** What it calls x86-64-v3, beyond v2. */
    private static final Set<Feature> V3 = EnumSet.of(
            Feature.AVX,
            Feature.AVX2,
            Feature.BMI1,
            Feature.BMI2,
            Feature.F16C,
            Feature.FMA,
            Feature.LZCNT,
            Feature.MOVBE);
    /** What every processor with v3 has besides, from Haswell on. */
    private static final Set<Feature> WITH_V3 = EnumSet.of(Feature.AES, Feature.PCLMULQDQ, Feature.RDRAND);

    private static final Set<Feature> OTHERS = EnumSet.of(
            Feature.SHA,
            Feature.ADX,
            Feature.CLWB,
            Feature.RDPID,
            Feature.RDSEED,
            Feature.VAES,
            Feature.VPCLMULQDQ,
            Feature.GFNI,
            Feature.PKU,
            Feature.PKS,
            Feature.CLDEMOTE,
            Feature.SERIALIZE,
            Feature.WBNOINVD,
            Feature.XSAVES);

    /** What AMD's processors alone have, or alone tell. */
    private static final Set<Feature> AMD =
            EnumSet.of(Feature.CLZERO, Feature.SSE4A, Feature.MWAITX, Feature.NSCB, Feature.XSAVEERPTR);
    /** What they have not, or tell in other ways. */
    private static final Set<Feature> INTEL = EnumSet.of(
            Feature.TSC_DEADLINE,
            Feature.BHI_CTRL,
            Feature.GFNI,
            Feature.PKS,
            Feature.CLDEMOTE,
            Feature.SERIALIZE,
            Feature.MOVDIRI);

    /** Implemented, and given only when asked for by name. */
    private static final Set<Feature> ON_REQUEST = EnumSet.of(Feature.SHSTK, Feature.IBT);

    /** A feature and what cannot be used, or is on no processor, without it. */
    private record Dependency(Feature needed, Set<Feature> by) {}

    private static final Dependency[] DEPENDENCIES = {
        new Dependency(Feature.SSE3, EnumSet.of(Feature.SSSE3)),
        new Dependency(Feature.SSSE3, EnumSet.of(Feature.SSE4_1)),
        new Dependency(Feature.SSE4_1, EnumSet.of(Feature.SSE4_2)),
        new Dependency(Feature.SSE4_2, EnumSet.of(Feature.AVX)),
        new Dependency(Feature.XSAVE, EnumSet.of(Feature.XSAVEOPT, Feature.XSAVEC, Feature.AVX, Feature.PKU)),
        new Dependency(Feature.XSAVEC, EnumSet.of(Feature.XSAVES)),
        // software keeps the state of CET by XSAVES only
        new Dependency(Feature.XSAVES, EnumSet.of(Feature.SHSTK, Feature.IBT)),
        new Dependency(
                Feature.AVX, EnumSet.of(Feature.AVX2, Feature.F16C, Feature.FMA, Feature.VAES, Feature.VPCLMULQDQ)),
        new Dependency(Feature.AES, EnumSet.of(Feature.VAES)),
        new Dependency(Feature.PCLMULQDQ, EnumSet.of(Feature.VPCLMULQDQ)),
        new Dependency(Feature.SPEC_CTRL, EnumSet.of(Feature.STIBP, Feature.IBRS_ALL, Feature.BHI_CTRL)),
        new Dependency(Feature.ERMS, EnumSet.of(Feature.FSRM))
    };

    /** Other names of features: those of Linux's /proc/cpuinfo and of QEMU, with '_' for '-' and '.'. */
    private static final Map<String, Feature> ALIASES = Map.ofEntries(
            Map.entry("pni", Feature.SSE3),
            Map.entry("pclmul", Feature.PCLMULQDQ),
            Map.entry("cmpxchg16b", Feature.CX16),
            Map.entry("abm", Feature.LZCNT),
            Map.entry("sha_ni", Feature.SHA),
            Map.entry("rdrnd", Feature.RDRAND),
            Map.entry("tsc_deadline_timer", Feature.TSC_DEADLINE),
            Map.entry("lahf64", Feature.LAHF_LM),
            Map.entry("xgetbv1", Feature.XSAVEC),
            Map.entry("user_shstk", Feature.SHSTK),
            Map.entry("cet_ss", Feature.SHSTK),
            Map.entry("cet_ibt", Feature.IBT),
            Map.entry("monitorx", Feature.MWAITX),
            Map.entry("null_sel_clr_base", Feature.NSCB),
            Map.entry("gbpages", Feature.PDPE1GB),
            Map.entry("ibrs", Feature.SPEC_CTRL),
            Map.entry("ibrs_enhanced", Feature.IBRS_ALL));

    private final CpuIdentity identity;
    private final Set<Feature> features;
    private final boolean amd;

    /**
     * The newest of the processors with some features.
     *
     * @param features what the processor has
     */
    public CpuModel(Set<Feature> features) {
        this(CpuIdentity.BROADWELL, features);
    }

    private CpuModel(CpuIdentity identity, Set<Feature> features) {
        this.identity = identity;
        this.amd = identity == CpuIdentity.ZEN3;
        this.features = features.isEmpty() ? EnumSet.noneOf(Feature.class) : EnumSet.copyOf(features);
    }

    /** {@return whether it is one of AMD's processors} */
    public boolean amd() {
        return amd;
    }

    /** {@return the processor that CPUID names} */
    public CpuIdentity identity() {
        return identity;
    }

    /**
     * {@return whether the processor has a feature}
     *
     * @param f the feature
     */
    public boolean has(Feature f) {
        return features.contains(f);
    }

    /** {@return the processor and its features by name, as {@link #named} takes them} */
    public String text() {
        return identity.arch() + "," + features.stream().map(Feature::name).collect(Collectors.joining(","));
    }

    /**
     * {@return the model that {@link #text} describes}
     *
     * @param text the name
     * @throws IllegalArgumentException if there is no such processor or feature
     */
    public static CpuModel named(String text) {
        String[] words = text.split(",");
        CpuIdentity identity = Stream.of(
                        CpuIdentity.PENTIUM4,
                        CpuIdentity.NEHALEM,
                        CpuIdentity.HASWELL,
                        CpuIdentity.BROADWELL,
                        CpuIdentity.ZEN3)
                .filter(i -> i.arch().equals(words[0]))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no processor '" + words[0] + "'"));
        return new CpuModel(
                identity, Stream.of(words).skip(1).map(Feature::valueOf).collect(Collectors.toSet()));
    }

    /** {@return the model that is given when none is asked for: all that is implemented} */
    public static CpuModel standard() {
        return implemented();
    }

    /** {@return the model with every feature that is implemented, "max"} */
    public static CpuModel implemented() {
        return new CpuModel(implementedFeatures());
    }

    private static Set<Feature> implementedFeatures() {
        Set<Feature> f = EnumSet.copyOf(SYSTEM);
        f.addAll(V2);
        f.addAll(V3);
        f.addAll(WITH_V3);
        f.addAll(OTHERS);
        return f;
    }

    /**
     * Makes a model from a description: a name (baseline, v2, v3, max or intel, amd; without one max), and features to
     * add and to take away, separated by commas and taken in their order: {@code v2,+aes,-pcid}. A feature comes with
     * what it needs and goes with what needs it. The levels are those of the x86-64 psABI, with all system features.
     * Names are ours, Linux's of /proc/cpuinfo, or QEMU's.
     *
     * @param text what the user wrote
     * @return the processor
     * @throws IllegalArgumentException with a message for the user if a name is unknown or a feature is not implemented
     */
    public static CpuModel parse(String text) {
        String[] parts = text.split(",");
        boolean named = !parts[0].startsWith("+") && !parts[0].startsWith("-");
        String level = named ? parts[0].strip().toLowerCase(Locale.ROOT) : "max";
        CpuIdentity identity = switch (level) {
            case "baseline" -> CpuIdentity.PENTIUM4;
            case "v2" -> CpuIdentity.NEHALEM;
            case "v3" -> CpuIdentity.HASWELL;
            case "amd" -> CpuIdentity.ZEN3;
            default -> CpuIdentity.BROADWELL;
        };
        Set<Feature> f = level(level);
        for (int i = named ? 1 : 0; i < parts.length; i++) {
            String name = parts[i].strip();
            if (name.startsWith("+")) {
                add(f, feature(name.substring(1)));
            } else if (name.startsWith("-")) {
                remove(f, feature(name.substring(1)));
            } else {
                throw new IllegalArgumentException(
                        "'" + name + "' is neither +feature nor -feature; there are " + known());
            }
        }
        Set<Feature> missing = EnumSet.copyOf(f);
        missing.removeAll(implementedFeatures());
        missing.removeAll(ON_REQUEST);
        if (identity == CpuIdentity.ZEN3) missing.removeAll(AMD);
        Set<Feature> foreign = EnumSet.copyOf(f);
        foreign.retainAll(identity == CpuIdentity.ZEN3 ? INTEL : AMD);
        if (!foreign.isEmpty())
            throw new IllegalArgumentException(identity.brand() + " has no " + names(foreign)
                    + (identity == CpuIdentity.ZEN3 ? "" : "; 'amd' has"));
        if (!missing.isEmpty())
            throw new IllegalArgumentException("not implemented: " + names(missing) + "; there are " + known());
        return new CpuModel(identity, f);
    }

    private static Set<Feature> level(String name) {
        Set<Feature> f = EnumSet.copyOf(SYSTEM);
        switch (name) {
            case "baseline" -> {}
            case "v2" -> f.addAll(V2);
            case "v3" -> {
                f.addAll(V2);
                f.addAll(V3);
                f.addAll(WITH_V3);
            }
            case "max", "intel" -> f = implementedFeatures();
            case "amd" -> {
                f = implementedFeatures();
                f.removeAll(INTEL);
                f.addAll(AMD);
            }
            default ->
                throw new IllegalArgumentException("there is no processor '" + name
                        + "'; there are baseline, v2, v3, max (intel) and amd, each with +feature and -feature: "
                        + known());
        }
        return f;
    }

    private static void add(Set<Feature> f, Feature wanted) {
        f.add(wanted);
        for (Dependency d : DEPENDENCIES) {
            if (d.by.contains(wanted) && !f.contains(d.needed)) add(f, d.needed);
        }
    }

    private static void remove(Set<Feature> f, Feature unwanted) {
        f.remove(unwanted);
        for (Dependency d : DEPENDENCIES) {
            if (d.needed == unwanted) d.by.forEach(x -> remove(f, x));
        }
    }

    private static Feature feature(String text) {
        String name = text.strip().toLowerCase(Locale.ROOT).replace('.', '_').replace('-', '_');
        Feature alias = ALIASES.get(name);
        if (alias != null) return alias;
        for (Feature f : Feature.values()) {
            if (f.name().toLowerCase(Locale.ROOT).equals(name)) return f;
        }
        Set<Feature> there = implementedFeatures();
        there.addAll(ON_REQUEST);
        there.addAll(AMD);
        Stream<String> names =
                Stream.concat(there.stream().map(f -> f.name().toLowerCase(Locale.ROOT)), ALIASES.keySet().stream());
        String close = names.filter(n -> distance(n, name) <= Math.max(1, name.length() / 3)
                        || name.length() > 2 && n.startsWith(name)
                        || n.length() > 2 && name.startsWith(n))
                .sorted(Comparator.comparingInt((String n) -> distance(n, name)).thenComparing(n -> n))
                .limit(4)
                .collect(Collectors.joining(", "));
        throw new IllegalArgumentException("there is no feature '" + text.strip() + "'; "
                + (close.isEmpty() ? "" : "close are " + close + "; ") + "there are " + known());
    }

    /** @return how many letters have to be put in, taken out or changed to make one name the other */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    private static String known() {
        return names(implementedFeatures()) + ", and on request " + names(ON_REQUEST) + "; of amd also " + names(AMD);
    }

    private static String names(Set<Feature> features) {
        return features.stream().map(x -> x.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
    }
}
