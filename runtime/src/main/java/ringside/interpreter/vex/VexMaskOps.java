package ringside.interpreter.vex;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.cpu.Segmentation;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.simd.Simd;

/**
 * Masked loads and stores (VMASKMOVx, VPMASKMOVx) and gathers. The sign bits of the mask's elements say which elements
 * of memory are accessed; the others are not looked at and cannot fault. Intel SDM vol. 2, VMASKMOV, VPGATHERDD and
 * following.
 */
final class VexMaskOps {
    private VexMaskOps() {}

    static void register(Registry r) {
        masked(r, Feature.AVX, Mnemonic.VMASKMOVPS, 4);
        masked(r, Feature.AVX, Mnemonic.VMASKMOVPD, 8);
        masked(r, Feature.AVX2, Mnemonic.VPMASKMOVD, 4);
        masked(r, Feature.AVX2, Mnemonic.VPMASKMOVQ, 8);
        gather(r, Mnemonic.VGATHERDPS, 4, 4);
        gather(r, Mnemonic.VGATHERDPD, 4, 8);
        gather(r, Mnemonic.VGATHERQPS, 8, 4);
        gather(r, Mnemonic.VGATHERQPD, 8, 8);
        gather(r, Mnemonic.VPGATHERDD, 4, 4);
        gather(r, Mnemonic.VPGATHERDQ, 4, 8);
        gather(r, Mnemonic.VPGATHERQD, 8, 4);
        gather(r, Mnemonic.VPGATHERQQ, 8, 8);
    }

    private static void masked(Registry r, Feature f, Mnemonic m, int bytes) {
        r.add(m, Vex.gated(f, (i, c) -> i.isMemory(0) ? new Store(i, c, bytes) : new Load(i, c, bytes)));
    }

    private static void gather(Registry r, Mnemonic m, int indexBytes, int bytes) {
        r.add(m, Vex.gated(Feature.AVX2, (i, c) -> new Gather(i, indexBytes, bytes)));
    }

    /** @return element {@code k} of {@code bytes} bytes, 4 or 8, sign-extended */
    private static long element(long[] v, int r, int k, int bytes) {
        return bytes == 8 ? v[r + k] : v[r + (k >> 1)] << 32 * (~k & 1) >> 32;
    }

    private static void setElement(long[] v, int r, int k, int bytes, long x) {
        if (bytes == 8) {
            v[r + k] = x;
        } else {
            int shift = 32 * (k & 1);
            v[r + (k >> 1)] = v[r + (k >> 1)] & ~(0xffff_ffffL << shift) | (x & 0xffff_ffffL) << shift;
        }
    }

    private static final class Load extends Op {
        private final int d;
        private final int mask;
        private final Address memory;
        private final int bytes;
        private final int elements;

        Load(Instruction i, CpuContext c, int bytes) {
            d = Simd.lane(i, 0);
            mask = Simd.lane(i, 1);
            memory = Address.of(i, c);
            this.bytes = bytes;
            elements = (Vex.wide(i) ? 32 : 16) / bytes;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] r = cpu.vectorOperand;
            r[0] = 0;
            r[1] = 0;
            r[2] = 0;
            r[3] = 0;
            for (int k = 0; k < elements; k++) {
                if (element(cpu.vec, mask, k, bytes) < 0)
                    setElement(r, 0, k, bytes, cpu.mem.load(memory.displaced(cpu, bytes * k, bytes, false), bytes));
            }
            Vex.write(cpu.vec, d, true, r[0], r[1], r[2], r[3]);
        }
    }

    private static final class Store extends Op {
        private final Address memory;
        private final int mask;
        private final int s;
        private final int bytes;
        private final int elements;

        Store(Instruction i, CpuContext c, int bytes) {
            memory = Address.of(i, c);
            mask = Simd.lane(i, 1);
            s = Simd.lane(i, 2);
            this.bytes = bytes;
            elements = (Vex.wide(i) ? 32 : 16) / bytes;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            for (int k = 0; k < elements; k++) {
                if (element(v, mask, k, bytes) < 0)
                    cpu.mem.checkWrite(memory.displaced(cpu, bytes * k, bytes, true), bytes);
            }
            for (int k = 0; k < elements; k++) {
                if (element(v, mask, k, bytes) < 0)
                    cpu.mem.store(memory.displaced(cpu, bytes * k, bytes, true), bytes, element(v, s, k, bytes));
            }
        }
    }

    /**
     * Loads elements one after the other and takes each one's bit out of the mask, so that a fault leaves a state from
     * which the instruction goes on when it is run again. This is the one handler that changes registers before it
     * faults.
     */
    private static final class Gather extends Op {
        private final int d;
        private final int mask;
        private final int index;
        private final int base;
        private final int scale;
        private final long disp;
        private final long addressMask;
        private final int segment;
        private final int indexBytes;
        private final int bytes;
        private final int elements;

        Gather(Instruction i, int indexBytes, int bytes) {
            d = Simd.lane(i, 0);
            mask = Simd.lane(i, 2);
            index = i.memIndex * 4;
            base = i.memBase;
            scale = i.memScale;
            disp = i.disp;
            addressMask = i.addressSize == 8 ? -1 : 0xffff_ffffL;
            segment = i.memSegment;
            this.indexBytes = indexBytes;
            this.bytes = bytes;
            elements = (Vex.wide(i) ? 32 : 16) / Math.max(bytes, indexBytes);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long start = (base >= 0 ? cpu.gpr[base] : 0) + disp;
            for (int k = 0; k < elements; k++) {
                if (element(v, mask, k, bytes) < 0) {
                    long offset = start + element(v, index, k, indexBytes) * scale & addressMask;
                    setElement(
                            v,
                            d,
                            k,
                            bytes,
                            cpu.mem.load(Segmentation.linear(cpu, segment, offset, bytes, false), bytes));
                }
                setElement(v, mask, k, bytes, 0);
            }
            for (int k = 0; k < 4; k++) v[mask + k] = 0;
            for (int k = elements * bytes / 8; k < 4; k++) v[d + k] = 0;
        }
    }
}
