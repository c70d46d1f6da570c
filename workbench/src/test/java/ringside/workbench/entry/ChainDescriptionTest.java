package ringside.workbench.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.Symbols;
import ringside.workbench.entry.TrueChain.Link;

/**
 * The entry kernel's description against its execution, at every instruction: a call adds its return address to the
 * chain and nothing else, a return takes away the address it goes to, an entry adds the interrupted place, IRET and
 * SYSRET go to the place they take away, a switch of tasks brings back the chain that the task had, and all others
 * change nothing.
 */
class ChainDescriptionTest {
    private static final Path FOLDER = Path.of("..", "testdata", "entrykernel");

    private final TreeMap<String, String> wrong = new TreeMap<>();
    private Symbols symbols;
    private Machine machine;
    private GuestView view;
    private TrueChain chain;
    /** What the chain must be behind an entry that was delivered in the present step, or null. */
    private List<Link> entered;

    @ParameterizedTest
    @EnumSource
    void everyInstructionChangesTheChainAsItsMeaningSays(EntryKernel.Variant v) throws Exception {
        EntryKernel kernel = EntryKernel.in(FOLDER, v);
        ElfImage image = ElfImage.of(Files.readAllBytes(kernel.image()));
        symbols = image.symbols();
        machine = kernel.start(Machine::interpreter, "");
        view = new GuestView(machine.cpu());
        chain = new TrueChain(ChainDescription.of(image), view);
        machine.cpu().observers.add(ringside.cpu.Observer.of(this::deliver));
        long switched = symbols.address("switch_stacks");
        long repeat = symbols.address("repeat_nmi");
        Map<Long, List<Link>> tasks = new HashMap<>();
        List<Link> before = List.of();
        byte[] code = new byte[4];
        int steps = 0;
        int changes = 0;
        int resumed = 0;
        while (true) {
            long rip = machine.cpu().rip;
            view.refresh();
            view.read(rip, code, 0, 4);
            entered = null;
            if (machine.run(machine.cpu().instructions() + 1).reason() != Outcome.Reason.INSTRUCTION_LIMIT) break;
            steps++;
            List<Link> after = links(rip);
            long now = machine.cpu().rip;
            boolean wide = (code[0] & 0xf0) == 0x40;
            int a = wide ? 0x48 : code[0] & 0xff;
            int b = code[1] & 0xff;
            if (entered != null) {
                check(rip, same(after, entered), "entry", before, after);
            } else if (a == 0xe8 || a == 0xff && (b >> 3 & 7) == 2 || wide && b == 0xff && (code[2] >> 3 & 7) == 2) {
                boolean added = after.size() == before.size() + 1
                        && !after.get(0).entry()
                        && Long.compareUnsigned(after.get(0).address() - rip, 15) < 0;
                check(rip, added && same(after.subList(1, after.size()), before), "call", before, after);
                changes++;
            } else if (a == 0xc3 || a == 0x48 && b == 0xcf && now != repeat || a == 0x48 && b == 0x0f && code[2] == 7) {
                boolean back = !before.isEmpty()
                        && before.get(0).address() == now
                        && before.get(0).entry() == (a != 0xc3);
                check(rip, back && same(after, before.subList(1, before.size())), "return", before, after);
                changes++;
            } else if (a == 0x0f && b == 0x05) {
                check(
                        rip,
                        after.size() == 1 && after.get(0).user() && after.get(0).address() == rip + 2,
                        "syscall",
                        before,
                        after);
                changes++;
            } else if (rip > switched && rip < switched + 40 && a == 0x48 && b == 0x8b && code[2] == 0x26) {
                List<Link> kept = tasks.remove(machine.cpu().gpr[Cpu.RSP]);
                check(rip, kept == null || same(after, kept), "switch", kept, after);
                if (kept != null) resumed++;
                view.refresh();
                assertTrue(view.load(machine.cpu().gpr[Cpu.RDI]));
                tasks.put(view.value(), before);
            } else if (a == 0x48
                    && b == 0x89
                    && symbols.name(symbols.find(rip)).equals("fixup")
                    && !same(after, before)) {
                // the handler sends the interrupted code somewhere else
                long from = before.stream()
                        .filter(Link::entry)
                        .findFirst()
                        .orElseThrow()
                        .address();
                long to = after.stream()
                        .filter(Link::entry)
                        .findFirst()
                        .orElseThrow()
                        .address();
                check(rip, Long.compareUnsigned(to - from, 8) < 0, "fixup", before, after);
            } else {
                check(rip, same(after, before), "other", before, after);
            }
            before = after;
        }
        machine.close();
        assertEquals(Map.of(), wrong);
        assertTrue(
                steps > 40_000 && changes > 2000 && resumed > 20,
                steps + " instructions, " + changes + " changes, " + resumed + " tasks came back");
    }

    private boolean deliver(Cpu cpu, int vector, int error, boolean software) {
        view.refresh();
        List<Link> now = links(cpu.rip);
        if (entered != null) check(cpu.rip, same(now, entered), "entry on entry", entered, now);
        entered = new ArrayList<>();
        entered.add(new Link(true, 0, cpu.rip, cpu.gpr[Cpu.RSP], cpu.cpl == 3, false));
        entered.addAll(now);
        return false;
    }

    private List<Link> links(long rip) {
        view.refresh();
        try {
            return chain.links();
        } catch (TrueChain.WrongDescription e) {
            wrong.putIfAbsent(name(rip), e.getMessage());
            return List.of();
        }
    }

    private static boolean same(List<Link> a, List<Link> b) {
        if (a.size() != b.size()) return false;
        for (int i = 0; i < a.size(); i++) {
            if (!a.get(i).same(b.get(i))) return false;
        }
        return true;
    }

    private void check(long rip, boolean right, String what, List<Link> before, List<Link> after) {
        if (!right) wrong.putIfAbsent(name(rip), what + ": " + before + " -> " + after);
    }

    private String name(long rip) {
        int s = symbols.find(rip);
        return s < 0 ? Long.toHexString(rip) : String.format("%x %s+%x", rip, symbols.name(s), rip - symbols.start(s));
    }
}
