package ringside.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code ringside help [COMMAND]}: the help of the program or of one of its commands. */
@Command(name = "help", description = "Shows the help of a command, or the list of commands.", helpCommand = true)
final class HelpCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..*",
            description = "the command, with the command inside it if it has several")
    String[] words = {};

    @Override
    public Integer call() {
        List<String> unknown = spec.commandLine().getParseResult().unmatched().stream()
                .filter(w -> !w.equals("--help") && !w.equals("-h"))
                .toList();
        if (!unknown.isEmpty()) throw new UnmatchedArgumentException(spec.commandLine(), unknown);
        named(spec.commandLine().getParent(), words).usage(spec.commandLine().getOut());
        return ExitStatus.OK;
    }

    /** @return the command that the words lead to from {@code root} */
    static CommandLine named(CommandLine root, String... words) {
        CommandLine shown = root;
        for (String w : words) {
            CommandLine next = shown.getSubcommands().get(w);
            if (next == null) {
                throw new ParameterException(
                        root,
                        shown.getSubcommands().isEmpty()
                                ? "'" + shown.getCommandName() + "' has no command '" + w + "'"
                                : UsageErrors.unknownCommand(w, shown.getCommandSpec()));
            }
            shown = next;
        }
        return shown;
    }
}
