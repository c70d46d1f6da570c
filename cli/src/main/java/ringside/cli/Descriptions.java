package ringside.cli;

import picocli.CommandLine.Model.ArgSpec;

/** What options and arguments say of themselves in the help, as one line of plain text. */
final class Descriptions {
    private Descriptions() {}

    static String of(ArgSpec a) {
        String text = String.join(" ", a.description());
        return text.replace("${DEFAULT-VALUE}", String.valueOf(a.defaultValue()))
                .replace("%n", " ")
                .replace("%%", "%");
    }
}
