package ringside.interpreter.integer;

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

/**
 * BMI1, BMI2, ADX and CRC32: ANDN, BEXTR, BLSI, BLSMSK, BLSR; BZHI, MULX, PDEP, PEXT, RORX, SARX, SHLX, SHRX; ADCX,
 * ADOX. Their operands are registers of 4 or 8 bytes, one of which may be memory. Intel SDM vol. 2.
 */
final class BitFieldOps {
    private static final int POLYNOMIAL = 0x82F6_3B78;

    private BitFieldOps() {}

    static void register(Registry r) {
        add(r, Feature.BMI1, Mnemonic.ANDN, Mnemonic.BEXTR, Mnemonic.BLSI, Mnemonic.BLSMSK, Mnemonic.BLSR);
        add(
                r,
                Feature.BMI2,
                Mnemonic.BZHI,
                Mnemonic.MULX,
                Mnemonic.PDEP,
                Mnemonic.PEXT,
                Mnemonic.RORX,
                Mnemonic.SARX,
                Mnemonic.SHLX,
                Mnemonic.SHRX);
        add(r, Feature.ADX, Mnemonic.ADCX, Mnemonic.ADOX);
        add(r, Feature.SSE4_2, Mnemonic.CRC32);
    }

    private static void add(Registry r, Feature feature, Mnemonic... mnemonics) {
        for (Mnemonic m : mnemonics) r.add(m, (i, c) -> c.model().has(feature) ? new BitField(i, c) : null);
    }

    /** @return the CRC-32C of {@code bytes} bytes of {@code v}, continued from {@code crc} */
    static int crc32c(int crc, long v, int bytes) {
        for (int k = 0; k < bytes; k++) {
            crc ^= (int) (v >>> 8 * k) & 0xff;
            for (int b = 0; b < 8; b++) crc = crc >>> 1 ^ (crc & 1) * POLYNOMIAL;
        }
        return crc;
    }

    private static final class BitField extends Op {
        private final Mnemonic kind;
        private final int size;
        private final int sourceSize;
        private final int[] register = new int[3];
        private final int memory;
        private final long immediate;
        private final Address address;
        /** VEX prefixes exist in protected mode only; in 64-bit mode that is sure. */
        private final boolean needsProtectedMode;

        BitField(Instruction i, Registry.CpuContext c) {
            boolean legacy = i.mnemonic == Mnemonic.CRC32 || i.mnemonic == Mnemonic.ADCX || i.mnemonic == Mnemonic.ADOX;
            needsProtectedMode = !legacy && (c.mode() & Cpu.MODE_MASK) != Cpu.MODE_64;
            kind = i.mnemonic;
            size = i.size[0];
            memory = i.memoryOperand();
            for (int k = 0; k < Math.min(3, i.operandCount); k++) {
                if (Form.kind(i, k) == Form.REG) register[k] = GprAccess.of(i, k);
            }
            sourceSize = i.size[1];
            immediate = i.imm;
            address = memory < 0 ? null : Address.of(i, c);
        }

        private long operand(Cpu cpu, int k) {
            int s = k == 1 ? sourceSize : size;
            return k == memory ? cpu.mem.load(address.forRead(cpu), s) : GprAccess.get(cpu.gpr, register[k], s);
        }

        @Override
        public void execute(Cpu cpu) {
            if (needsProtectedMode && !cpu.protectedMode()) throw cpu.ud();
            long a = operand(cpu, 1);
            switch (kind) {
                case CRC32 -> set(cpu, crc32c((int) cpu.gpr[register[0]], a, sourceSize) & 0xffff_ffffL);
                case ADCX, ADOX -> addWithFlag(cpu, a);
                case BLSI -> isolate(cpu, a, a & -a, a != 0);
                case BLSR -> isolate(cpu, a, a & a - 1, a == 0);
                case BLSMSK -> isolate(cpu, a, a ^ a - 1, a == 0);
                case RORX -> set(cpu, Shifts.ror(a, (int) immediate & 8 * size - 1, size));
                default -> three(cpu, a, operand(cpu, 2));
            }
        }

        private void three(Cpu cpu, long a, long b) {
            int n = (int) b & 8 * size - 1;
            switch (kind) {
                case ANDN -> {
                    set(cpu, ~a & b);
                    Alu.flagsOfLogic(cpu, ~a & b, size);
                }
                case BEXTR -> extract(cpu, a, (int) b & 0xff, (int) b >> 8 & 0xff);
                case BZHI -> zeroHigh(cpu, a, (int) b & 0xff);
                case PDEP -> set(cpu, Long.expand(a, b));
                case PEXT -> set(cpu, Long.compress(a, b));
                case SARX -> set(cpu, GprAccess.signExtend(a, size) >> n);
                case SHLX -> set(cpu, a << n);
                case SHRX -> set(cpu, a >>> n);
                default -> multiply(cpu, b);
            }
        }

        private void set(Cpu cpu, long v) {
            GprAccess.set(cpu.gpr, register[0], size, v);
        }

        private void isolate(Cpu cpu, long a, long r, boolean carry) {
            set(cpu, r);
            Alu.flagsOfLogic(cpu, r, size);
            cpu.flagAux = Flags.aux(carry, false);
        }

        /** AF is set and SF clear, as AMD's Zen 4 does it; the manual leaves both undefined. */
        private void extract(Cpu cpu, long a, int start, int length) {
            long r = start > 63 ? 0 : a >>> start;
            if (length < 64) r &= (1L << length) - 1;
            set(cpu, r);
            cpu.setArithmeticFlags((r == 0 ? Flags.ZF : 0) | (Flags.pf(r, 0) ? Flags.PF : 0) | Flags.AF);
        }

        private void zeroHigh(Cpu cpu, long a, int n) {
            boolean all = n >= 8 * size;
            long r = all ? a : a & (1L << n) - 1;
            set(cpu, r);
            Alu.flagsOfLogic(cpu, r, size);
            cpu.flagAux = Flags.aux(all, false);
        }

        private void multiply(Cpu cpu, long b) {
            long d = GprAccess.get(cpu.gpr, Cpu.RDX, size);
            long low = d * b;
            long high = size == 8 ? Math.unsignedMultiplyHigh(d, b) : low >>> 32;
            GprAccess.set(cpu.gpr, register[1], size, low);
            set(cpu, high);
        }

        private void addWithFlag(Cpu cpu, long b) {
            long a = GprAccess.get(cpu.gpr, register[0], size);
            boolean cf = Flags.cf(cpu.flagAux);
            boolean of = Flags.of(cpu.flagAux);
            long r = a + b + ((kind == Mnemonic.ADCX ? cf : of) ? 1 : 0);
            boolean carry = ((a & b | (a | b) & ~r) >>> 8 * size - 1 & 1) != 0;
            set(cpu, r);
            cpu.flagAux = Flags.withCarryOverflow(
                    cpu.flagAux, kind == Mnemonic.ADCX ? carry : cf, kind == Mnemonic.ADOX ? carry : of);
        }
    }
}
