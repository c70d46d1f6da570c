package ringside.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code ringside completion SHELL}: prints what makes a shell complete commands and options, from the same
 * descriptions as the help.
 */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Prints a script that makes a shell complete commands and options.",
        footer = {
            "",
            "bash:  source <(ringside completion bash)            in ~/.bashrc",
            "zsh:   source <(ringside completion zsh)             in ~/.zshrc, behind compinit",
            "fish:  ringside completion fish | source             in ~/.config/fish/config.fish"
        })
final class CompletionCommand implements Callable<Integer> {
    enum Shell {
        bash,
        zsh,
        fish
    }

    @Parameters(paramLabel = "bash|zsh|fish", description = "the shell")
    Shell shell;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine root = spec.commandLine().getParent();
        Output.result(
                switch (shell) {
                    case bash -> AutoComplete.bash("ringside", root);
                    case zsh ->
                        "autoload -Uz +X compinit bashcompinit\n(( $+functions[compdef] )) || compinit\nbashcompinit\n"
                                + AutoComplete.bash("ringside", root);
                    case fish -> fish(root);
                });
        return ExitStatus.OK;
    }

    private static String fish(CommandLine root) {
        StringBuilder s = new StringBuilder("complete -c ringside -f -n __fish_use_subcommand\n");
        options(s, root.getCommandSpec(), "__fish_use_subcommand");
        root.getSubcommands().forEach((name, command) -> {
            CommandSpec c = command.getCommandSpec();
            s.append("complete -c ringside -n __fish_use_subcommand -a ")
                    .append(name)
                    .append(" -d ")
                    .append(quoted(String.join(" ", c.usageMessage().description())))
                    .append('\n');
            options(s, c, "__fish_seen_subcommand_from " + name);
        });
        return s.toString();
    }

    private static void options(StringBuilder s, CommandSpec command, String condition) {
        for (OptionSpec o : command.options()) {
            if (o.hidden()) continue;
            s.append("complete -c ringside -n '").append(condition).append('\'');
            for (String name : o.names())
                s.append(name.startsWith("--") ? " -l " : " -s ").append(name.replaceFirst("^--?", ""));
            if (o.arity().max() > 0) s.append(o.arity().min() > 0 ? " -r" : "");
            if (o.completionCandidates() != null)
                s.append(" -a '")
                        .append(String.join(" ", o.completionCandidates()))
                        .append('\'');
            s.append(" -d ").append(quoted(Descriptions.of(o))).append('\n');
        }
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
