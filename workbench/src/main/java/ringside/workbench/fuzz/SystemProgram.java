package ringside.workbench.fuzz;

import static ringside.workbench.fuzz.SystemTables.*;

import java.util.SplittableRandom;

/**
 * A random program at CPL 0 on a PC. It sets up {@link SystemTables}, then runs through segments of a few operations
 * each, a number of times round; R15 holds the address of the next segment, where handlers of faults go on. What the
 * segments do: class {@link SystemOperations}.
 */
final class SystemProgram {
    private static final int ROUNDS = DATA + 0xff0;

    private final SplittableRandom random;

    SystemProgram(SplittableRandom random) {
        this.random = random;
    }

    byte[] make() {
        Emit e = new Emit(CODE);
        prologue(e);
        e.store32(ROUNDS, random.nextInt(1, 30));
        long start = e.here();
        SystemOperations operations = new SystemOperations(random);
        for (int n = random.nextInt(2, 10); n > 0; n--) {
            Emit s = new Emit(e.here() + 7);
            for (int k = random.nextInt(1, 6); k > 0; k--) operations.one(s);
            e.bytes(0x4c, 0x8d, 0x3d).i32(s.size()).raw(s.done());
        }
        // back in ring 0 by an interrupt that always works, whatever ring the last segment ended in
        e.bytes(0xff, 0x0c, 0x25).i32(ROUNDS).bytes(0x0f, 0x85).i32(start - e.here() - 4);
        return e.bytes(0xfa, 0xf4, 0xeb, 0xfd).done();
    }

    private void prologue(Emit e) {
        e.move(4, STACK)
                .bytes(0x0f, 0x01, 0x14, 0x25)
                .i32(POINTERS)
                .bytes(0x0f, 0x01, 0x1c, 0x25)
                .i32(POINTERS + 16);
        e.msr(0xc000_0080, 0x101 | (random.nextInt(8) == 0 ? 0 : 0x800));
        e.control(3, PML4[0]);
        e.control(4, SystemOperations.cr4(random) | 0x20);
        e.control(
                0,
                0x8000_0011L | (random.nextInt(4) == 0 ? 0 : 1 << 16) | (random.nextInt(4) == 0 ? 1 << 18 : 0) | 0x22);
        e.move(0, TASK).bytes(0x0f, 0x00, 0xd8);
        e.msr(0xc000_0081, 0x0020_0008_0000_0000L)
                .msr(0xc000_0082, CODE + 0x300)
                .msr(0xc000_0084, random.nextInt(0x8000));
        e.msr(0x174, CODE0).msr(0x175, STACK - 0x100).msr(0x176, CODE + 0x300);
        if (random.nextInt(3) != 0) e.store32(APIC + 0xf0, 0x1ff);
        if (random.nextInt(4) == 0) e.msr(0x1b, 0xfee0_0d00L);
        if (random.nextInt(3) != 0) e.bytes(0xfb);
    }
}
