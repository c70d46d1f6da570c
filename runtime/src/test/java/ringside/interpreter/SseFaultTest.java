package ringside.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Vector;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.memory.GuestFault;
import ringside.memory.PhysicalMemory;

/**
 * Exceptions of MMX and SSE instructions other than those of arithmetic. Expected from Intel SDM vol. 2, 2.4, and vol.
 * 3, tables 22-4 to 22-7.
 */
class SseFaultTest {
    private static final int NONE = -1;
    private static final String MOVAPS_LOAD = "0f2807",
            MOVUPS_LOAD = "0f1007",
            PADDD_MEMORY = "660ffe07",
            PADDD_MMX = "0ffec1",
            MOVAPS_STORE = "0f2907";

    private Cpu cpu;

    @BeforeEach
    void enableSse() {
        cpu = new Cpu(new PhysicalMemory(1 << 20), CpuModel.standard());
        cpu.mode = Cpu.MODE_64 | Cpu.MODE_FLAT | Cpu.MODE_SSE | Cpu.MODE_FPU;
        cpu.cr0 = Cpu.CR0_PE;
        cpu.cr4 = Cpu.CR4_OSFXSR | Cpu.CR4_OSXMMEXCPT;
        cpu.gpr[Cpu.RDI] = 0x2000;
    }

    private int fault(String code) {
        byte[] bytes = HexFormat.of().parseHex(code);
        Instruction i = new Instruction();
        assertEquals(bytes.length, Decoder.decode(bytes, 0, bytes.length, 64, i));
        try {
            new OpFactory().create(i, cpu.mode, cpu.model).execute(cpu);
            return NONE;
        } catch (GuestFault f) {
            return cpu.faultVector;
        }
    }

    @Test
    void alignedOperandsMustBeAligned() {
        cpu.gpr[Cpu.RDI] = 0x2008;
        assertEquals(Vector.GP, fault(MOVAPS_LOAD));
        assertEquals(Vector.GP, fault(MOVAPS_STORE));
        assertEquals(Vector.GP, fault(PADDD_MEMORY));
        assertEquals(NONE, fault(MOVUPS_LOAD));
    }

    @Test
    void sseNeedsOsfxsr() {
        cpu.cr4 = 0;
        cpu.mode &= ~Cpu.MODE_SSE;
        assertEquals(Vector.UD, fault(MOVAPS_LOAD));
        assertEquals(NONE, fault(PADDD_MMX));
    }

    @Test
    void taskSwitchedRaisesDeviceNotAvailable() {
        cpu.cr0 |= Cpu.CR0_TS;
        cpu.mode &= ~(Cpu.MODE_SSE | Cpu.MODE_FPU);
        assertEquals(Vector.NM, fault(MOVAPS_LOAD));
        assertEquals(Vector.NM, fault(PADDD_MMX));
    }

    @Test
    void emulationRaisesInvalidOpcodeEvenWhenTaskSwitched() {
        cpu.cr0 |= Cpu.CR0_EM | Cpu.CR0_TS;
        cpu.mode &= ~(Cpu.MODE_SSE | Cpu.MODE_FPU);
        assertEquals(Vector.UD, fault(MOVAPS_LOAD));
        assertEquals(Vector.UD, fault(PADDD_MMX));
    }

    @Test
    void unmaskedExceptionWithoutOsxmmexcptIsInvalidOpcode() {
        cpu.mxcsr = 0x1d80;
        cpu.vec[0] = Double.doubleToRawLongBits(1);
        assertEquals(Vector.XM, fault("f20f5ec1"));
        assertEquals(0x1d84, cpu.mxcsr);
        assertEquals(Double.doubleToRawLongBits(1), cpu.vec[0]);
        cpu.cr4 = Cpu.CR4_OSFXSR;
        assertEquals(Vector.UD, fault("f20f5ec1"));
    }

    @Test
    void reservedBitsOfMxcsrRaiseGeneralProtection() {
        cpu.mem.store32(0x2000, 0x11f80);
        assertEquals(Vector.GP, fault("0fae17"));
        assertEquals(0x1f80, cpu.mxcsr);
        cpu.mem.store32(0x2000, 0xffbf);
        assertEquals(NONE, fault("0fae17"));
        assertEquals(0xffbf, cpu.mxcsr);
    }

    @Test
    void mmxMakesAllX87RegistersValidAndEmmsEmptiesThem() {
        cpu.fpStatus = 0x3800;
        cpu.fpMantissa[0] = 1;
        cpu.fpMantissa[1] = 2;
        assertEquals(NONE, fault(PADDD_MMX));
        assertEquals(3, cpu.fpMantissa[0]);
        assertEquals(0xffff, cpu.fpExponent[0]);
        assertEquals(0, cpu.fpTag);
        assertEquals(0, cpu.fpStatus & 0x3800);
        assertEquals(NONE, fault("0f77"));
        assertEquals(0xffff, cpu.fpTag);
    }

    @Test
    void pendingX87ExceptionStopsMmx() {
        cpu.fpStatus = 0x80;
        assertEquals(Vector.MF, fault(PADDD_MMX));
        assertEquals(NONE, fault("660ffec1"));
    }
}
