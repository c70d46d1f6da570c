package ringside.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code ringside man [COMMAND]}: a manual page in the format of {@code man}, made from the descriptions of the help.
 */
@Command(
        name = "man",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Prints the manual page of a command, or of the program.",
        footer = {
            "",
            "Read one:     ringside man run | man -l -",
            "Install one:  ringside man > ~/.local/share/man/man1/ringside.1"
        })
final class ManCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..*",
            description = "the command, with the command inside it if it has several")
    String[] words = {};

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        Output.result(
                page(HelpCommand.named(spec.commandLine().getParent(), words).getCommandSpec()));
        return ExitStatus.OK;
    }

    private static String page(CommandSpec c) {
        String title = c.qualifiedName("-");
        StringBuilder s = new StringBuilder();
        s.append(".TH ")
                .append(title.toUpperCase(Locale.ROOT))
                .append(" 1 \"\" \"")
                .append(new Version().getVersion()[0])
                .append("\"\n");
        s.append(".SH NAME\n")
                .append(escape(title))
                .append(" \\- ")
                .append(escape(String.join(" ", c.usageMessage().description())))
                .append('\n');
        s.append(".SH SYNOPSIS\n.B ").append(escape(c.qualifiedName())).append("\n[\\fIOPTION\\fR]...");
        for (PositionalParamSpec p : c.positionalParameters())
            s.append(" \\fI").append(escape(p.paramLabel())).append("\\fR");
        if (!c.subcommands().isEmpty()) s.append(" \\fICOMMAND\\fR");
        s.append('\n');
        if (!c.subcommands().isEmpty()) {
            s.append(".SH COMMANDS\n");
            c.subcommands()
                    .forEach((name, sub) -> item(
                            s,
                            "\\fB" + escape(name) + "\\fR",
                            String.join(" ", sub.getCommandSpec().usageMessage().description())));
        }
        if (!c.positionalParameters().isEmpty()) s.append(".SH ARGUMENTS\n");
        for (PositionalParamSpec p : c.positionalParameters())
            item(s, "\\fI" + escape(p.paramLabel()) + "\\fR", Descriptions.of(p));
        s.append(".SH OPTIONS\n");
        for (OptionSpec o : c.options()) {
            if (o.hidden()) continue;
            String value = o.arity().max() == 0 ? "" : "=\\fI" + escape(o.paramLabel()) + "\\fR";
            item(s, "\\fB" + escape(String.join(", ", o.names())) + "\\fR" + value, Descriptions.of(o));
        }
        List<String> notes = List.of(c.usageMessage().footer());
        if (!notes.isEmpty()) s.append(".SH NOTES\n.nf\n");
        for (String line : notes)
            s.append(line.isEmpty() ? ".sp" : escape(line)).append('\n');
        if (!notes.isEmpty()) s.append(".fi\n");
        return s.toString();
    }

    private static void item(StringBuilder s, String term, String text) {
        s.append(".TP\n").append(term).append('\n').append(escape(text)).append('\n');
    }

    /** No letter of the text may be a command of the formatter. */
    private static String escape(String text) {
        String t =
                text.replace("%n", "\n").replace("%%", "%").replace("\\", "\\e").replace("-", "\\-");
        return t.startsWith(".") || t.startsWith("'") ? "\\&" + t : t;
    }
}
