package ringside.cli;

import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import ringside.workbench.UsageException;
import ringside.workbench.gdb.ListenAddress;

/** Options of a run that gdb may watch. */
final class GdbOptions {
    @Option(
            names = {"--gdb"},
            paramLabel = "[HOST:]PORT|unix:PATH",
            converter = Address.class,
            description =
                    "let gdb connect there ('target remote :PORT'); on this machine alone unless HOST says otherwise;"
                            + " port 0 is any free one")
    ListenAddress gdb;

    @Option(
            names = {"--wait"},
            description = "with --gdb: the guest stands at its first instruction until gdb lets it run")
    boolean wait;

    @Option(
            names = {"--symbols", "--vmlinux"},
            paramLabel = "FILE",
            description =
                    "vmlinux (ELF) or System.map for logs, crash reports and the monitor; without it, KERNEL's own"
                            + " symbols or those in the guest's memory")
    Path symbols;

    @Option(
            names = {"--tasks"},
            description = "with --gdb: Linux's tasks are threads to gdb too, beside the processor")
    boolean tasks;

    void check() {
        if (tasks && gdb == null) throw new UsageException("--tasks needs --gdb; alone it would do nothing");
        if (wait && gdb == null) throw new UsageException("--wait needs --gdb; alone it would do nothing");
    }

    static final class Address implements ITypeConverter<ListenAddress> {
        @Override
        public ListenAddress convert(String s) {
            try {
                return ListenAddress.parse(s);
            } catch (UsageException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
