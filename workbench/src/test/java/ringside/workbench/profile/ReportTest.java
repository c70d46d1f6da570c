package ringside.workbench.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import ringside.boot.BootOptions;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.workbench.run.Guest;
import ringside.workbench.run.KnownKernel;

/**
 * The report as a reader has it: opened from disk in Chromium, clicked at, in the dark and on paper. The guest is the
 * entry kernel. Needs Chromium (Debian: {@code apt-get install chromium}).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportTest {
    private static final Path KERNEL = Path.of("../testdata/entrykernel/entry-none.elf");
    private static final int WIDTH = 1280, HEIGHT = 900;

    private Path page;
    private Map<String, Object> document;

    @BeforeAll
    void write(@TempDir Path folder) throws Exception {
        assertTrue(
                Browser.command() != null,
                "Chromium is missing, with which the report is looked at: apt-get install chromium");
        Guest guest = new Guest(KERNEL, BootOptions.NONE, MachineConfig.standard());
        try (Machine m = guest.load(Machine::interpreter)) {
            Profile p = Profile.of(m, KnownKernel.read(KERNEL, null), Long.MAX_VALUE, 100, new Outcome[1]);
            Map<String, Object> about = new LinkedHashMap<>();
            for (String k : List.of("ringside", "engine", "processor", "memory", "host")) about.put(k, "some " + k);
            about.put("kernel", "entry-none.elf </script><b>");
            about.put("command", "ringside profile entry-none.elf --append '<&>'");
            document = ProfileDocument.of(p, about);
            document.put("sampleEvery", 100);
            document.put("stacks", Exports.stacks(p));
            page = folder.resolve("report.html");
            Files.writeString(page, Report.of(document));
        }
        String keep = System.getProperty("ringside.report");
        if (keep != null)
            Files.copy(page, Path.of(keep, "report.html"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private Browser open() throws Exception {
        Browser b = new Browser(WIDTH, HEIGHT);
        b.open(page);
        assertEquals(List.of(), b.complaints(), "errors in the page, or a wish for the network");
        return b;
    }

    private static List<String> texts(Browser b, String selector) throws Exception {
        Object found = b.run("[...document.querySelectorAll('" + selector + "')].map(e => e.textContent)");
        List<String> l = new ArrayList<>();
        for (Object o : (List<?>) found) l.add((String) o);
        return l;
    }

    private static List<Long> numbers(Browser b, String field) throws Exception {
        return texts(b, "#entries-table .tabulator-row [tabulator-field=" + field + "]").stream()
                .map(s -> s.isEmpty() ? 0L : Long.parseLong(s.replace(",", "")))
                .toList();
    }

    @Test
    void saysWhatMadeItAndSortsByClick() throws Exception {
        try (Browser b = open()) {
            assertEquals(
                    "Profile of entry-none.elf </script><b>", texts(b, "h1").getFirst());
            assertTrue(texts(b, "#command").getFirst().contains("'<&>'"), "the command as it was given");
            List<Long> byInstructions = numbers(b, "instructions");
            assertTrue(byInstructions.size() > 5, "rows of entries: " + byInstructions);
            assertEquals(
                    byInstructions.stream()
                            .sorted(java.util.Comparator.reverseOrder())
                            .toList(),
                    byInstructions);
            b.click("#entries-table .tabulator-col[tabulator-field=entries] .tabulator-col-title");
            List<Long> byEntries = numbers(b, "entries");
            assertEquals(
                    byEntries.stream()
                            .sorted(java.util.Comparator.reverseOrder())
                            .toList(),
                    byEntries);
            assertNotEquals(byInstructions, numbers(b, "instructions"), "the order changed");
            b.type("#entries-table .tabulator-col[tabulator-field=name] input", "#PF");
            List<String> left = texts(b, "#entries-table .tabulator-row [tabulator-field=name]");
            assertFalse(left.isEmpty());
            assertTrue(left.stream().allMatch(s -> s.contains("#PF")), "filtered: " + left);
            b.click("#entries-table .tabulator-row");
            assertTrue(
                    texts(b, "#entry-detail h3").getFirst().startsWith("#PF"),
                    "the row's own histogram: " + texts(b, "#entry-detail h3"));
            assertEquals(1L, ((Number) b.run("document.querySelectorAll('#entry-detail canvas').length")).longValue());
            assertEquals(List.of(), b.complaints());
        }
    }

    @Test
    void flameGraphZoomsAndSearches() throws Exception {
        try (Browser b = open()) {
            String first = (String) b.run("[...document.querySelectorAll('.frame')].map(f => f.textContent)"
                    + ".find(t => t.startsWith('<'))");
            assertTrue(first != null, "an entry among the stacks");
            b.run("[...document.querySelectorAll('.frame')].find(f => f.textContent.startsWith('<')).id = 'wanted'");
            double narrow = ((Number) b.run("document.getElementById('wanted').offsetWidth")).doubleValue();
            b.click("#wanted");
            Object wide = b.run("[...document.querySelectorAll('.frame')].find(f => f.textContent === '" + first
                    + "').offsetWidth");
            double whole = ((Number) b.run("document.getElementById('flame-graph').clientWidth")).doubleValue();
            assertTrue(narrow < whole - 5, "it was a part: " + narrow);
            assertEquals(whole, ((Number) wide).doubleValue(), 2, "it is the whole width now");
            b.click("#flame-reset");
            b.type("#flame-search", "^<");
            assertTrue(((Number) b.run("document.querySelectorAll('.frame.found').length")).intValue() > 0, "found");
            assertTrue(texts(b, "#flame-found").getFirst().contains("%"), "how much that is");
            assertEquals(List.of(), b.complaints());
        }
    }

    @Test
    void isLaidOutFor1280PixelsInLightAndDarkAndOnPaper() throws Exception {
        try (Browser b = open()) {
            assertEquals(
                    (long) WIDTH,
                    ((Number) b.run("document.documentElement.scrollWidth")).longValue(),
                    "nothing sticks out at " + WIDTH + " pixels");
            // sections one below the other, each with something in it
            Object boxes = b.run("[...document.querySelectorAll('main section')].map(s =>"
                    + " [s.getBoundingClientRect().top, s.getBoundingClientRect().bottom])");
            double below = 0;
            for (Object o : (List<?>) boxes) {
                double top = ((Number) ((List<?>) o).get(0)).doubleValue();
                double bottom = ((Number) ((List<?>) o).get(1)).doubleValue();
                assertTrue(top >= below && bottom > top + 40, "sections: " + boxes);
                below = bottom - 1;
            }
            BufferedImage light = picture(b, "light");
            b.scheme("dark", "screen");
            BufferedImage dark = picture(b, "dark");
            assertEquals(light.getWidth(), dark.getWidth());
            assertTrue(Math.abs(light.getHeight() - dark.getHeight()) <= 2, "the layout does not depend on colours");
            assertTrue(brightness(light) > 200 && brightness(dark) < 70, brightness(light) + " " + brightness(dark));
            byte[] paper = b.paper();
            assertTrue(paper.length > 20_000, "pages for a printer");
            String keep = System.getProperty("ringside.report");
            if (keep != null) Files.write(Path.of(keep, "report.pdf"), paper);
            assertEquals(List.of(), b.complaints());
        }
    }

    private static BufferedImage picture(Browser b, String name) throws Exception {
        byte[] png = b.picture();
        String keep = System.getProperty("ringside.report");
        if (keep != null) Files.write(Path.of(keep, name + ".png"), png);
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    private static double brightness(BufferedImage i) {
        long sum = 0, n = 0;
        for (int y = 0; y < i.getHeight(); y += 3) {
            for (int x = 0; x < i.getWidth(); x += 3) {
                int p = i.getRGB(x, y);
                sum += (p >> 16 & 255) + (p >> 8 & 255) + (p & 255);
                n += 3;
            }
        }
        return (double) sum / n;
    }
}
