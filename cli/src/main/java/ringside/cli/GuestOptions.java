package ringside.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;
import ringside.boot.BootOptions;
import ringside.cpu.CpuModel;
import ringside.machine.MachineConfig;
import ringside.workbench.UsageException;

/**
 * Options that describe the guest: what it is loaded with and what machine it sees. Shared by all commands that run
 * one.
 */
final class GuestOptions {
    @Option(
            names = {"-m", "--memory"},
            paramLabel = "SIZE",
            defaultValue = "256M",
            converter = Size.Converter.class,
            description = "RAM of the guest (default: ${DEFAULT-VALUE}; a bare number is MiB)")
    Size memory;

    @Option(
            names = {"--initrd"},
            paramLabel = "FILE[,FILE]",
            description = "initial ramdisk; for a multiboot kernel its modules, each 'FILE ARGS', separated by commas")
    List<String> initrd = new ArrayList<>();

    @Option(
            names = {"--append"},
            paramLabel = "TEXT",
            description = "kernel command line")
    String append = "";

    @Option(
            names = {"--name"},
            paramLabel = "TEXT",
            defaultValue = BootOptions.DEFAULT_NAME,
            description =
                    "what a multiboot kernel is told that it is called (default: ${DEFAULT-VALUE}), wherever its file"
                            + " lies")
    String name = BootOptions.DEFAULT_NAME;

    @Option(
            names = {"--device"},
            paramLabel = "NAME",
            description = "optional device: testdev (QEMU's pc-testdev ports and memory)")
    Set<String> devices = new LinkedHashSet<>();

    @Option(
            names = {"--cpu"},
            paramLabel = "MODEL[,+F][,-F]",
            defaultValue = "max",
            converter = Processor.class,
            description =
                    "processor the guest sees: baseline, v2, v3 (levels of the x86-64 psABI), max (default) or amd,"
                            + " with features added and taken away: v2,+aes,-pcid")
    CpuModel cpu;

    /** Reads --cpu. */
    static final class Processor implements picocli.CommandLine.ITypeConverter<CpuModel> {
        @Override
        public CpuModel convert(String s) {
            try {
                return CpuModel.parse(s);
            } catch (IllegalArgumentException e) {
                throw new picocli.CommandLine.TypeConversionException(e.getMessage());
            }
        }
    }

    @Option(
            names = {"--clock"},
            paramLabel = "virtual|wall",
            defaultValue = "virtual",
            description = "virtual: time follows retired instructions, runs repeat exactly (default); wall: idle time"
                    + " follows the host's clock")
    ClockKind clock;

    enum ClockKind {
        virtual,
        wall
    }

    MachineConfig config() {
        for (String d : devices) {
            if (!d.equals("testdev") && !d.equals("pc-testdev") && !d.startsWith("isa-debug-exit")) {
                throw new UsageException("unknown device '" + d + "'; the optional device is: testdev");
            }
        }
        Set<String> known = new LinkedHashSet<>();
        if (devices.contains("testdev") || devices.contains("pc-testdev")) known.add("testdev");
        return new MachineConfig(memory.bytes(), cpu, known, clock == ClockKind.wall);
    }

    @Option(
            names = {"--raw"},
            paramLabel = "ADDRESS[:MODE]",
            converter = Raw.class,
            description =
                    "the file is code without a header: load it at this physical address (0x10000) and start it there"
                        + " in MODE: long (default; 64-bit, 4 GiB mapped one to one), protected (flat 32-bit) or real;"
                        + " boot sectors: 0x7c00:real")
    BootOptions.RawCode raw;

    static final class Raw implements picocli.CommandLine.ITypeConverter<BootOptions.RawCode> {
        @Override
        public BootOptions.RawCode convert(String s) {
            String[] parts = s.split(":", 2);
            try {
                BootOptions.CodeMode mode = parts.length == 1
                        ? BootOptions.CodeMode.LONG
                        : BootOptions.CodeMode.valueOf(parts[1].toUpperCase(java.util.Locale.ROOT));
                long address = Long.decode(parts[0]);
                if (address >= 0) return new BootOptions.RawCode(address, mode);
            } catch (IllegalArgumentException e) {
                // said below, as for all other texts
            }
            throw new picocli.CommandLine.TypeConversionException(
                    "'" + s + "' is not an address with a mode, as 0x100000:long, 0x100000:protected or 0x7c00:real");
        }
    }

    BootOptions boot() {
        return new BootOptions(append, initrd, raw, name);
    }

    /** @return a copy with another command line and ramdisk, for commands that bring their own */
    GuestOptions with(String commandLine, List<Path> ramdisks) {
        GuestOptions o = new GuestOptions();
        o.memory = memory;
        o.devices = devices;
        o.cpu = cpu;
        o.clock = clock;
        o.name = name;
        o.append = commandLine;
        for (Path p : ramdisks) o.initrd.add(p.toString());
        return o;
    }
}
