package ringside.cli;

import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** How {@code --stats} prints: lines to read, or one JSON object. */
enum StatsFormat {
    text,
    json;

    /** Takes a value only behind an equals sign, so that {@code --stats kernel.elf} names a kernel. */
    static final class Attached implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> arguments, CommandSpec command, ArgSpec option, java.util.Map<String, Object> info) {
            if (!"=".equals(info.get("separator"))) arguments.push(text.name());
            return false;
        }
    }
}
