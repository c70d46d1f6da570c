package ringside.boot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import ringside.memory.MemoryMap;

/**
 * The modules of a multiboot kernel of either version: files given as initrds, each to a page of its own behind the
 * image.
 */
final class MultibootModules {
    /** @param end behind its last byte @param string the file's name without its folders, and the arguments */
    record Module(long start, long end, String string) {}

    private MultibootModules() {}

    static List<Module> place(GuestRam ram, BootOptions options) throws BootException {
        List<Module> modules = new ArrayList<>();
        for (String list : options.initrds()) {
            for (String spec : split(list)) {
                String text = spec.stripLeading();
                int space = text.indexOf(' ');
                Path path = Path.of(space < 0 ? text : text.substring(0, space));
                BootImage file = BootImage.read(path);
                long at = ram.above(
                        Math.max(ram.imageEnd(), MemoryMap.MIB),
                        Math.max(file.size(), 1),
                        4096,
                        "module " + file.name());
                ram.memory().write(at, file.bytes());
                modules.add(new Module(
                        at, at + file.size(), path.getFileName() + (space < 0 ? "" : text.substring(space))));
            }
        }
        return modules;
    }

    /** Splits at commas; a doubled comma stands for one. */
    static List<String> split(String list) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            if (c != ',') {
                part.append(c);
            } else if (i + 1 < list.length() && list.charAt(i + 1) == ',') {
                part.append(c);
                i++;
            } else {
                parts.add(part.toString());
                part.setLength(0);
            }
        }
        if (!part.isEmpty()) parts.add(part.toString());
        return parts;
    }
}
