package ringside.cpu;

import java.util.EnumSet;
import java.util.Set;

/** What the guest is told it runs on: the advertised features. The CPUID leaves built from it are in class Cpuid. */
public final class CpuModel {
    /** Optional instruction groups and system features; each that is advertised is wholly implemented. */
    public enum Feature {
        SSE3, SSSE3, PCLMULQDQ, FMA, CX16, PCID, SSE4_1, SSE4_2, MOVBE, POPCNT, AES, XSAVE, AVX, F16C, RDRAND, FSGSBASE, BMI1, AVX2, SMEP, BMI2,
        ERMS, INVPCID, RDSEED, ADX, SMAP, CLFLUSHOPT, CLWB, SHA, UMIP, LA57, RDPID, LZCNT, XSAVEOPT, XSAVEC, XSAVES, PDPE1GB, RDTSCP, X2APIC, TSC_DEADLINE, FSRM,
        SHSTK, IBT, GFNI, VAES, VPCLMULQDQ, PKU, MOVDIRI
    }

    private final Set<Feature> features;

    public CpuModel(Set<Feature> features) {
        this.features = features.isEmpty() ? EnumSet.noneOf(Feature.class) : EnumSet.copyOf(features);
    }

    public boolean has(Feature f) {
        return features.contains(f);
    }

    /** @return the model that is given when none is asked for: what is implemented today */
    public static CpuModel standard() {
        return new CpuModel(EnumSet.of(Feature.SSE3, Feature.SSSE3, Feature.CX16, Feature.PCID, Feature.XSAVE, Feature.SMEP, Feature.SMAP,
                Feature.INVPCID, Feature.FSGSBASE, Feature.ERMS, Feature.FSRM, Feature.PDPE1GB, Feature.RDTSCP, Feature.X2APIC, Feature.TSC_DEADLINE, Feature.UMIP,
                Feature.CLFLUSHOPT, Feature.XSAVEOPT, Feature.XSAVEC));
    }
}
