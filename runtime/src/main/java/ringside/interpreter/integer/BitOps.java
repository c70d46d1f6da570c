package ringside.interpreter.integer;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.cpu.Flags;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Specializer;

/**
 * BT, BTS, BTR, BTC; BSF, BSR, TZCNT, LZCNT, POPCNT. Without their features TZCNT is BSF and LZCNT is BSR: processors
 * ignore the prefix. Flags that the manual leaves undefined are as AMD's Zen 4 has them. Intel SDM vol. 2.
 */
final class BitOps {
    private BitOps() {}

    static void register(Registry r) {
        for (Test.Operation o : Test.Operation.values()) {
            r.add(
                    Mnemonic.valueOf(o.name()),
                    (i, c) -> Specializer.make(
                            Test.class, new Form(o, i.size[0], Form.kind(i, 0), Form.kind(i, 1), 0), i, c));
        }
        r.add(Mnemonic.BSF, (i, c) -> new Scan(i, c, Mnemonic.BSF));
        r.add(Mnemonic.BSR, (i, c) -> new Scan(i, c, Mnemonic.BSR));
        r.add(Mnemonic.TZCNT, (i, c) -> new Scan(i, c, c.model().has(Feature.BMI1) ? Mnemonic.TZCNT : Mnemonic.BSF));
        r.add(Mnemonic.LZCNT, (i, c) -> new Scan(i, c, c.model().has(Feature.LZCNT) ? Mnemonic.LZCNT : Mnemonic.BSR));
        r.add(Mnemonic.POPCNT, (i, c) -> c.model().has(Feature.POPCNT) ? new Scan(i, c, Mnemonic.POPCNT) : null);
    }

    /**
     * Template: bit tests. A register bit offset reaches memory outside of the operand; CF is the bit, the other flags
     * stay.
     */
    static final class Test extends Op {
        enum Operation {
            BT,
            BTS,
            BTR,
            BTC
        }

        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Operation OPERATION = (Operation) FORM.operation();
        private static final int SIZE = FORM.size();
        private static final int BITS = 8 * SIZE;
        private static final int DESTINATION = FORM.destination();
        private static final boolean IMMEDIATE = FORM.source() == Form.IMM;

        private final int destination;
        private final int source;
        private final long immediate;
        private final Address address;

        Test(Instruction i, Registry.CpuContext c) {
            destination = DESTINATION == Form.REG ? GprAccess.of(i, 0) : 0;
            source = IMMEDIATE ? 0 : GprAccess.of(i, 1);
            immediate = i.imm & BITS - 1;
            address = DESTINATION == Form.MEM ? Address.of(i, c) : null;
        }

        @Override
        public void execute(Cpu cpu) {
            long bit = IMMEDIATE ? immediate : GprAccess.signExtend(cpu.gpr[source], SIZE);
            int n = (int) bit & BITS - 1;
            if (DESTINATION == Form.REG) {
                long a = GprAccess.get(cpu.gpr, destination, SIZE);
                if (OPERATION != Operation.BT) GprAccess.set(cpu.gpr, destination, SIZE, changed(a, n));
                carry(cpu, a, n);
                return;
            }
            boolean write = OPERATION != Operation.BT;
            long la = IMMEDIATE
                    ? write ? address.forWrite(cpu) : address.forRead(cpu)
                    : address.displaced(cpu, (bit >> (SIZE == 8 ? 6 : SIZE == 4 ? 5 : 4)) * SIZE, SIZE, write);
            if (write) {
                long a = cpu.mem.modify(la, SIZE);
                cpu.mem.store(la, SIZE, changed(a, n));
                carry(cpu, a, n);
            } else {
                carry(cpu, cpu.mem.load(la, SIZE), n);
            }
        }

        private static void carry(Cpu cpu, long a, int n) {
            cpu.flagAux = Flags.withCarry(cpu.flagAux, (a >>> n & 1) != 0);
        }

        private static long changed(long a, int n) {
            return OPERATION == Operation.BTS ? a | 1L << n : OPERATION == Operation.BTR ? a & ~(1L << n) : a ^ 1L << n;
        }
    }

    /**
     * Scans and counts. BSF and BSR of zero leave the destination alone. BSF, BSR: ZF = source is zero, PF of the
     * index, the others clear. TZCNT, LZCNT: CF = source is zero, ZF = result is zero, OF kept, the others clear.
     * POPCNT: ZF, the others clear.
     */
    private static final class Scan extends Op {
        private final Mnemonic kind;
        private final int destination;
        private final int source;
        private final int size;
        private final Address address;

        Scan(Instruction i, Registry.CpuContext c, Mnemonic kind) {
            this.kind = kind;
            boolean memory = i.kind[1] == Instruction.MEM;
            destination = GprAccess.of(i, 0);
            source = memory ? 0 : GprAccess.of(i, 1);
            size = i.size[0];
            address = memory ? Address.of(i, c) : null;
        }

        @Override
        public void execute(Cpu cpu) {
            long v = address == null ? GprAccess.get(cpu.gpr, source, size) : cpu.mem.load(address.forRead(cpu), size);
            switch (kind) {
                case BSF -> scan(cpu, v, Long.numberOfTrailingZeros(v));
                case BSR -> scan(cpu, v, 63 - Long.numberOfLeadingZeros(v));
                case TZCNT -> count(cpu, v, v == 0 ? 8 * size : Long.numberOfTrailingZeros(v));
                case LZCNT -> count(cpu, v, Long.numberOfLeadingZeros(v) - 64 + 8 * size);
                default -> {
                    GprAccess.set(cpu.gpr, destination, size, Long.bitCount(v));
                    cpu.setArithmeticFlags(v == 0 ? Flags.ZF : 0);
                }
            }
        }

        private void scan(Cpu cpu, long v, int index) {
            if (v == 0) {
                cpu.setArithmeticFlags(Flags.ZF | Flags.PF);
                return;
            }
            GprAccess.set(cpu.gpr, destination, size, index);
            cpu.setArithmeticFlags(Flags.pf(index, 0) ? Flags.PF : 0);
        }

        private void count(Cpu cpu, long v, int n) {
            GprAccess.set(cpu.gpr, destination, size, n);
            cpu.setArithmeticFlags(cpu.rflags() & Flags.OF | (v == 0 ? Flags.CF : 0) | (n == 0 ? Flags.ZF : 0));
        }
    }
}
