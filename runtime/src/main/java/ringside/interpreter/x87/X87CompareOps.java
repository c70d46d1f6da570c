package ringside.interpreter.x87;

import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.cpu.fpu.FpuState;
import ringside.decoder.Instruction;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.softfloat.Float80Compare;
import ringside.softfloat.Float80Conversion;
import ringside.softfloat.Float80Result;

/** FCOM, FUCOM, FICOM, FCOMI, FUCOMI with their pops, FTST and FXAM. Intel SDM vol. 1, 8.3.6. */
final class X87CompareOps {
    private static final int CONDITIONS = FpuState.C0 | FpuState.C2 | FpuState.C3;

    private X87CompareOps() {}

    static X87Op make(Instruction i, CpuContext c) {
        int other = i.modrm & 7;
        boolean register = i.modrm >= 0xc0;
        return switch (i.mnemonic) {
            case FCOM -> register ? registerHandler(other, false, 0) : memory(i, c, 0);
            case FCOMP -> register ? registerHandler(other, false, 1) : memory(i, c, 1);
            case FICOM -> memory(i, c, 0);
            case FICOMP -> memory(i, c, 1);
            case FCOMPP -> registerHandler(1, false, 2);
            case FUCOM -> registerHandler(other, true, 0);
            case FUCOMP -> registerHandler(other, true, 1);
            case FUCOMPP -> registerHandler(1, true, 2);
            case FCOMI -> toFlags(other, false, 0);
            case FCOMIP -> toFlags(other, false, 1);
            case FUCOMI -> toFlags(other, true, 0);
            case FUCOMIP -> toFlags(other, true, 1);
            case FTST -> test();
            case FXAM -> new Examine();
            default -> null;
        };
    }

    /** Sets C3, C2, C0 and the exceptions. @return whether the instruction completes, that is, pops */
    private static boolean finish(Cpu cpu, int relation, int flags) {
        X87Op.raise(cpu, flags);
        cpu.fpStatus = cpu.fpStatus & ~CONDITIONS | relation;
        return (flags & ~cpu.fpControl & (FpuState.IE | FpuState.DE)) == 0;
    }

    private static X87Op registerHandler(int other, boolean quiet, int pops) {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, 0);
                int b = register(cpu, other);
                boolean completes;
                if (empty(cpu, a) || empty(cpu, b)) {
                    completes = finish(cpu, Float80Compare.UNORDERED, FpuState.IE | FpuState.SF);
                } else {
                    Float80Result r = cpu.fpResult;
                    int relation = Float80Compare.compare(
                            r, cpu.fpExponent[a], cpu.fpMantissa[a], cpu.fpExponent[b], cpu.fpMantissa[b], quiet);
                    completes = finish(cpu, relation, r.flags);
                }
                for (int i = 0; completes && i < pops; i++) pop(cpu);
            }
        };
    }

    private static X87Op memory(Instruction i, CpuContext c, int pops) {
        return switch (i.opcode & 7) {
            case 0 ->
                memoryHandler(
                        new Address(i, c.mode(), 4),
                        (cpu, la, r) -> Float80Conversion.expandSingle(r, cpu.mem.load32(la)),
                        pops);
            case 4 ->
                memoryHandler(
                        new Address(i, c.mode(), 8),
                        (cpu, la, r) -> Float80Conversion.expandDouble(r, cpu.mem.load64(la)),
                        pops);
            case 2 ->
                memoryHandler(
                        new Address(i, c.mode(), 4),
                        (cpu, la, r) -> Float80Conversion.fromInteger(r, cpu.mem.load32(la)),
                        pops);
            default ->
                memoryHandler(
                        new Address(i, c.mode(), 2),
                        (cpu, la, r) -> Float80Conversion.fromInteger(r, (short) cpu.mem.load16(la)),
                        pops);
        };
    }

    private static X87Op memoryHandler(Address operand, X87Op.Load load, int pops) {
        return new X87Op() {
            @Override
            public void execute(Cpu cpu) {
                if (awaitExceptions(cpu)) return;
                Float80Result r = fetch(cpu, operand, load);
                int a = register(cpu, 0);
                boolean completes;
                if (empty(cpu, a)) {
                    completes = finish(cpu, Float80Compare.UNORDERED, FpuState.IE | FpuState.SF);
                } else {
                    boolean denormal = r.flags != 0;
                    int relation = Float80Compare.compare(
                            r, cpu.fpExponent[a], cpu.fpMantissa[a], r.signExponent, r.mantissa, false);
                    if (denormal)
                        X87ArithmeticOps.denormalOperand(r, cpu.fpControl, cpu.fpExponent[a], cpu.fpMantissa[a]);
                    completes = finish(cpu, relation, r.flags);
                }
                if (completes && pops != 0) pop(cpu);
            }
        };
    }

    /** FCOMI and the like: the relation goes to ZF, PF, CF; OF, SF, AF are cleared. */
    private static X87Op toFlags(int other, boolean quiet, int pops) {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, 0);
                int b = register(cpu, other);
                int relation = Float80Compare.UNORDERED;
                int flags = FpuState.IE | FpuState.SF;
                if (!empty(cpu, a) && !empty(cpu, b)) {
                    Float80Result r = cpu.fpResult;
                    relation = Float80Compare.compare(
                            r, cpu.fpExponent[a], cpu.fpMantissa[a], cpu.fpExponent[b], cpu.fpMantissa[b], quiet);
                    flags = r.flags;
                }
                int c1 = (flags & FpuState.SF) != 0 ? 0 : cpu.fpStatus & FpuState.C1;
                raise(cpu, flags | c1);
                long f = switch (relation) {
                    case Float80Compare.GREATER -> 0;
                    case Float80Compare.LESS -> Flags.CF;
                    case Float80Compare.EQUAL -> Flags.ZF;
                    default -> Flags.ZF | Flags.PF | Flags.CF;
                };
                cpu.flagResult = Flags.resultOf(f);
                cpu.flagAux = Flags.auxOf(f);
                if (pops != 0 && (flags & ~cpu.fpControl & (FpuState.IE | FpuState.DE)) == 0) pop(cpu);
            }
        };
    }

    /** FTST: ST(0) against zero. */
    private static X87Op test() {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, 0);
                if (empty(cpu, a)) {
                    finish(cpu, Float80Compare.UNORDERED, FpuState.IE | FpuState.SF);
                } else {
                    int relation =
                            Float80Compare.compare(cpu.fpResult, cpu.fpExponent[a], cpu.fpMantissa[a], 0, 0, false);
                    finish(cpu, relation, cpu.fpResult.flags);
                }
            }
        };
    }

    private static final class Examine extends X87Op {
        @Override
        public void execute(Cpu cpu) {
            if (awaitExceptions(cpu)) return;
            notePointers(cpu);
            int a = register(cpu, 0);
            int code = empty(cpu, a)
                    ? FpuState.C3 | FpuState.C0 | ((cpu.fpExponent[a] & 0x8000) != 0 ? FpuState.C1 : 0)
                    : Float80Compare.examine(cpu.fpExponent[a], cpu.fpMantissa[a]);
            cpu.fpStatus = cpu.fpStatus & ~(CONDITIONS | FpuState.C1) | code;
        }
    }
}
