package ringside.workbench.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.boot.BootOptions;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.workbench.UsageException;
import ringside.workbench.run.Guest;
import ringside.workbench.run.KnownKernel;

/**
 * Variants of the entry kernel compared. What a marker costs is what docs/entry-cost.md found by stepping: 6
 * instructions a marked call, of which an entry from the kernel has one and one from user mode two.
 */
class ProfileComparisonTest {
    @TempDir
    Path folder;

    private Map<String, Object> profile(String variant) throws Exception {
        Path kernel = Path.of("../testdata/entrykernel/entry-" + variant + ".elf");
        Guest guest = new Guest(kernel, BootOptions.NONE, MachineConfig.standard());
        try (Machine m = guest.load(Machine::interpreter)) {
            Profile p = Profile.of(m, KnownKernel.read(kernel, null), Long.MAX_VALUE, 0, new Outcome[1]);
            Map<String, Object> about = new LinkedHashMap<>(Map.of("command", variant));
            Path file = folder.resolve(variant + ".json");
            Files.writeString(file, JSON.std.asString(ProfileDocument.of(p, about)));
            return ProfileComparison.read(file);
        }
    }

    @Test
    void markersCostWhatEntryCostSays() throws Exception {
        ProfileComparison c = ProfileComparison.of(profile("none"), profile("marker"));
        for (String name : new String[] {"#BP exc_breakpoint", "#GP exc_general_protection", "#UD exc_invalid_opcode"})
            assertEquals(12, growth(c, name, true), 1e-9, name + " from user mode");
        assertEquals(6, growth(c, "#BP exc_breakpoint", false), 1e-9);
        assertEquals(6, growth(c, "#PF exc_page_fault", false), 1e-9);
        assertTrue(
                c.lines().stream()
                        .anyMatch(l -> l.function().equals("entry_syscall")
                                && l.text().equals("push rsp")
                                && l.a() == 0
                                && l.b() == 1),
                "the line that grew: " + c.lines());
    }

    private static double growth(ProfileComparison c, String name, boolean user) {
        return c.paths().stream()
                .filter(r -> r.name().equals(name) && r.user() == user)
                .findFirst()
                .orElseThrow()
                .growth();
    }

    @Test
    void aListingHasEachInstructionOfAFunctionThatWasExecuted() throws Exception {
        Map<?, ?> code = (Map<?, ?>) profile("none").get("code");
        java.util.List<?> lines = (java.util.List<?>) code.get("entry_syscall");
        // testdata/entrykernel/entry_syscall.inc: swapgs first, sysretq on the way out
        assertEquals("swapgs", ((java.util.List<?>) lines.getFirst()).get(1));
        assertTrue(
                lines.stream()
                        .anyMatch(l -> ((java.util.List<?>) l).get(1).toString().contains("sysret")),
                lines.toString());
        // 15 registers are saved, rax among them as orig_ax too
        long pushes = lines.stream()
                .filter(l -> ((java.util.List<?>) l).get(1).toString().startsWith("push"))
                .count();
        assertTrue(pushes >= 15, "pushes: " + lines);
    }

    @Test
    void aProfileIsTheSameAsItself() throws Exception {
        Map<String, Object> p = profile("table");
        ProfileComparison c = ProfileComparison.of(p, p);
        assertTrue(c.lines().isEmpty(), c.lines().toString());
        assertTrue(c.paths().stream().allMatch(r -> r.growth() == 0));
        assertTrue(c.functions().stream().allMatch(r -> r.a() == r.b()));
    }

    @Test
    void whatIsNoProfileIsRefused() throws Exception {
        Path file = folder.resolve("x.json");
        for (String text : new String[] {"", "[]", "{}", "{\"format\":1}", "{\"format\":1,\"entries\":{}}", "\u0000"}) {
            Files.writeString(file, text);
            assertThrows(UsageException.class, () -> {
                Map<String, Object> m = ProfileComparison.read(file);
                ProfileComparison.of(m, m);
            });
        }
        assertThrows(UsageException.class, () -> ProfileComparison.read(folder.resolve("none")));
    }
}
