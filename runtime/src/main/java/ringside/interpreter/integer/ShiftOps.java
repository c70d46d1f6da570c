package ringside.interpreter.integer;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Specializer;

/** SHL, SHR, SAR, ROL, ROR, RCL, RCR, SHLD, SHRD. What they compute stands in {@link Shifts}. */
final class ShiftOps {
    enum Operation {
        ROL,
        ROR,
        RCL,
        RCR,
        SHL,
        SHR,
        SAR
    }

    private ShiftOps() {}

    static void register(Registry r) {
        for (Operation o : Operation.values()) {
            r.add(
                    Mnemonic.valueOf(o.name()),
                    (i, c) -> Specializer.make(
                            Shift.class, new Form(o, i.size[0], Form.kind(i, 0), Form.kind(i, 1), 0), i, c));
        }
        for (boolean left : new boolean[] {true, false}) {
            r.add(
                    left ? Mnemonic.SHLD : Mnemonic.SHRD,
                    (i, c) -> Specializer.make(
                            DoubleShift.class, new Form(left, i.size[0], Form.kind(i, 0), Form.kind(i, 2), 0), i, c));
        }
    }

    /** Template: shift or rotate by CL or an immediate. */
    static final class Shift extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Operation OPERATION = (Operation) FORM.operation();
        private static final int SIZE = FORM.size();
        private static final int DESTINATION = FORM.destination();
        private static final boolean IMMEDIATE = FORM.source() == Form.IMM;

        private final int destination;
        private final int immediate;
        private final Address address;

        Shift(Instruction i, Registry.CpuContext c) {
            destination = DESTINATION == Form.REG ? GprAccess.of(i, 0) : 0;
            immediate = Shifts.count(i.imm, SIZE);
            address = DESTINATION == Form.MEM ? Address.of(i, c) : null;
        }

        @Override
        public void execute(Cpu cpu) {
            int n = IMMEDIATE ? immediate : Shifts.count(cpu.gpr[Cpu.RCX], SIZE);
            if (DESTINATION == Form.REG) {
                long a = GprAccess.get(cpu.gpr, destination, SIZE);
                GprAccess.set(cpu.gpr, destination, SIZE, n == 0 ? a : apply(cpu, a, n));
            } else {
                long la = address.forWrite(cpu);
                long a = cpu.mem.modify(la, SIZE);
                cpu.mem.store(la, SIZE, n == 0 ? a : apply(cpu, a, n));
            }
        }

        private static long apply(Cpu cpu, long a, int n) {
            long r;
            if (OPERATION == Operation.SHL) {
                r = Shifts.shl(a, n, SIZE);
                cpu.flagAux = Shifts.shlAux(a, n, r, SIZE);
            } else if (OPERATION == Operation.SHR) {
                r = Shifts.shr(a, n, SIZE);
                cpu.flagAux = Shifts.shrAux(a, n, r, SIZE);
            } else if (OPERATION == Operation.SAR) {
                r = Shifts.sar(a, n, SIZE);
                cpu.flagAux = Shifts.sarAux(a, n, r, SIZE);
            } else {
                return rotate(cpu, a, n);
            }
            cpu.flagResult = GprAccess.signExtend(r, SIZE);
            return r;
        }

        private static long rotate(Cpu cpu, long a, int n) {
            long aux = cpu.flagAux;
            long r;
            if (OPERATION == Operation.ROL) {
                r = Shifts.rol(a, n, SIZE);
                cpu.flagAux = Shifts.rolAux(aux, r, SIZE);
            } else if (OPERATION == Operation.ROR) {
                r = Shifts.ror(a, n, SIZE);
                cpu.flagAux = Shifts.rorAux(aux, r, SIZE);
            } else if (OPERATION == Operation.RCL) {
                r = Shifts.rcl(a, Flags.cf(aux), n, SIZE);
                cpu.flagAux = Shifts.rclAux(aux, a, n, r, SIZE);
            } else {
                r = Shifts.rcr(a, Flags.cf(aux), n, SIZE);
                cpu.flagAux = Shifts.rcrAux(aux, a, n, r, SIZE);
            }
            return r;
        }
    }

    /** Template: SHLD (operation true) and SHRD. */
    static final class DoubleShift extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final boolean LEFT = (Boolean) FORM.operation();
        private static final int SIZE = FORM.size();
        private static final int DESTINATION = FORM.destination();
        private static final boolean IMMEDIATE = FORM.source() == Form.IMM;

        private final int destination;
        private final int source;
        private final int immediate;
        private final Address address;

        DoubleShift(Instruction i, Registry.CpuContext c) {
            destination = DESTINATION == Form.REG ? GprAccess.of(i, 0) : 0;
            source = GprAccess.of(i, 1);
            immediate = Shifts.count(i.imm, SIZE);
            address = DESTINATION == Form.MEM ? Address.of(i, c) : null;
        }

        @Override
        public void execute(Cpu cpu) {
            int n = IMMEDIATE ? immediate : Shifts.count(cpu.gpr[Cpu.RCX], SIZE);
            long b = GprAccess.get(cpu.gpr, source, SIZE);
            if (DESTINATION == Form.REG) {
                long a = GprAccess.get(cpu.gpr, destination, SIZE);
                GprAccess.set(cpu.gpr, destination, SIZE, n == 0 ? a : apply(cpu, a, b, n));
            } else {
                long la = address.forWrite(cpu);
                long a = cpu.mem.modify(la, SIZE);
                cpu.mem.store(la, SIZE, n == 0 ? a : apply(cpu, a, b, n));
            }
        }

        private static long apply(Cpu cpu, long a, long b, int n) {
            long r = LEFT ? Shifts.shld(a, b, n, SIZE) : Shifts.shrd(a, b, n, SIZE);
            cpu.flagAux = LEFT ? Shifts.shldAux(a, n, r, SIZE) : Shifts.shrdAux(a, n, r, SIZE);
            cpu.flagResult = GprAccess.signExtend(r, SIZE);
            return r;
        }
    }
}
