package ringside.interpreter.x87;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.cpu.Vector;
import ringside.cpu.fpu.FxsaveImage;
import ringside.cpu.fpu.XsaveImage;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;

/** FXSAVE, FXRSTOR and the XSAVE family. Intel SDM vol. 1, 10.5 and chapter 13. */
final class XsaveOps {
    private XsaveOps() {}

    /** An instruction on a save area. @param requested EDX:EAX @param wide REX.W */
    private interface Action {
        void run(Cpu cpu, long la, long requested, boolean wide);
    }

    static void register(Registry r) {
        r.add(
                Mnemonic.FXSAVE,
                (i, c) -> legacy(i, c, true, (cpu, la, requested, wide) -> FxsaveImage.save(cpu, la, wide)));
        r.add(
                Mnemonic.FXRSTOR,
                (i, c) -> legacy(i, c, false, (cpu, la, requested, wide) -> FxsaveImage.restore(cpu, la, wide)));
        r.add(
                Mnemonic.XSAVE,
                (i, c) -> extended(
                        i,
                        c,
                        Feature.XSAVE,
                        true,
                        false,
                        (cpu, la, requested, wide) -> XsaveImage.save(cpu, la, requested, wide, false)));
        r.add(
                Mnemonic.XSAVEOPT,
                (i, c) -> extended(
                        i,
                        c,
                        Feature.XSAVEOPT,
                        true,
                        false,
                        (cpu, la, requested, wide) -> XsaveImage.save(cpu, la, requested, wide, true)));
        r.add(
                Mnemonic.XSAVEC,
                (i, c) -> extended(
                        i,
                        c,
                        Feature.XSAVEC,
                        true,
                        false,
                        (cpu, la, requested, wide) -> XsaveImage.saveCompacted(cpu, la, cpu.xcr0, requested, wide)));
        r.add(
                Mnemonic.XSAVES,
                (i, c) -> extended(
                        i,
                        c,
                        Feature.XSAVES,
                        true,
                        true,
                        (cpu, la, requested, wide) ->
                                XsaveImage.saveCompacted(cpu, la, cpu.xcr0 | cpu.msrs.xss, requested, wide)));
        r.add(Mnemonic.XRSTOR, (i, c) -> {
            boolean compacted = c.model().has(Feature.XSAVEC) || c.model().has(Feature.XSAVES);
            return extended(
                    i,
                    c,
                    Feature.XSAVE,
                    false,
                    false,
                    (cpu, la, requested, wide) -> XsaveImage.restore(cpu, la, requested, wide, compacted));
        });
        r.add(Mnemonic.XRSTORS, (i, c) -> extended(i, c, Feature.XSAVES, false, true, XsaveImage::restoreSupervisor));
    }

    private static Op legacy(Instruction i, CpuContext c, boolean write, Action action) {
        if ((c.mode() & Cpu.MODE_FPU) == 0) return X87StateOps.notAvailable();
        return new AreaOp(new Address(i, c.mode(), FxsaveImage.SIZE), write, i.has(Instruction.REX_W), action);
    }

    private static Op extended(
            Instruction i, CpuContext c, Feature feature, boolean write, boolean privileged, Action action) {
        if (!c.model().has(feature)) return null;
        // No data size is checked against the segment limit: it depends on EDX:EAX. The fixed part is.
        Address area = new Address(i, c.mode(), 576);
        return new AreaOp(area, write, i.has(Instruction.REX_W), action) {
            @Override
            public void execute(Cpu cpu) {
                if ((cpu.cr4 & Cpu.CR4_OSXSAVE) == 0) throw cpu.ud();
                if ((cpu.cr0 & Cpu.CR0_TS) != 0) throw cpu.fault(Vector.NM, 0);
                if (privileged && cpu.cpl != 0) throw cpu.gp(0);
                super.execute(cpu);
            }
        };
    }

    private static class AreaOp extends Op {
        private final Address area;
        private final boolean write;
        private final boolean wide;
        private final Action action;

        AreaOp(Address area, boolean write, boolean wide, Action action) {
            this.area = area;
            this.write = write;
            this.wide = wide;
            this.action = action;
        }

        @Override
        public void execute(Cpu cpu) {
            long requested = cpu.gpr[Cpu.RDX] << 32 | cpu.gpr[Cpu.RAX] & 0xffff_ffffL;
            action.run(cpu, write ? area.forWrite(cpu) : area.forRead(cpu), requested, wide);
        }
    }
}
