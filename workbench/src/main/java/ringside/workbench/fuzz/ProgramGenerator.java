package ringside.workbench.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import ringside.lab.Mode;

/**
 * Random programs that run for a while: an outer loop around random instructions, inner loops, forward branches, calls
 * of functions behind the program, indirect jumps, string instructions, and stores into the program's own bytes. R15
 * (EBP, BP) counts the outer loop and is left alone by the rest. Ends in HLT.
 */
final class ProgramGenerator {
    private static final int FUNCTIONS = 3;

    private final SplittableRandom random;
    private final Mode mode;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    /** Places of 32-bit (16-bit in real mode) call distances, and which function they call. */
    private final List<int[]> calls = new ArrayList<>();

    private InstructionGenerator instructions;
    private int code;
    private int data;

    ProgramGenerator(SplittableRandom random, Mode mode) {
        this.random = random;
        this.mode = mode;
    }

    byte[] make(int code, int data) {
        this.code = mode == Mode.REAL ? 0x4000 : code;
        this.data = mode == Mode.REAL ? 0x8000 : data;
        instructions = new InstructionGenerator(random, mode.bits(), this.code, this.data);
        counter(random.nextInt(1, 40));
        int start = out.size();
        for (int n = random.nextInt(2, 25); n > 0; n--) item();
        back(start);
        for (int k = 0; k < 4; k++) out.write(0xf4);
        int[] at = new int[FUNCTIONS];
        for (int f = 0; f < FUNCTIONS; f++) {
            at[f] = out.size();
            for (int n = random.nextInt(1, 5); n > 0; n--) instruction();
            out.write(0xc3);
        }
        byte[] b = out.toByteArray();
        int bytes = mode == Mode.REAL ? 2 : 4;
        for (int[] c : calls) {
            int distance = at[c[1]] - (c[0] + bytes);
            for (int k = 0; k < bytes; k++) b[c[0] + k] = (byte) (distance >> 8 * k);
        }
        return b;
    }

    private void emit(int... bytes) {
        for (int b : bytes) out.write(b);
    }

    private void number(int v) {
        for (int k = 0; k < (mode == Mode.REAL ? 2 : 4); k++) out.write(v >> 8 * k);
    }

    private int counterRegister() {
        return mode == Mode.LONG ? 15 : 5;
    }

    private void counter(int n) {
        if (mode == Mode.LONG) {
            emit(0x41, 0xbf);
        } else {
            emit(0xbd);
        }
        number(n);
    }

    /** DEC of the counter, JNZ to the start. */
    private void back(int start) {
        if (mode == Mode.LONG) {
            emit(0x41, 0xff, 0xcf);
        } else {
            emit(0x4d);
        }
        emit(0x0f, 0x85);
        number(start - out.size() - (mode == Mode.REAL ? 2 : 4));
    }

    private void instruction() {
        out.writeBytes(random.nextInt(40) == 0 ? instructions.any() : instructions.harmless(counterRegister()));
    }

    private void item() {
        switch (random.nextInt(24)) {
            case 0, 1 -> forward();
            case 2 -> {
                emit(0xe8);
                calls.add(new int[] {out.size(), random.nextInt(FUNCTIONS)});
                number(0);
            }
            case 3 -> innerLoop();
            case 4, 5, 6 -> pointer();
            case 7 -> modify();
            case 8 -> indirect();
            case 9 -> strings();
            case 10 -> emit(0x50 + random.nextInt(4), 0x58 + random.nextInt(4));
            default -> instruction();
        }
    }

    /** A conditional branch over a few instructions. */
    private void forward() {
        int at = out.size();
        emit(0x70 | random.nextInt(16), 0);
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        for (int n = random.nextInt(4); n >= 0; n--) inner.writeBytes(instructions.harmless(counterRegister()));
        byte[] all = out.toByteArray();
        all[at + 1] = (byte) inner.size();
        out.reset();
        out.writeBytes(all);
        out.writeBytes(inner.toByteArray());
    }

    /** MOV CL, n; a few instructions; LOOP. */
    private void innerLoop() {
        emit(0xb9);
        number(random.nextInt(1, 12));
        int start = out.size();
        for (int n = random.nextInt(3); n >= 0; n--) out.writeBytes(instructions.harmless(counterRegister()));
        emit(0xe0 + random.nextInt(3));
        int distance = start - out.size() - 1;
        out.write(distance < -128 ? 0 : distance);
    }

    /** Gives a register an address in the data again. */
    private void pointer() {
        emit(0xb8 + new int[] {0, 1, 2, 3, 6, 7}[random.nextInt(6)]);
        number(data + random.nextInt(0x2000));
    }

    /** Stores an immediate byte into the program, near here. */
    private void modify() {
        int target = Math.max(0, out.size() + random.nextInt(-60, 60));
        int value = random.nextInt(3) == 0 ? random.nextInt(256) : 0x90;
        if (mode == Mode.REAL) {
            emit(0xc6, 0x06);
            number(code + target);
        } else if (mode == Mode.LONG) {
            emit(0xc6, 0x05);
            number(target - out.size() - 5);
        } else {
            emit(0xc6, 0x05);
            number(code + target);
        }
        emit(value);
    }

    /** MOV reg, address; JMP or CALL reg. */
    private void indirect() {
        int r = random.nextInt(2);
        emit(0xb8 + r);
        int at = out.size();
        int bytes = mode == Mode.REAL ? 2 : 4;
        number(code + at + bytes + 2);
        emit(0xff, (random.nextInt(4) == 0 ? 0xd0 : 0xe0) + r);
    }

    private void strings() {
        emit(0xbe);
        number(data + random.nextInt(0x1800));
        emit(0xbf);
        number(random.nextInt(16) == 0 ? code + random.nextInt(100) : data + random.nextInt(0x1f80));
        emit(0xb9);
        number(random.nextInt(40));
        emit(0xf2 + random.nextInt(2));
        if (mode == Mode.LONG && random.nextBoolean()) emit(0x48);
        emit(new int[] {0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf}[random.nextInt(10)]);
    }
}
