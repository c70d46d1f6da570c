package ringside.interpreter.x87;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;

/** The x87 family: which mnemonics it has, and who makes their handlers. */
public final class X87Ops {
    private X87Ops() {}

    public static void register(Registry r) {
        for (Mnemonic m : Mnemonic.values()) {
            if (InstructionInfo.of(m).unit() == InstructionInfo.Unit.X87) r.add(m, X87Ops::make);
        }
        r.add(Mnemonic.WAIT, (i, c) -> X87StateOps.waitFor());
        r.add(Mnemonic.EMMS, (i, c) -> X87StateOps.emms());
        XsaveOps.register(r);
    }

    private static Op make(Instruction i, CpuContext c) {
        if ((c.mode() & Cpu.MODE_FPU) == 0) return X87StateOps.notAvailable();
        X87Op op = switch (i.mnemonic) {
            case FADD,
                    FADDP,
                    FIADD,
                    FSUB,
                    FSUBP,
                    FISUB,
                    FSUBR,
                    FSUBRP,
                    FISUBR,
                    FMUL,
                    FMULP,
                    FIMUL,
                    FDIV,
                    FDIVP,
                    FIDIV,
                    FDIVR,
                    FDIVRP,
                    FIDIVR -> X87ArithmeticOps.make(i, c);
            case FCOM,
                    FCOMP,
                    FCOMPP,
                    FUCOM,
                    FUCOMP,
                    FUCOMPP,
                    FICOM,
                    FICOMP,
                    FCOMI,
                    FCOMIP,
                    FUCOMI,
                    FUCOMIP,
                    FTST,
                    FXAM -> X87CompareOps.make(i, c);
            case FCHS,
                    FABS,
                    FSQRT,
                    FRNDINT,
                    FXTRACT,
                    FSCALE,
                    FPREM,
                    FPREM1,
                    FSIN,
                    FCOS,
                    FSINCOS,
                    FPTAN,
                    FPATAN,
                    F2XM1,
                    FYL2X,
                    FYL2XP1 -> X87FunctionOps.make(i);
            case FNINIT,
                    FNCLEX,
                    FNENI,
                    FNDISI,
                    FNSETPM,
                    FNOP,
                    FINCSTP,
                    FDECSTP,
                    FFREE,
                    FFREEP,
                    FNSTSW,
                    FNSTCW,
                    FLDCW,
                    FNSTENV,
                    FLDENV,
                    FNSAVE,
                    FRSTOR -> X87StateOps.make(i, c);
            default -> X87MoveOps.make(i, c);
        };
        return op == null ? null : op.encode(i);
    }
}
