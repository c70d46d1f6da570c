package ringside.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import ringside.boot.BootException;
import ringside.boot.BootOptions;
import ringside.boot.Loader;
import ringside.guest.GuestView;
import ringside.machine.Breakpoints;
import ringside.machine.Machine;
import ringside.unwinder.Frame;
import ringside.unwinder.Kind;
import ringside.unwinder.Unwinder;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.SymbolException;
import ringside.unwinder.symbols.Symbols;

/** Stops a kernel at a function and says who called it, by what the processor executed. */
public final class UnwindAtABreakpoint {
    private UnwindAtABreakpoint() {}

    /** @return the functions, innermost first; empty if the place was never reached */
    public static List<String> callers(Path kernel, String commandLine, String function)
            throws BootException, IOException, SymbolException {
        Symbols symbols = ElfImage.of(Files.readAllBytes(kernel)).symbols();
        long place = symbols.addresses(function)[0];
        try (Machine machine = Machine.builder().memory(64 << 20).build()) {
            Loader.load(machine, kernel, BootOptions.NONE.withAppend(commandLine));
            Breakpoints breakpoints = new Breakpoints(machine);
            breakpoints.set(linear -> linear == place);
            breakpoints.run(1_000_000_000);
            if (!breakpoints.hit()) return List.of();
            GuestView view = new GuestView(machine.cpu());
            Unwinder unwinder = new Unwinder(LinuxKernel.with(symbols, view));
            return unwinder.trace(Kind.SHADOW, view).frames().stream()
                    .map(Frame::function)
                    .toList();
        }
    }
}
