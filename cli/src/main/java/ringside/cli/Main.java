package ringside.cli;

import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import ringside.workbench.UsageException;

/** The {@code ringside} command. */
@Command(
        name = "ringside",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Runs x86-64 kernels on the JVM, in a reference interpreter and translated to JVM bytecode.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Start with 'ringside demo'; 'ringside COMMAND --help' teaches each command.",
            "",
            "Exit status:",
            "  0  the guest powered off, reset, or the --until text appeared",
            "  n  the guest wrote value v to the debug-exit port F4h: n = v*2+1",
            "  2  wrong usage or an unusable file",
            "  3  triple fault",
            "  4  a limit was reached (--max-instructions, --timeout) or nothing can wake the guest",
            "  5  compare found a difference",
            "  6  the guest powered off or reset before the --until text appeared",
            "  74 standard output cannot be written; 141 its reader has gone (as in '| head')",
            "  130, 143  ended by Ctrl-C or SIGTERM; results so far are printed, with where it stopped"
        })
public final class Main implements Runnable {
    /** In the order in which help lists them. */
    private static final List<Class<?>> COMMANDS = List.of(
            DemoCommand.class,
            RunCommand.class,
            CompareCommand.class,
            LinuxCommand.class,
            ExecCommand.class,
            FuzzCommand.class,
            UnwindCommand.class,
            CoreCommand.class,
            AuditCommand.class,
            EntryCostCommand.class,
            ProfileCommand.class,
            TranslateCommand.class,
            SnapshotCommand.class,
            ReplayCommand.class,
            CompletionCommand.class,
            ManCommand.class,
            CacheCommand.class,
            DoctorCommand.class,
            HelpCommand.class);

    /** These speak of all the others. */
    private static final Set<Class<?>> OF_ALL = Set.of(CompletionCommand.class, ManCommand.class, HelpCommand.class);

    @Spec
    private CommandSpec spec;

    public static void main(String[] args) throws java.io.IOException {
        HostOutput.install();
        if (args.length == 1 && args[0].equals(Training.WORD)) System.exit(Training.run());
        System.exit(status(commandLine(args), args));
    }

    private static int status(CommandLine command, String... args) {
        try {
            int status = command.execute(args);
            // it has been said
            if (status == ExitStatus.OUTPUT_LOST || status == ExitStatus.PIPE_CLOSED) return status;
            command.getOut().flush();
            Output.flush();
            return status;
        } catch (HostOutput.Failed e) {
            return lost(e);
        }
    }

    /** What picocli does by itself, but a help text that cannot be written is a failure as any other. */
    private static int executed(CommandLine.ParseResult words) {
        try {
            Given.refuseEmptyNames(words);
            return new CommandLine.RunLast().execute(words);
        } catch (HostOutput.Failed e) {
            throw new CommandLine.ExecutionException(words.commandSpec().commandLine(), "output lost", e);
        }
    }

    private static int lost(HostOutput.Failed e) {
        if (e.readerHasGone()) return ExitStatus.PIPE_CLOSED;
        Output.line("standard output cannot be written: " + e.getMessage());
        return ExitStatus.OUTPUT_LOST;
    }

    /**
     * @param args what was typed, if that is known: reading all commands' options takes a tenth of a second, and one
     *     that is called by its name does without the others
     */
    public static CommandLine commandLine(String... args) {
        CommandLine cl = new CommandLine(new Main());
        for (Class<?> c : called(args)) cl.addSubcommand(c);
        withhold(cl, "compare", "--engine", "--stats", "--quiet");
        withhold(cl, "unwind", "--stats", "--quiet");
        withhold(cl, "core", "--stats", "--quiet");
        withhold(cl, "translate", "--stats", "--quiet");
        withhold(cl, "profile", "--stats", "--quiet");
        withhold(cl, "audit", "--stats", "--quiet");
        withhold(cl, "core", "--core", "--on-cpu");
        withhold(cl, "translate", "--core", "--on-cpu");
        withhold(cl, "demo", "--raw", "--initrd", "--name");
        cl.setCaseInsensitiveEnumValuesAllowed(true);
        helpWidth(cl, System.getenv("COLUMNS"));
        cl.setExecutionStrategy(Main::executed);
        cl.setExecutionExceptionHandler((e, c, r) -> report(e, c));
        cl.setParameterExceptionHandler(Main::usageError);
        return cl;
    }

    private static List<Class<?>> called(String... args) {
        for (Class<?> c : COMMANDS) {
            if (args.length > 0
                    && !OF_ALL.contains(c)
                    && c.getAnnotation(Command.class).name().equals(args[0])) return List.of(c);
        }
        return COMMANDS;
    }

    /** As wide as the shell says, or else as the terminal is, within what can be read. */
    private static void helpWidth(CommandLine cl, String columns) {
        boolean said = columns != null && columns.matches("\\d{1,4}");
        cl.setUsageHelpWidth(said ? Math.clamp(Integer.parseInt(columns), 55, 120) : 110);
        cl.setUsageHelpAutoWidth(!said);
    }

    private static void withhold(CommandLine cl, String command, String... options) {
        CommandLine c = cl.getSubcommands().get(command);
        if (c != null) Given.withhold(c.getCommandSpec(), options);
    }

    private static int usageError(ParameterException e, String[] args) {
        CommandLine c = e.getCommandLine();
        List<String> lines = UsageErrors.explain(e);
        c.getErr().println("ringside: " + lines.getFirst());
        lines.stream().skip(1).forEach(c.getErr()::println);
        return ExitStatus.UNUSABLE;
    }

    private static int report(Exception thrown, CommandLine c) {
        Exception e = thrown instanceof java.io.UncheckedIOException u ? u.getCause() : thrown;
        if (e instanceof HostOutput.Failed f) return lost(f);
        if (e instanceof UsageException
                || e instanceof java.nio.file.FileSystemException
                || e instanceof java.io.IOException
                || e instanceof ringside.boot.BootException) {
            c.getErr().println("ringside: " + problem(e));
            return ExitStatus.UNUSABLE;
        }
        c.getErr()
                .println("ringside: internal error: " + e
                        + (System.getenv("RINGSIDE_TRACE") == null ? " (set RINGSIDE_TRACE=1 for a stack trace)" : ""));
        if (System.getenv("RINGSIDE_TRACE") != null) e.printStackTrace(c.getErr());
        return ExitStatus.INTERNAL;
    }

    static String problem(Exception e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException f -> f.getFile() + ": no such file" + folderMissing(f.getFile());
            case java.nio.file.NotDirectoryException f -> f.getFile() + ": is no folder";
            case java.nio.file.FileAlreadyExistsException f -> f.getFile() + ": is there already";
            case java.nio.file.DirectoryNotEmptyException f -> f.getFile() + ": the folder is not empty";
            case java.nio.file.AccessDeniedException f -> f.getFile() + ": permission denied";
            case java.nio.file.FileSystemException f ->
                f.getFile() + ": " + (f.getReason() == null ? "cannot be used" : f.getReason());
            default -> e.getMessage();
        };
    }

    /** What is to be written into a folder that is not there. */
    private static String folderMissing(String file) {
        java.nio.file.Path folder = java.nio.file.Path.of(file).toAbsolutePath().getParent();
        return folder == null || java.nio.file.Files.isDirectory(folder) ? "" : ", and no folder " + folder;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is missing: " + String.join(", ", spec.subcommands().keySet()));
    }
}
