package ringside.cli;

import picocli.CommandLine.Option;
import ringside.machine.Machine;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.UsageException;

/** Which engine runs the guest, and how eager it is. */
final class EngineOptions {
    enum Kind {
        translator,
        interpreter
    }

    @Option(
            names = {"--engine"},
            paramLabel = "translator|interpreter",
            defaultValue = "translator",
            description = "translator: hot code becomes JVM bytecode (default); interpreter: the reference")
    Kind engine;

    @Option(
            names = {"--translate-after"},
            paramLabel = "N",
            description =
                    "entries of a block before it is translated; 1 translates at the first entry what has been decoded"
                            + " by then")
    Integer translateAfter;

    Machine.EngineFactory factory() {
        return factory(engine);
    }

    Machine.EngineFactory factory(Kind kind) {
        if (translateAfter != null && translateAfter < 1)
            throw new UsageException("--translate-after must be at least 1");
        return switch (kind) {
            case interpreter -> Machine::interpreter;
            case translator -> Translator.factory(translatorOptions());
        };
    }

    TranslatorOptions translatorOptions() {
        TranslatorOptions o = TranslatorOptions.standard();
        return translateAfter == null ? o : o.withTranslateAfter(translateAfter);
    }
}
