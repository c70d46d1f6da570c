package ringside.cli;

import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import ringside.workbench.UsageException;

/** What the user wrote on the command line, so that an option that would do nothing there can be refused. */
final class Given {
    private final CommandSpec command;

    Given(CommandSpec command) {
        this.command = command;
    }

    /** @param option its long name */
    boolean has(String option) {
        return command.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** Refuses {@code option} where it was given although what it belongs to was not. */
    void needs(String option, String other, boolean there) {
        if (!there && has(option)) throw new UsageException(option + " needs " + other + "; alone it would do nothing");
    }

    /** Refuses {@code option} if it was given. @param why why it would do nothing */
    void refuse(String option, String why) {
        if (has(option)) throw new UsageException(option + ": " + why);
    }

    /** Refuses every option that was given but those of {@code useful}, by their longest names. */
    void refuseAllBut(String why, Set<String> useful) {
        for (OptionSpec o : command.commandLine().getParseResult().matchedOptions()) {
            if (!useful.contains(o.longestName())) throw new UsageException(o.longestName() + ": " + why);
        }
    }

    /**
     * Refuses what describes a machine or what it is loaded with, if that is a snapshot's or recording's business.
     * @param kernel what the user named
     */
    void refuseBesideSaved(java.nio.file.Path kernel) {
        if (!ringside.workbench.snapshot.SnapshotFile.isOne(kernel)) return;
        for (String o :
                List.of("--memory", "--initrd", "--append", "--name", "--device", "--cpu", "--clock", "--raw")) {
            if (command.findOption(o) != null) refuse(o, "a snapshot or recording brings its own");
        }
    }

    /** Refuses the empty name of a file, wherever one is taken: an empty path is the folder one is in. */
    static void refuseEmptyNames(ParseResult words) {
        for (ParseResult r = words; r != null; r = r.hasSubcommand() ? r.subcommand() : null) {
            for (ArgSpec a : r.matchedArgs()) {
                boolean file = a.typeInfo().getType() == java.nio.file.Path.class
                        || a.paramLabel().contains("FILE");
                if (file && a.originalStringValues().stream().anyMatch(String::isBlank)) {
                    String name = a instanceof OptionSpec o ? o.longestName() : a.paramLabel();
                    throw new ParameterException(r.commandSpec().commandLine(), name + ": the name of a file is empty");
                }
            }
        }
    }

    /** Takes options away that a command has by a mixin but cannot use. @param names their long names */
    static void withhold(CommandSpec command, String... names) {
        for (String name : names) {
            OptionSpec option = command.findOption(name);
            if (option == null) throw new IllegalArgumentException(command.name() + " has no " + name);
            command.remove(option);
        }
    }
}
