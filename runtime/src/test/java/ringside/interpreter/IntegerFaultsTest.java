package ringside.interpreter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.cpu.Segment;
import ringside.cpu.Segmentation;
import ringside.cpu.Vector;
import ringside.interpreter.core.Op;
import ringside.machine.Machine;
import ringside.memory.GuestFault;

/**
 * Which exception an integer instruction raises, and that nothing has changed then. Intel SDM vol. 2, and vol. 1,
 * 3.3.7.1.
 */
class IntegerFaultsTest {
    private static final long HOLE = 0x8000_0000_0000L;
    private Machine machine;
    private Cpu cpu;

    @BeforeEach
    void start() {
        machine = InstructionCase.machine(Machine::interpreter);
        cpu = machine.cpu();
        cpu.gpr[Cpu.RSP] = 0x108000;
    }

    private Op op(String hex) {
        machine.memory().write(InstructionCase.CODE, HexFormat.of().parseHex(hex));
        cpu.rip = InstructionCase.CODE;
        Op op = machine.blocks().lookupSingle().ops[0];
        cpu.rip += op.length;
        return op;
    }

    private void faults(int vector, String hex) {
        Op op = op(hex);
        long[] before = cpu.gpr.clone();
        long rip = cpu.rip;
        assertThrows(GuestFault.class, () -> op.execute(cpu));
        Segmentation.refineFault(cpu, op.instruction);
        assertEquals(vector, cpu.faultVector);
        assertEquals(0, cpu.faultError);
        assertEquals(rip, cpu.rip);
        assertArrayEquals(before, cpu.gpr);
    }

    @Test
    void divisionByZeroAndTooLargeQuotientsAreDivideErrors() {
        faults(Vector.DE, "48f7f1"); // div rcx, rcx = 0
        cpu.gpr[Cpu.RCX] = 2;
        cpu.gpr[Cpu.RDX] = 2;
        faults(Vector.DE, "48f7f1");
        cpu.gpr[Cpu.RDX] = -1;
        cpu.gpr[Cpu.RAX] = 0x8000_0000L;
        cpu.gpr[Cpu.RCX] = -1;
        faults(Vector.DE, "f7f9"); // idiv ecx: -2^31 / -1
        cpu.gpr[Cpu.RDX] = -1;
        cpu.gpr[Cpu.RAX] = Long.MIN_VALUE;
        faults(Vector.DE, "48f7f9"); // idiv rcx: -2^63 / -1
    }

    @Test
    void nonCanonicalDataIsGeneralProtectionAndNonCanonicalStackIsStackFault() {
        cpu.gpr[Cpu.RBX] = HOLE;
        cpu.gpr[Cpu.RBP] = HOLE;
        faults(Vector.GP, "488b03"); // mov rax, [rbx]
        faults(Vector.GP, "f08303ff"); // lock add dword [rbx], -1
        faults(Vector.SS, "488b4500"); // mov rax, [rbp]
        faults(Vector.GP, "ff33"); // push qword [rbx]
        faults(Vector.GP, "8f03"); // pop qword [rbx]
        faults(Vector.SS, "c9"); // leave
        cpu.gpr[Cpu.RSP] = 0x4000_0000_0000_0000L;
        faults(Vector.GP, "ff13"); // call [rbx]: the target is read before the stack is written
        faults(Vector.GP, "ff33"); // push qword [rbx]
        cpu.gpr[Cpu.RBX] = InstructionCase.CODE;
        faults(Vector.SS, "ff33");
        faults(Vector.SS, "8f03"); // pop qword [rbx]
        cpu.gpr[Cpu.RSP] = HOLE;
        faults(Vector.SS, "58"); // pop rax
        faults(Vector.SS, "c3"); // ret
        cpu.gpr[Cpu.RSP] = HOLE + 8;
        faults(Vector.SS, "50"); // push rax
    }

    @Test
    void branchToNonCanonicalTargetFaultsAtTheBranch() {
        cpu.gpr[Cpu.RAX] = HOLE;
        faults(Vector.GP, "ffe0"); // jmp rax
        faults(Vector.GP, "ffd0"); // call rax
        machine.memory().write(0x108000, new byte[] {0, 0, 0, 0, 0, (byte) 0x80, 0, 0});
        faults(Vector.GP, "c3"); // ret
    }

    @Test
    void wideCompareExchangeMustBeAligned() {
        cpu.gpr[Cpu.RDI] = 0x104008;
        faults(Vector.GP, "480fc70f"); // cmpxchg16b [rdi]
    }

    @Test
    void lockIsInvalidWithoutMemoryDestinationOrReadModifyWrite() {
        faults(Vector.UD, "f001c8"); // lock add eax, ecx
        faults(Vector.UD, "f08b03"); // lock mov eax, [rbx]
    }

    @Test
    void offsetBehindTheSegmentLimitFaultsByItsSegment() {
        cpu.seg[Cpu.CS].access = Segment.PRESENT | Segment.CODE_OR_DATA | Segment.CODE | Segment.READABLE | Segment.BIG;
        cpu.seg[Cpu.DS].limit = 0x100fff;
        cpu.seg[Cpu.SS].limit = 0x107fff;
        cpu.updateMode();
        cpu.gpr[Cpu.RBX] = 0x100ffd;
        faults(Vector.GP, "8b03"); // mov eax, [ebx]
        faults(Vector.SS, "58"); // pop eax
        faults(Vector.GP, "2e8903"); // mov cs:[ebx], eax
        cpu.gpr[Cpu.RBX] = 0x100ffc;
        op("8b03").execute(cpu);
    }

    @Test
    void repeatedStringInstructionIsExactAtAFault() {
        cpu.gpr[Cpu.RDI] = HOLE - 24;
        cpu.gpr[Cpu.RCX] = 100;
        Op op = op("f348ab"); // rep stosq
        assertThrows(GuestFault.class, () -> op.execute(cpu));
        assertEquals(97, cpu.gpr[Cpu.RCX]);
        assertEquals(HOLE, cpu.gpr[Cpu.RDI]);
    }

    @Test
    void longRepetitionRetiresInChunksThatEndAtMultiplesOf4096() {
        machine.memory().write(InstructionCase.CODE, HexFormat.of().parseHex("f3aaebfe")); // rep stosb
        cpu.rip = InstructionCase.CODE;
        cpu.gpr[Cpu.RDI] = InstructionCase.DATA + 5;
        cpu.gpr[Cpu.RCX] = 10_000;
        long start = cpu.instructions();
        machine.run(start + 1);
        assertEquals(8192, cpu.gpr[Cpu.RCX]);
        assertEquals(InstructionCase.CODE, cpu.rip);
        machine.run(start + 3);
        assertEquals(0, cpu.gpr[Cpu.RCX]);
        assertEquals(InstructionCase.CODE + 2, cpu.rip);
    }
}
