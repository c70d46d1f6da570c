package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import ringside.unwinder.KallsymsBuilder.Layout;
import ringside.unwinder.KallsymsBuilder.Symbol;
import ringside.unwinder.linux.Kallsyms;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.Symbols;

/**
 * The symbols of a kernel at hand, our entry kernel, and some thousand more, laid out as each Linux since 4.19 lays out
 * its own: the search finds them in memory, told nothing.
 */
class KallsymsLayoutsTest {
    private static final long BASE = 0xffff_ffff_8120_0000L;

    private static List<Symbol> symbols(Layout layout) throws Exception {
        Symbols kernel = ElfImage.of(Files.readAllBytes(Path.of("../testdata/entrykernel/entry-table.elf")))
                .symbols();
        List<Symbol> l = new ArrayList<>();
        boolean perCpu = switch (layout.addresses) {
            case ABSOLUTE, PER_CPU -> true;
            case BASE, PLACE -> false;
        };
        if (perCpu) {
            l.add(new Symbol(0, "Afixed_percpu_data"));
            l.add(new Symbol(0x1a40, "Dcurrent_task"));
        }
        l.add(new Symbol(BASE, "T_text"));
        long at = BASE + 0x40;
        for (int i = 0; i < kernel.count(); i++, at += 0x30) l.add(new Symbol(at, "t" + kernel.name(i)));
        for (int i = 0; i < 3000; i++, at += 0x20)
            l.add(new Symbol(at, "Tsys_" + "abcdef".charAt(i % 6) + "_call_" + i));
        // names that hardly compress: longer than one byte's length says
        StringBuilder odd = new StringBuilder("t");
        for (int i = 0; i < (layout.longLengths ? 480 : 126); i++) odd.append((char) ('0' + i * i * 7 % 75));
        l.add(new Symbol(at, odd.toString()));
        l.add(new Symbol(at + 0x20, "B_end"));
        return l;
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void isFoundAndReadAsItsVersionWroteIt(Layout layout) throws Exception {
        List<Symbol> given = symbols(layout);
        check(given, Kallsyms.in(KallsymsBuilder.image(layout, given, BASE), BASE));
    }

    /** In the memory of a guest, among other things, where nothing but the page tables says what is there. */
    @ParameterizedTest
    @EnumSource(Layout.class)
    void isFoundInAGuestsMemory(Layout layout) throws Exception {
        List<Symbol> given = symbols(layout);
        byte[] image = KallsymsBuilder.image(layout, given, BASE);
        SyntheticGuest guest = new SyntheticGuest();
        for (long page = 0; page < image.length; page += 4096) guest.map(guest.root, BASE + page);
        guest.put(BASE, image);
        check(given, Kallsyms.find(guest.at(BASE, SyntheticGuest.STACK, 0)));
    }

    private static void check(List<Symbol> given, Symbols found) {
        assertNotNull(found);
        assertEquals(given.size(), found.count());
        for (int i = 0; i < given.size(); i++) {
            assertEquals(given.get(i).address(), found.start(i), given.get(i).name());
            assertEquals(given.get(i).name(), found.type(i) + found.name(i));
        }
    }
}
