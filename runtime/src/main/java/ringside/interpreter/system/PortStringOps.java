package ringside.interpreter.system;

import ringside.cpu.Cpu;
import ringside.cpu.DebugTraps;
import ringside.cpu.Flags;
import ringside.cpu.IoPermission;
import ringside.cpu.Segmentation;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.integer.StringOps;

/**
 * INS and OUTS with REP, in the same chunks as {@link StringOps}. The memory operand is checked before the port is
 * touched, so that a fault loses no data of the device. Intel SDM vol. 2, INS, OUTS.
 */
public final class PortStringOps {
    private PortStringOps() {}

    public static void register(Registry r) {
        r.add(Mnemonic.INS, (i, c) -> new PortString(i, true));
        r.add(Mnemonic.OUTS, (i, c) -> new PortString(i, false));
    }

    private static final class PortString extends Op {
        private final boolean input;
        private final int size;
        private final int addressSize;
        private final int segment;
        private final boolean repeat;

        PortString(Instruction i, boolean input) {
            this.input = input;
            size = i.size[i.memoryOperand()];
            addressSize = i.addressSize;
            segment = i.memSegment;
            repeat = i.has(Instruction.REP) || i.has(Instruction.REPNE);
        }

        @Override
        public boolean endsBlock() {
            return true;
        }

        @Override
        public void execute(Cpu cpu) {
            int port = (int) cpu.gpr[Cpu.RDX] & 0xffff;
            IoPermission.check(cpu, port, size);
            DebugTraps.io(cpu, port, size);
            if (!repeat) {
                iterate(cpu, port);
                return;
            }
            long count = GprAccess.get(cpu.gpr, Cpu.RCX, addressSize);
            if (count == 0) return;
            for (int n = cpu.watching ? 1 : StringOps.chunk(cpu, count); n > 0; n--) {
                iterate(cpu, port);
                GprAccess.set(cpu.gpr, Cpu.RCX, addressSize, --count);
            }
            if (count != 0) cpu.rip -= length;
        }

        private void iterate(Cpu cpu, int port) {
            int pointer = input ? Cpu.RDI : Cpu.RSI;
            long offset = GprAccess.get(cpu.gpr, pointer, addressSize);
            long la = Segmentation.linear(cpu, segment, offset, size, input);
            if (input) {
                cpu.mem.checkWrite(la, size);
                cpu.mem.store(la, size, cpu.observers.port(port, size, cpu.bus.in(port, size), false));
            } else {
                cpu.bus.out(port, size, cpu.observers.port(port, size, (int) cpu.mem.load(la, size), true));
            }
            GprAccess.set(cpu.gpr, pointer, addressSize, offset + ((cpu.systemFlags & Flags.DF) != 0 ? -size : size));
        }
    }
}
