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
        r.add(m, Vex.gated(f, (i, c) -> i.isMemory(0) ? storeHandler(i, c, bytes) : loadHandler(i, c, bytes)));
    }

    private static void gather(Registry r, Mnemonic m, int indexBytes, int bytes) {
        r.add(m, Vex.gated(Feature.AVX2, (i, c) -> gatherHandler(i, indexBytes, bytes)));
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

    private static Op loadHandler(Instruction i, CpuContext c, int bytes) {
        int d = Simd.lane(i, 0);
        int mask = Simd.lane(i, 1);
        Address memory = Address.of(i, c);
        int elements = (Vex.wide(i) ? 32 : 16) / bytes;
        return new Op() {
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
        };
    }

    private static Op storeHandler(Instruction i, CpuContext c, int bytes) {
        Address memory = Address.of(i, c);
        int mask = Simd.lane(i, 1);
        int s = Simd.lane(i, 2);
        int elements = (Vex.wide(i) ? 32 : 16) / bytes;
        return new Op() {
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
        };
    }

    /**
     * Loads elements one after the other and takes each one's bit out of the mask, so that a fault leaves a state from
     * which the instruction goes on when it is run again. This is the one handler that changes registers before it
     * faults.
     */
    private static Op gatherHandler(Instruction i, int indexBytes, int bytes) {
        int d = Simd.lane(i, 0);
        int mask = Simd.lane(i, 2);
        int index = i.memIndex * 4;
        int base = i.memBase;
        int scale = i.memScale;
        long disp = i.disp;
        long addressMask = i.addressSize == 8 ? -1 : 0xffff_ffffL;
        int segment = i.memSegment;
        int elements = (Vex.wide(i) ? 32 : 16) / Math.max(bytes, indexBytes);
        return new Op() {
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
        };
    }
}
