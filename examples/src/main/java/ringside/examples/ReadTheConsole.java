package ringside.examples;

import java.nio.file.Path;
import ringside.boot.BootException;
import ringside.boot.BootOptions;
import ringside.boot.Loader;
import ringside.machine.Machine;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/** Runs a kernel to its end and gives what it wrote to its first serial port. */
public final class ReadTheConsole {
    private ReadTheConsole() {}

    public static String of(Path kernel, String commandLine) throws BootException {
        StringBuilder console = new StringBuilder();
        try (Machine machine = Machine.builder()
                .memory(64 << 20)
                .engine(Translator.factory(TranslatorOptions.standard()))
                .build()) {
            Loader.load(machine, kernel, BootOptions.NONE.withAppend(commandLine));
            machine.board().serial(0).setSink(b -> console.append((char) b));
            machine.run(1_000_000_000);
        }
        return console.toString();
    }
}
