package ringside.interpreter.integer;

import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.cpu.Vector;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;

/**
 * Decimal adjustment: DAA, DAS, AAA, AAS, AAM, AAD. Flags that the manual leaves undefined are cleared. Intel SDM vol.
 * 2.
 */
final class BcdOps {
    private BcdOps() {}

    static void register(Registry r) {
        for (Mnemonic m :
                new Mnemonic[] {Mnemonic.DAA, Mnemonic.DAS, Mnemonic.AAA, Mnemonic.AAS, Mnemonic.AAM, Mnemonic.AAD}) {
            r.add(m, (i, c) -> new Adjust(m, (int) i.imm & 0xff));
        }
    }

    private static final class Adjust extends Op {
        private final Mnemonic kind;
        private final int radix;

        Adjust(Mnemonic kind, int radix) {
            this.kind = kind;
            this.radix = radix;
        }

        @Override
        public void execute(Cpu cpu) {
            switch (kind) {
                case DAA -> packed(cpu, 1);
                case DAS -> packed(cpu, -1);
                case AAA -> unpacked(cpu, 1);
                case AAS -> unpacked(cpu, -1);
                case AAM -> {
                    if (radix == 0) throw cpu.fault(Vector.DE, 0);
                    int al = (int) cpu.gpr[Cpu.RAX] & 0xff;
                    GprAccess.set(cpu.gpr, Cpu.RAX, 2, al / radix << 8 | al % radix);
                    Alu.flagsOfLogic(cpu, al % radix, 1);
                }
                default -> {
                    int ax = (int) cpu.gpr[Cpu.RAX];
                    int al = (ax & 0xff) + (ax >> 8 & 0xff) * radix & 0xff;
                    GprAccess.set(cpu.gpr, Cpu.RAX, 2, al);
                    Alu.flagsOfLogic(cpu, al, 1);
                }
            }
        }

        private static void packed(Cpu cpu, int sign) {
            int al = (int) cpu.gpr[Cpu.RAX] & 0xff;
            boolean cf = Flags.cf(cpu.flagAux);
            boolean low = (al & 15) > 9 || Flags.af(cpu.flagAux);
            boolean high = al > 0x99 || cf;
            int r = al;
            boolean carry = high;
            if (low) {
                if (sign < 0 && al < 6) carry = true;
                r += 6 * sign;
            }
            if (high) r += 0x60 * sign;
            GprAccess.set(cpu.gpr, Cpu.RAX, 1, r);
            cpu.flagResult = (byte) r;
            cpu.flagAux = Flags.aux(carry, false) | (low ? 8 : 0);
        }

        private static void unpacked(Cpu cpu, int sign) {
            int ax = (int) cpu.gpr[Cpu.RAX] & 0xffff;
            boolean adjust = (ax & 15) > 9 || Flags.af(cpu.flagAux);
            if (adjust) ax += 0x106 * sign;
            ax &= 0xff0f;
            GprAccess.set(cpu.gpr, Cpu.RAX, 2, ax);
            cpu.flagResult = ax & 0xff;
            cpu.flagAux = Flags.aux(adjust, adjust) | (adjust ? 8 : 0);
        }
    }
}
