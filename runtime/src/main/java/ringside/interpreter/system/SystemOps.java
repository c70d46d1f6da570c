package ringside.interpreter.system;

import ringside.cpu.ControlRegisters;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.cpu.Cpuid;
import ringside.cpu.DebugTraps;
import ringside.cpu.DescriptorQueries;
import ringside.cpu.FarTransfer;
import ringside.cpu.FastCalls;
import ringside.cpu.Flags;
import ringside.cpu.InterruptReturn;
import ringside.cpu.Interrupts;
import ringside.cpu.IoPermission;
import ringside.cpu.MsrTable;
import ringside.cpu.Segment;
import ringside.cpu.SegmentLoading;
import ringside.cpu.Vector;
import ringside.cpu.VirtualInterrupts;
import ringside.cpu.XsaveLayout;
import ringside.cpu.fpu.XsaveImage;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.StackAccess;

/**
 * System instructions: the table from mnemonic to what it does. All of them end their block. Behaviour
 * stands in package cpu. Source: Intel SDM vol. 2.
 */
public final class SystemOps {
    /** What a system instruction does, given its operands. */
    private interface Action {
        void run(Cpu cpu, Instruction i, Address a);
    }

    private static final class SystemOp extends Op {
        private final Action action;
        private final Address address;
        private final Instruction decoded;

        SystemOp(Action action, Instruction i, Address address) {
            this.action = action;
            this.decoded = i;
            this.address = address;
        }

        @Override
        public void execute(Cpu cpu) {
            action.run(cpu, decoded, address);
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }

    private SystemOps() {}

    private static Op make(Action action, Instruction i, Registry.CpuContext c) {
        return new SystemOp(action, i, i.memoryOperand() < 0 ? null : Address.of(i, c));
    }

    private static void add(Registry r, Mnemonic m, Action action) {
        r.add(m, (i, c) -> make(action, i, c));
    }

    private static void add(Registry r, Mnemonic m, Feature f, Action action) {
        r.add(m, (i, c) -> c.model().has(f) ? make(action, i, c) : null);
    }

    public static void register(Registry r) {
        registerSegments(r);
        registerTransfers(r);
        registerControl(r);
        registerTime(r);
    }

    // ---- operands ----

    private static long source(Cpu cpu, Instruction i, int k, int size, Address a) {
        return i.kind[k] == Instruction.MEM
                ? cpu.mem.load(a.forRead(cpu), size)
                : GprAccess.get(cpu.gpr, GprAccess.of(i, k), size);
    }

    /** Stores a 16-bit system value: 2 bytes to memory, zero-extended to the operand size in a register. */
    private static void storeWord(Cpu cpu, Instruction i, Address a, long v) {
        if (i.kind[0] == Instruction.MEM) {
            cpu.mem.store(a.forWrite(cpu), 2, v);
        } else {
            GprAccess.set(cpu.gpr, i.reg[0], i.operandSize, v);
        }
    }

    private static void privileged(Cpu cpu) {
        if (cpu.cpl != 0) throw cpu.gp(0);
    }

    private static void userModePrevention(Cpu cpu) {
        if ((cpu.cr4 & Cpu.CR4_UMIP) != 0 && cpu.cpl != 0) throw cpu.gp(0);
    }

    private static void protectedOnly(Cpu cpu) {
        if (!cpu.protectedMode()) throw cpu.ud();
    }

    // ---- segment registers and descriptor tables ----

    private static void registerSegments(Registry r) {
        r.add(Mnemonic.MOV, (i, c) -> switch (i.kind[0] == Instruction.MEM || i.kind[0] == Instruction.GPR
                ? i.kind[1]
                : i.kind[0]) {
            case Instruction.SEGMENT ->
                i.kind[0] == Instruction.SEGMENT
                        ? i.reg[0] == Cpu.CS ? null : make(SystemOps::moveToSegment, i, c)
                        : make((cpu, o, a) -> storeWord(cpu, o, a, cpu.seg[o.reg[1]].selector), i, c);
            case Instruction.CONTROL ->
                make(i.kind[0] == Instruction.CONTROL ? SystemOps::moveToControl : SystemOps::moveFromControl, i, c);
            case Instruction.DEBUG ->
                make(i.kind[0] == Instruction.DEBUG ? SystemOps::moveToDebug : SystemOps::moveFromDebug, i, c);
            default -> null;
        });
        r.add(Mnemonic.POP, (i, c) -> i.kind[0] == Instruction.SEGMENT ? make(SystemOps::popSegment, i, c) : null);
        far(r, Mnemonic.LES, Cpu.ES);
        far(r, Mnemonic.LDS, Cpu.DS);
        far(r, Mnemonic.LSS, Cpu.SS);
        far(r, Mnemonic.LFS, Cpu.FS);
        far(r, Mnemonic.LGS, Cpu.GS);
        add(r, Mnemonic.LGDT, (cpu, i, a) -> loadTable(cpu, i, a, true));
        add(r, Mnemonic.LIDT, (cpu, i, a) -> loadTable(cpu, i, a, false));
        add(r, Mnemonic.SGDT, (cpu, i, a) -> storeTable(cpu, a, cpu.gdtLimit, cpu.gdtBase));
        add(r, Mnemonic.SIDT, (cpu, i, a) -> storeTable(cpu, a, cpu.idtLimit, cpu.idtBase));
        add(r, Mnemonic.LLDT, (cpu, i, a) -> {
            protectedOnly(cpu);
            privileged(cpu);
            SegmentLoading.loadLdt(cpu, (int) source(cpu, i, 0, 2, a));
        });
        add(r, Mnemonic.LTR, (cpu, i, a) -> {
            protectedOnly(cpu);
            privileged(cpu);
            SegmentLoading.loadTask(cpu, (int) source(cpu, i, 0, 2, a));
        });
        add(r, Mnemonic.SLDT, (cpu, i, a) -> {
            protectedOnly(cpu);
            userModePrevention(cpu);
            storeWord(cpu, i, a, cpu.ldtr.selector);
        });
        add(r, Mnemonic.STR, (cpu, i, a) -> {
            protectedOnly(cpu);
            userModePrevention(cpu);
            storeWord(cpu, i, a, cpu.tr.selector);
        });
        add(r, Mnemonic.SMSW, (cpu, i, a) -> {
            userModePrevention(cpu);
            storeWord(cpu, i, a, cpu.cr0);
        });
        add(r, Mnemonic.LMSW, (cpu, i, a) -> {
            privileged(cpu);
            ControlRegisters.loadMachineStatus(cpu, source(cpu, i, 0, 2, a));
            cpu.attention = true;
        });
        add(r, Mnemonic.LAR, (cpu, i, a) -> query(cpu, i, DescriptorQueries.accessRights(cpu, selector(cpu, i, 1, a))));
        add(r, Mnemonic.LSL, (cpu, i, a) -> query(cpu, i, DescriptorQueries.limit(cpu, selector(cpu, i, 1, a))));
        add(r, Mnemonic.VERR, (cpu, i, a) -> zero(cpu, DescriptorQueries.readable(cpu, selector(cpu, i, 0, a))));
        add(r, Mnemonic.VERW, (cpu, i, a) -> zero(cpu, DescriptorQueries.writable(cpu, selector(cpu, i, 0, a))));
        add(r, Mnemonic.ARPL, SystemOps::adjustRpl);
    }

    private static void moveToSegment(Cpu cpu, Instruction i, Address a) {
        SegmentLoading.load(cpu, i.reg[0], (int) source(cpu, i, 1, 2, a));
        if (i.reg[0] == Cpu.SS) shadow(cpu);
    }

    private static void shadow(Cpu cpu) {
        cpu.castShadow();
        cpu.shadowFromMovSs = true;
        cpu.attention = true;
    }

    private static void popSegment(Cpu cpu, Instruction i, Address a) {
        int kind = StackAccess.kind(cpu.mode);
        int selector = (int) StackAccess.load(
                        cpu, StackAccess.pointer(cpu, 0, kind), i.operandSize == 2 ? 2 : i.operandSize, kind)
                & 0xffff;
        long sp = cpu.gpr[Cpu.RSP];
        long mask = cpu.code64() ? -1 : cpu.seg[Cpu.SS].big() ? 0xffff_ffffL : 0xffff;
        SegmentLoading.load(cpu, i.reg[0], selector);
        cpu.gpr[Cpu.RSP] = mask == 0xffff ? sp & ~mask | sp + i.operandSize & mask : sp + i.operandSize & mask;
        if (i.reg[0] == Cpu.SS) shadow(cpu);
    }

    private static void far(Registry r, Mnemonic m, int register) {
        add(r, m, (cpu, i, a) -> {
            int size = farSize(cpu, i);
            long at = a.forRead(cpu);
            long offset = cpu.mem.load(at, size);
            int selector = (int) cpu.mem.load(a.displaced(cpu, size, 2, false), 2);
            SegmentLoading.load(cpu, register, selector);
            GprAccess.set(cpu.gpr, i.reg[0], size, offset);
        });
    }

    /** @return bytes of a far pointer's offset in memory; AMD's processors know none of 8 */
    private static int farSize(Cpu cpu, Instruction i) {
        return i.operandSize == 8 && cpu.model.amd() ? 4 : i.operandSize;
    }

    private static void loadTable(Cpu cpu, Instruction i, Address a, boolean gdt) {
        privileged(cpu);
        int limit = (int) cpu.mem.load(a.displaced(cpu, 0, 2, false), 2);
        int width = cpu.code64() ? 8 : 4;
        long base = cpu.mem.load(a.displaced(cpu, 2, width, false), width);
        if (width == 4 && i.operandSize == 2) base &= 0xff_ffff;
        if (!cpu.canonical(base)) throw cpu.gp(0);
        if (gdt) {
            cpu.gdtLimit = limit;
            cpu.gdtBase = base;
        } else {
            cpu.idtLimit = limit;
            cpu.idtBase = base;
        }
    }

    private static void storeTable(Cpu cpu, Address a, int limit, long base) {
        userModePrevention(cpu);
        int width = cpu.code64() ? 8 : 4;
        long at = a.displaced(cpu, 2, width, true);
        cpu.mem.checkWrite(at, width);
        cpu.mem.store(a.displaced(cpu, 0, 2, true), 2, limit);
        cpu.mem.store(at, width, base);
    }

    private static int selector(Cpu cpu, Instruction i, int k, Address a) {
        protectedOnly(cpu);
        return (int) source(cpu, i, k, 2, a);
    }

    private static void zero(Cpu cpu, boolean zf) {
        cpu.setArithmeticFlags(cpu.rflags() & ~Flags.ZF | (zf ? Flags.ZF : 0));
    }

    /** LAR and LSL: the register changes only if the descriptor may be looked at. @param v -1 if not */
    private static void query(Cpu cpu, Instruction i, long v) {
        if (v >= 0) GprAccess.set(cpu.gpr, i.reg[0], i.operandSize, v);
        zero(cpu, v >= 0);
    }

    private static void adjustRpl(Cpu cpu, Instruction i, Address a) {
        protectedOnly(cpu);
        boolean memory = i.kind[0] == Instruction.MEM;
        int old = (int) (memory ? cpu.mem.load(a.forRead(cpu), 2) : cpu.gpr[i.reg[0]] & 0xffff);
        int rpl = (int) cpu.gpr[i.reg[1]] & 3;
        boolean lower = (old & 3) < rpl;
        if (lower) {
            if (memory) {
                cpu.mem.store(a.forWrite(cpu), 2, old & ~3 | rpl);
            } else {
                GprAccess.set(cpu.gpr, i.reg[0], 2, old & ~3 | rpl);
            }
        }
        zero(cpu, lower);
    }

    // ---- transfers ----

    private interface FarAction {
        void go(Cpu cpu, int selector, long offset, int size);
    }

    private static Action farTransfer(FarAction f) {
        return (cpu, i, a) -> {
            int size = farSize(cpu, i);
            if (i.kind[0] == Instruction.FAR) {
                f.go(cpu, (int) i.imm2 & 0xffff, GprAccess.zeroExtend(i.imm, size), size);
            } else {
                long offset = cpu.mem.load(a.displaced(cpu, 0, size, false), size);
                f.go(cpu, (int) cpu.mem.load(a.displaced(cpu, size, 2, false), 2), offset, size);
            }
        };
    }

    private static void registerTransfers(Registry r) {
        add(r, Mnemonic.JMP_FAR, farTransfer(FarTransfer::jump));
        add(r, Mnemonic.CALL_FAR, farTransfer(FarTransfer::call));
        add(
                r,
                Mnemonic.RET_FAR,
                (cpu, i, a) -> FarTransfer.ret(cpu, i.operandSize, i.operandCount > 0 ? (int) i.imm & 0xffff : 0));
        add(r, Mnemonic.IRET, (cpu, i, a) -> InterruptReturn.iret(cpu, i.operandSize));
        add(r, Mnemonic.INT, (cpu, i, a) -> Interrupts.software(cpu, (int) i.imm & 0xff));
        add(r, Mnemonic.INT3, (cpu, i, a) -> Interrupts.softwareException(cpu, Vector.BP));
        add(r, Mnemonic.INT1, (cpu, i, a) -> Interrupts.int1(cpu));
        add(r, Mnemonic.INTO, (cpu, i, a) -> {
            if (Flags.of(cpu.flagAux)) Interrupts.softwareException(cpu, Vector.OF);
        });
        add(r, Mnemonic.BOUND, (cpu, i, a) -> {
            int size = i.operandSize;
            long index = GprAccess.signExtend(cpu.gpr[i.reg[0]], size);
            long low = GprAccess.signExtend(cpu.mem.load(a.displaced(cpu, 0, size, false), size), size);
            long high = GprAccess.signExtend(cpu.mem.load(a.displaced(cpu, size, size, false), size), size);
            if (index < low || index > high) throw cpu.fault(Vector.BR, 0);
        });
        add(r, Mnemonic.SYSCALL, (cpu, i, a) -> FastCalls.syscall(cpu));
        add(r, Mnemonic.SYSRET, (cpu, i, a) -> FastCalls.sysret(cpu, i.has(Instruction.REX_W) ? 8 : 4));
        add(r, Mnemonic.SYSENTER, (cpu, i, a) -> FastCalls.sysenter(cpu));
        add(r, Mnemonic.SYSEXIT, (cpu, i, a) -> FastCalls.sysexit(cpu, i.has(Instruction.REX_W) ? 8 : 4));
        add(r, Mnemonic.SWAPGS, (cpu, i, a) -> FastCalls.swapgs(cpu));
        base(r, Mnemonic.RDFSBASE, Cpu.FS, false);
        base(r, Mnemonic.RDGSBASE, Cpu.GS, false);
        base(r, Mnemonic.WRFSBASE, Cpu.FS, true);
        base(r, Mnemonic.WRGSBASE, Cpu.GS, true);
    }

    private static void base(Registry r, Mnemonic m, int register, boolean write) {
        add(r, m, Feature.FSGSBASE, (cpu, i, a) -> {
            if (!cpu.code64() || (cpu.cr4 & Cpu.CR4_FSGSBASE) == 0) throw cpu.ud();
            Segment s = cpu.seg[register];
            int size = i.operandSize == 8 ? 8 : 4; // a prefix 66h has no effect
            if (write) {
                long v = GprAccess.get(cpu.gpr, i.reg[0], size);
                if (!cpu.canonical(v)) throw cpu.gp(0);
                s.base = v;
            } else {
                GprAccess.set(cpu.gpr, i.reg[0], size, s.base);
            }
        });
    }

    // ---- control, debug, interrupts, ports, caches ----

    private static int width(Cpu cpu) {
        return cpu.code64() ? 8 : 4;
    }

    private static void moveToControl(Cpu cpu, Instruction i, Address a) {
        ControlRegisters.write(cpu, i.reg[0], GprAccess.get(cpu.gpr, i.reg[1], width(cpu)));
    }

    private static void moveFromControl(Cpu cpu, Instruction i, Address a) {
        GprAccess.set(cpu.gpr, i.reg[0], width(cpu), ControlRegisters.read(cpu, i.reg[1]));
    }

    private static void moveToDebug(Cpu cpu, Instruction i, Address a) {
        DebugTraps.write(cpu, i.reg[0], GprAccess.get(cpu.gpr, i.reg[1], width(cpu)));
    }

    private static void moveFromDebug(Cpu cpu, Instruction i, Address a) {
        GprAccess.set(cpu.gpr, i.reg[0], width(cpu), DebugTraps.read(cpu, i.reg[1]));
    }

    private static void registerControl(Registry r) {
        add(r, Mnemonic.CLTS, (cpu, i, a) -> {
            privileged(cpu);
            cpu.cr0 &= ~(long) Cpu.CR0_TS;
            cpu.updateMode();
        });
        add(r, Mnemonic.CLI, (cpu, i, a) -> {
            if (VirtualInterrupts.virtualized(cpu, false)) {
                cpu.systemFlags &= ~(long) Flags.VIF;
            } else {
                cpu.systemFlags &= ~(long) Flags.IF;
            }
        });
        add(r, Mnemonic.STI, (cpu, i, a) -> {
            if (VirtualInterrupts.virtualized(cpu, true)) {
                cpu.systemFlags |= Flags.VIF;
            } else if ((cpu.systemFlags & Flags.IF) == 0) {
                cpu.systemFlags |= Flags.IF;
                cpu.castShadow();
                // one that comes later is seen later: by then the shadow is over
                if (cpu.bus.interruptPending() || cpu.nmiPending) cpu.attention = true;
            }
        });
        add(r, Mnemonic.CLAC, Feature.SMAP, (cpu, i, a) -> accessFlag(cpu, false));
        add(r, Mnemonic.STAC, Feature.SMAP, (cpu, i, a) -> accessFlag(cpu, true));
        add(r, Mnemonic.HLT, (cpu, i, a) -> {
            privileged(cpu);
            cpu.halted = true;
            cpu.attention = true;
        });
        add(r, Mnemonic.IN, (cpu, i, a) -> {
            int port = port(cpu, i, 1);
            int size = i.size[0];
            announcePort(cpu, port, size);
            GprAccess.set(cpu.gpr, Cpu.RAX, size, cpu.observers.port(port, size, cpu.bus.in(port, size), false));
        });
        add(r, Mnemonic.OUT, (cpu, i, a) -> {
            int port = port(cpu, i, 0);
            int size = i.size[1];
            announcePort(cpu, port, size);
            cpu.bus.out(port, size, cpu.observers.port(port, size, (int) GprAccess.get(cpu.gpr, Cpu.RAX, size), true));
        });
        add(r, Mnemonic.CLZERO, Feature.CLZERO, (cpu, i, a) -> {
            long line = segmented(cpu, i, accumulator(i, cpu)) & -64;
            cpu.mem.checkWrite(line, 64);
            for (int k = 0; k < 64; k += 8) cpu.mem.store64(line + k, 0);
        });
        // a wait that ends at once, which software must expect
        add(r, Mnemonic.MONITORX, Feature.MWAITX, (cpu, i, a) -> {
            if ((int) cpu.gpr[Cpu.RCX] != 0) throw cpu.gp(0);
            cpu.mem.load8(segmented(cpu, i, accumulator(i, cpu)));
        });
        add(r, Mnemonic.MWAITX, Feature.MWAITX, (cpu, i, a) -> {
            if ((cpu.gpr[Cpu.RCX] & 0xffff_fffcL) != 0) throw cpu.gp(0);
        });
        add(r, Mnemonic.INVD, (cpu, i, a) -> privileged(cpu));
        add(r, Mnemonic.WBINVD, (cpu, i, a) -> privileged(cpu));
        add(r, Mnemonic.WBNOINVD, (cpu, i, a) -> privileged(cpu)); // WBINVD where it is not known
        add(r, Mnemonic.SERIALIZE, Feature.SERIALIZE, (cpu, i, a) -> {});
        add(r, Mnemonic.RDPKRU, Feature.PKU, (cpu, i, a) -> {
            if ((cpu.cr4 & Cpu.CR4_PKE) == 0) throw cpu.ud();
            if ((int) cpu.gpr[Cpu.RCX] != 0) throw cpu.gp(0);
            pair(cpu, cpu.pkru & 0xffff_ffffL);
        });
        add(r, Mnemonic.WRPKRU, Feature.PKU, (cpu, i, a) -> {
            if ((cpu.cr4 & Cpu.CR4_PKE) == 0) throw cpu.ud();
            if ((int) cpu.gpr[Cpu.RCX] != 0 || (int) cpu.gpr[Cpu.RDX] != 0) throw cpu.gp(0);
            cpu.setProtectionKeys((int) cpu.gpr[Cpu.RAX], cpu.pkrs);
        });
        add(r, Mnemonic.INVLPG, (cpu, i, a) -> {
            privileged(cpu);
            long base = cpu.code64() && i.memSegment < Cpu.FS ? 0 : cpu.seg[i.memSegment].base;
            cpu.mem.flushPage(cpu.code64() ? base + a.offset(cpu) : base + a.offset(cpu) & 0xffff_ffffL);
        });
        add(r, Mnemonic.INVPCID, Feature.INVPCID, SystemOps::invpcid);
        add(r, Mnemonic.XGETBV, Feature.XSAVE, (cpu, i, a) -> {
            if ((cpu.cr4 & Cpu.CR4_OSXSAVE) == 0) throw cpu.ud();
            int n = (int) cpu.gpr[Cpu.RCX];
            if (n != 0 && !(n == 1 && cpu.model.has(Feature.XSAVEC))) throw cpu.gp(0);
            pair(cpu, n == 0 ? cpu.xcr0 : XsaveImage.inUse(cpu));
        });
        add(r, Mnemonic.XSETBV, Feature.XSAVE, (cpu, i, a) -> {
            if ((cpu.cr4 & Cpu.CR4_OSXSAVE) == 0) throw cpu.ud();
            long v = pair(cpu);
            if (cpu.cpl != 0 || (int) cpu.gpr[Cpu.RCX] != 0 || !XsaveLayout.validXcr0(cpu.model, v)) throw cpu.gp(0);
            cpu.xcr0 = v;
            cpu.updateMode();
        });
    }

    /** @return rAX as an address */
    private static long accumulator(Instruction i, Cpu cpu) {
        return GprAccess.zeroExtend(cpu.gpr[Cpu.RAX], i.addressSize);
    }

    private static long segmented(Cpu cpu, Instruction i, long offset) {
        long base = cpu.code64() && i.memSegment < Cpu.FS ? 0 : cpu.seg[i.memSegment].base;
        return cpu.code64() ? base + offset : base + offset & 0xffff_ffffL;
    }

    private static void accessFlag(Cpu cpu, boolean on) {
        if (cpu.cpl != 0) throw cpu.ud();
        cpu.systemFlags = cpu.systemFlags & ~(long) Flags.AC | (on ? Flags.AC : 0);
        cpu.updateMode();
    }

    /** What comes before every access to a port: permission, step mode, I/O breakpoints. */
    private static void announcePort(Cpu cpu, int port, int size) {
        IoPermission.check(cpu, port, size);
        cpu.needStepMode();
        DebugTraps.io(cpu, port, size);
    }

    private static int port(Cpu cpu, Instruction i, int k) {
        return (int) (i.kind[k] == Instruction.IMM ? i.imm & 0xff : cpu.gpr[Cpu.RDX] & 0xffff);
    }

    private static void invpcid(Cpu cpu, Instruction i, Address a) {
        privileged(cpu);
        long type = GprAccess.get(cpu.gpr, i.reg[0], width(cpu));
        long pcid = cpu.mem.load(a.displaced(cpu, 0, 8, false), 8);
        long linear = cpu.mem.load(a.displaced(cpu, 8, 8, false), 8);
        boolean bad = Long.compareUnsigned(type, 3) > 0
                || pcid >>> 12 != 0
                || type == 0 && !cpu.canonical(linear)
                || type < 2 && (cpu.cr4 & Cpu.CR4_PCIDE) == 0 && pcid != 0;
        if (bad) throw cpu.gp(0);
        switch ((int) type) {
            case 0 -> cpu.mem.flushPage(linear);
            case 1 -> cpu.mem.flushSpace((int) pcid);
            case 2 -> cpu.mem.flushAll();
            default -> cpu.mem.flushLocal();
        }
    }

    // ---- time, identity, model-specific registers ----

    private static void pair(Cpu cpu, long v) {
        cpu.gpr[Cpu.RAX] = v & 0xffff_ffffL;
        cpu.gpr[Cpu.RDX] = v >>> 32;
    }

    private static long pair(Cpu cpu) {
        return cpu.gpr[Cpu.RAX] & 0xffff_ffffL | cpu.gpr[Cpu.RDX] << 32;
    }

    private static void timeAllowed(Cpu cpu) {
        if ((cpu.cr4 & Cpu.CR4_TSD) != 0 && cpu.cpl != 0 && (cpu.cr0 & Cpu.CR0_PE) != 0) throw cpu.gp(0);
    }

    private static void registerTime(Registry r) {
        add(r, Mnemonic.CPUID, (cpu, i, a) -> Cpuid.execute(cpu));
        add(r, Mnemonic.RDTSC, (cpu, i, a) -> {
            timeAllowed(cpu);
            pair(cpu, MsrTable.tsc(cpu));
        });
        add(r, Mnemonic.RDTSCP, Feature.RDTSCP, (cpu, i, a) -> {
            timeAllowed(cpu);
            pair(cpu, MsrTable.tsc(cpu));
            cpu.gpr[Cpu.RCX] = cpu.msrs.tscAux & 0xffff_ffffL;
        });
        add(
                r,
                Mnemonic.RDPID,
                Feature.RDPID,
                (cpu, i, a) -> GprAccess.set(cpu.gpr, i.reg[0], width(cpu), cpu.msrs.tscAux));
        add(r, Mnemonic.RDPMC, (cpu, i, a) -> {
            throw cpu.gp(0);
        });
        add(r, Mnemonic.RDMSR, (cpu, i, a) -> {
            privileged(cpu);
            pair(cpu, MsrTable.read(cpu, (int) cpu.gpr[Cpu.RCX]));
        });
        add(r, Mnemonic.WRMSR, (cpu, i, a) -> {
            privileged(cpu);
            MsrTable.write(cpu, (int) cpu.gpr[Cpu.RCX], pair(cpu));
            cpu.attention = true;
        });
    }
}
