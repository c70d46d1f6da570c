package ringside.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.MaxValuesExceededException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in a line or two what is wrong with a command line, and the way out. */
final class UsageErrors {
    private static final Pattern OPTION = Pattern.compile("--?[a-z][a-z-]*");
    /** Changed letters at which a word is still taken for a slip of another. */
    private static final int SLIP = 2;

    private UsageErrors() {}

    /** @return the lines to print on standard error, without the program's name before the first */
    static List<String> explain(ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        List<String> lines = new ArrayList<>();
        if (e instanceof UnmatchedArgumentException u && !u.getUnmatched().isEmpty()) {
            unmatched(u.getUnmatched().getFirst(), command, lines);
        } else {
            lines.add(message(e));
        }
        lines.add("Try '" + command.qualifiedName() + " --help'.");
        return lines;
    }

    private static void unmatched(String word, CommandSpec command, List<String> lines) {
        boolean option = word.startsWith("-") && word.length() > 1;
        if (!option && !command.subcommands().isEmpty()) {
            lines.add(unknownCommand(word, command));
            return;
        }
        String name = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
        String slip = option && name.length() > 2 ? closest(name, optionNames(command)) : null;
        if (slip != null) lines.add("unknown option '" + name + "'; did you mean '" + slip + "'?");
        else lines.add(option ? "unknown option '" + name + "'" : "'" + word + "' is one argument too many");
    }

    /** @return what to say of a word that is no command */
    static String unknownCommand(String word, CommandSpec parent) {
        String slip = closest(word, parent.subcommands().keySet());
        return "there is no command '" + word + "'" + (slip == null ? "" : "; did you mean '" + slip + "'?")
                + "\nCommands: " + String.join(", ", parent.subcommands().keySet());
    }

    private static Set<String> optionNames(CommandSpec command) {
        Set<String> names = new LinkedHashSet<>();
        command.options().forEach(o -> names.addAll(List.of(o.names())));
        return names;
    }

    /** picocli's own words, but for the groups of options, which it shows as it declares them, and Java's types. */
    private static String message(ParameterException e) {
        String text = e.getMessage().replaceFirst("^Error: ", "");
        if (e instanceof MutuallyExclusiveArgsException || e instanceof MaxValuesExceededException) {
            return "only one of " + String.join(", ", options(text)) + " may be given, once";
        }
        if (e instanceof MissingParameterException && text.contains("specify one of these")) {
            return "one of these is missing: " + String.join(", ", options(text));
        }
        return text.replaceFirst("is not a double$", "is not a number")
                .replaceFirst("is not an? (int|long)$", "is not a whole number");
    }

    private static Set<String> options(String text) {
        Set<String> found = new LinkedHashSet<>();
        Matcher m = OPTION.matcher(text);
        while (m.find()) found.add(m.group());
        return found;
    }

    /** @return the word that {@code typed} is most likely a slip of, or null */
    static String closest(String typed, Iterable<String> words) {
        String best = null;
        int least = Integer.MAX_VALUE;
        for (String w : words) {
            int d = distance(typed, w);
            if (d < least) {
                least = d;
                best = w;
            }
        }
        return best != null
                        && (least <= Math.min(SLIP, typed.length() / 2) || typed.length() > 2 && best.startsWith(typed))
                ? best
                : null;
    }

    /** @return insertions, deletions, changes and swaps of neighbours that make one word of the other */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int least = Math.min(d[i - 1][j - 1] + change, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                boolean swap =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                d[i][j] = swap ? Math.min(least, d[i - 2][j - 2] + 1) : least;
            }
        }
        return d[a.length()][b.length()];
    }
}
