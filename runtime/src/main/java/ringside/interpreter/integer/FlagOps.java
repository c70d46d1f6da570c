package ringside.interpreter.integer;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Flags;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.StackAccess;

/** CLC, STC, CMC, CLD, STD, LAHF, SAHF, SALC, PUSHF, POPF. */
final class FlagOps {
    private FlagOps() {}

    static void register(Registry r) {
        for (Mnemonic m :
                new Mnemonic[] {Mnemonic.CLC, Mnemonic.STC, Mnemonic.CMC, Mnemonic.CLD, Mnemonic.STD, Mnemonic.SALC}) {
            r.add(m, (i, c) -> simple(m));
        }
        // in 64-bit mode they are a feature (CPUID.80000001H:ECX.LAHF-SAHF)
        for (Mnemonic m : new Mnemonic[] {Mnemonic.LAHF, Mnemonic.SAHF}) {
            r.add(
                    m,
                    (i, c) -> (c.mode() & Cpu.MODE_MASK) != Cpu.MODE_64
                                    || c.model().has(CpuModel.Feature.LAHF_LM)
                            ? simple(m)
                            : null);
        }
        r.add(Mnemonic.PUSHF, FlagOps::pushFlags);
        r.add(Mnemonic.POPF, PopFlags::new);
    }

    private static Op simple(Mnemonic kind) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                switch (kind) {
                    case CLC -> cpu.flagAux = Flags.withCarry(cpu.flagAux, false);
                    case STC -> cpu.flagAux = Flags.withCarry(cpu.flagAux, true);
                    case CMC -> cpu.flagAux = Flags.withCarry(cpu.flagAux, !Flags.cf(cpu.flagAux));
                    case CLD -> cpu.systemFlags &= ~Flags.DF;
                    case STD -> cpu.systemFlags |= Flags.DF;
                    case LAHF -> cpu.gpr[Cpu.RAX] = cpu.gpr[Cpu.RAX] & ~0xff00L | (cpu.rflags() & 0xff) << 8;
                    case SAHF -> {
                        long kept = cpu.rflags() & Flags.OF;
                        cpu.setArithmeticFlags(cpu.gpr[Cpu.RAX] >>> 8 & 0xff | kept);
                    }
                    default -> GprAccess.set(cpu.gpr, Cpu.RAX, 1, Flags.cf(cpu.flagAux) ? 0xff : 0);
                }
            }
        };
    }

    /**
     * PUSHF, PUSHFD, PUSHFQ: RF and VM read as zero. In virtual-8086 mode it needs IOPL 3, or CR4.VME, which shows VIF
     * as IF.
     */
    private static Op pushFlags(Instruction i, Registry.CpuContext c) {
        int size = i.operandSize;
        int stack = StackAccess.kind(c.mode());
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long v = cpu.rflags() & ~(Flags.RF | Flags.VM);
                if (cpu.v86() && cpu.iopl() < 3) {
                    if (size != 2 || (cpu.cr4 & Cpu.CR4_VME) == 0) throw cpu.gp(0);
                    v = v & ~Flags.IF | Flags.IOPL | ((v & Flags.VIF) != 0 ? Flags.IF : 0);
                }
                StackAccess.push(cpu, v, size, stack);
            }
        };
    }

    /**
     * POPF, POPFD, POPFQ. IOPL changes only at CPL 0, IF only at CPL up to IOPL; VM, VIP and VIF keep their value and
     * RF is cleared. In virtual-8086 mode it needs IOPL 3, or CR4.VME, which puts IF into VIF. Intel SDM vol. 2, POPF,
     * table 4-20.
     */
    private static final class PopFlags extends Op {
        private static final long ALWAYS = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT | Flags.AC | Flags.ID;

        private final int size;
        private final int stack;

        PopFlags(Instruction i, Registry.CpuContext c) {
            size = i.operandSize;
            stack = StackAccess.kind(c.mode());
        }

        @Override
        public void execute(Cpu cpu) {
            boolean v86 = cpu.v86();
            long v = StackAccess.load(cpu, StackAccess.pointer(cpu, 0, stack), size, stack);
            long old = cpu.rflags();
            long changes = ALWAYS;
            if (v86 && cpu.iopl() < 3) {
                if (size != 2 || (cpu.cr4 & Cpu.CR4_VME) == 0) throw cpu.gp(0);
                boolean enable = (v & Flags.IF) != 0;
                if ((v & Flags.TF) != 0 || enable && (old & Flags.VIP) != 0) throw cpu.gp(0);
                v = v & ~Flags.VIF | (enable ? Flags.VIF : 0);
                changes |= Flags.VIF;
            } else if (!v86) {
                if (cpu.cpl == 0) changes |= Flags.IOPL;
                if (cpu.cpl <= cpu.iopl()) changes |= Flags.IF;
            } else {
                changes |= Flags.IF;
            }
            if (size == 2) changes &= 0xffff | Flags.VIF;
            StackAccess.setPointer(cpu, StackAccess.pointer(cpu, size, stack), stack);
            cpu.setRflags((old & ~changes | v & changes) & ~Flags.RF);
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }
}
