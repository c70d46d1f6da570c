package ringside.workbench.gdb;

import java.util.List;

/**
 * The target description: which registers there are, in XML, as gdb reads it when it connects. Source: GDB manual,
 * appendix G.
 */
final class TargetDescription {
    private static final String VEC128 = """
          <vector id="v4f" type="ieee_single" count="4"/>
          <vector id="v2d" type="ieee_double" count="2"/>
          <vector id="v16i8" type="int8" count="16"/>
          <vector id="v8i16" type="int16" count="8"/>
          <vector id="v4i32" type="int32" count="4"/>
          <vector id="v2i64" type="int64" count="2"/>
          <union id="vec128">
            <field name="v4_float" type="v4f"/>
            <field name="v2_double" type="v2d"/>
            <field name="v16_int8" type="v16i8"/>
            <field name="v8_int16" type="v8i16"/>
            <field name="v4_int32" type="v4i32"/>
            <field name="v2_int64" type="v2i64"/>
            <field name="uint128" type="uint128"/>
          </union>
        """;

    private static final List<String> EFLAGS = List.of(
            "CF", "", "PF", "", "AF", "", "ZF", "SF", "TF", "IF", "DF", "OF", "", "", "NT", "", "RF", "VM", "AC", "VIF",
            "VIP", "ID");
    private static final List<String> MXCSR =
            List.of("IE", "DE", "ZE", "OE", "UE", "PE", "DAZ", "IM", "DM", "ZM", "OM", "UM", "PM", "", "", "FZ");
    private static final List<String> CR0 = List.of(
            "PE", "MP", "EM", "TS", "ET", "NE", "", "", "", "", "", "", "", "", "", "", "WP", "", "AM", "", "", "", "",
            "", "", "", "", "", "", "NW", "CD", "PG");
    private static final List<String> CR4 = List.of(
            "VME",
            "PVI",
            "TSD",
            "DE",
            "PSE",
            "PAE",
            "MCE",
            "PGE",
            "PCE",
            "OSFXSR",
            "OSXMMEXCPT",
            "UMIP",
            "LA57",
            "VMXE",
            "SMXE",
            "",
            "FSGSBASE",
            "PCIDE",
            "OSXSAVE",
            "",
            "SMEP",
            "SMAP",
            "PKE",
            "CET");
    private static final List<String> EFER = List.of("SCE", "", "", "", "", "", "", "", "LME", "", "LMA", "NXE");

    private TargetDescription() {}

    static String xml(TargetRegisters registers) {
        StringBuilder s =
                new StringBuilder("<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>\n");
        s.append("  <architecture>")
                .append(registers.wide() ? "i386:x86-64" : "i386")
                .append("</architecture>\n");
        String feature = null;
        for (TargetRegisters.Register r : registers.all()) {
            if (!r.feature().equals(feature)) {
                if (feature != null) s.append("  </feature>\n");
                feature = r.feature();
                s.append("  <feature name=\"").append(feature).append("\">\n").append(types(feature, registers.wide()));
            }
            s.append("    <reg name=\"")
                    .append(r.name())
                    .append("\" bitsize=\"")
                    .append(r.bits())
                    .append("\" type=\"")
                    .append(r.type())
                    .append('"');
            if (r.feature().equals(TargetRegisters.CORE) && r.type().equals("int")) s.append(" group=\"float\"");
            s.append("/>\n");
        }
        return s.append("  </feature>\n</target>\n").toString();
    }

    private static String types(String feature, boolean wide) {
        int word = wide ? 8 : 4;
        return switch (feature) {
            case TargetRegisters.CORE -> flags("i386_eflags", 4, EFLAGS);
            case TargetRegisters.SSE -> VEC128 + flags("i386_mxcsr", 4, MXCSR);
            case TargetRegisters.SYSTEM ->
                flags("cr0_flags", word, CR0) + flags("cr4_flags", word, CR4) + flags("efer_flags", word, EFER);
            default -> "";
        };
    }

    private static String flags(String id, int bytes, List<String> names) {
        StringBuilder s = new StringBuilder("    <flags id=\"" + id + "\" size=\"" + bytes + "\">\n");
        for (int bit = 0; bit < names.size(); bit++) {
            if (!names.get(bit).isEmpty())
                s.append("      <field name=\"")
                        .append(names.get(bit))
                        .append("\" start=\"")
                        .append(bit)
                        .append("\" end=\"")
                        .append(bit)
                        .append("\"/>\n");
        }
        return s.append("    </flags>\n").toString();
    }

    /**
     * One region for every address: gdb looks at virtual addresses, and what is mapped changes while the guest runs.
     */
    static String memoryMap() {
        return "<?xml version=\"1.0\"?>\n"
                + "<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\""
                + " \"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n"
                + "<memory-map>\n"
                + "  <memory type=\"ram\" start=\"0x0\" length=\"0x8000000000000000\"/>\n"
                + "  <memory type=\"ram\" start=\"0x8000000000000000\" length=\"0x8000000000000000\"/>\n"
                + "</memory-map>\n";
    }
}
