package ringside.workbench.monitor;

import java.util.ArrayList;
import java.util.List;

/** The words of {@code monitor} in gdb, and of the prompt on the terminal. */
public final class Monitor {
    /**
     * One of its commands.
     *
     * @param usage the command's name, first, and its arguments
     * @param help one line
     */
    public record Command(String usage, String help, Action action) {
        String name() {
            return usage.split(" ")[0];
        }
    }

    /** Does it. */
    @FunctionalInterface
    public interface Action {
        /** @param arguments the words behind the command's name @return what to show, lines with their ends */
        String run(List<String> arguments) throws MonitorException;
    }

    private final List<Command> commands;

    public Monitor(List<Command> commands) {
        this.commands = List.copyOf(commands);
    }

    public List<Command> commands() {
        return commands;
    }

    /** @return what can be typed, for completion: "info registers", "info mem", "translate", ... */
    public List<String> phrases() {
        List<String> all = new ArrayList<>();
        all.add("help");
        for (Command c : commands) {
            String[] words = c.usage().split(" ");
            all.add(words[0]);
            if (words.length < 2) continue;
            for (String choice : words[1].replaceAll("[\\[\\]]", "").split("\\|")) {
                if (choice.matches("[a-z]+")) all.add(words[0] + " " + choice);
            }
        }
        return all;
    }

    /** @return what to show: the result, or one line that says what is wrong */
    public String execute(String line) {
        List<String> words = List.of(line.strip().split("\\s+"));
        String name = words.getFirst();
        if (name.isEmpty() || name.equals("help") || name.equals("?")) return help();
        List<Command> found =
                commands.stream().filter(c -> c.name().equals(name)).toList();
        if (found.isEmpty())
            found = commands.stream().filter(c -> c.name().startsWith(name)).toList();
        if (found.size() != 1) {
            return (found.isEmpty()
                            ? "no command '" + name + "'; help lists them"
                            : "'" + name + "' may be "
                                    + String.join(
                                            ", ",
                                            found.stream().map(Command::name).toList()))
                    + "\n";
        }
        try {
            return found.getFirst().action().run(words.subList(1, words.size()));
        } catch (MonitorException e) {
            return found.getFirst().name() + ": " + e.getMessage() + "\n";
        }
    }

    private String help() {
        StringBuilder s = new StringBuilder();
        int width = commands.stream().mapToInt(c -> c.usage().length()).max().orElse(0);
        for (Command c : commands) s.append(String.format("%-" + width + "s  %s%n", c.usage(), c.help()));
        return s.toString();
    }
}
