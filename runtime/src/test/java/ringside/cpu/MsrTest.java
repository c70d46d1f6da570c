package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import ringside.memory.GuestFault;

/**
 * Model-specific registers: what they keep and what they refuse (Intel SDM vol. 4, chapter 2; vol. 3, 11.11 and 11.12).
 */
class MsrTest {
    private final Cpu cpu = SystemGuest.longMode().cpu;

    @ParameterizedTest
    @CsvSource({
        "174, 1234",
        "175, 123456789abc",
        "176, 123456789abc",
        "277, 7070707",
        "c0000100, 123456789abc",
        "c0000101, 123456789abc",
        "c0000102, 123456789abc",
        "c0000082, 123456789abc",
        "c0000083, 123456789abc",
        "c0000084, ffffffff",
        "1a0, 400c50809",
        "c0000103, 12345678",
        "2ff, c06",
        "200, 80000006",
        "201, 3fff80000800",
        "250, 606060606060606",
        "3b, 10000000000"
    })
    void keepsWhatIsWritten(String msr, String value) {
        int n = (int) Long.parseLong(msr, 16);
        long v = Long.parseLong(value, 16);
        MsrTable.write(cpu, n, v);
        assertEquals(v, MsrTable.read(cpu, n));
    }

    @ParameterizedTest
    @CsvSource({
        "175, aaaaaaaaaaaaaaaa",
        "c0000100, 800000000000",
        "c0000101, 800000000000",
        "c0000102, 800000000000",
        "c0000082, 800000000000",
        "c0000103, 100000000",
        "277, 202",
        "277, 8",
        "2ff, 2",
        "2ff, 100",
        "200, 2",
        "200, 100",
        "201, 400",
        "201, 400000000800",
        "250, 606060606060602",
        "c0000080, 100000",
        "1b, 400000000000",
        "1b, fee00901",
        "12345, 0",
        "fe, 0",
        "3a, 5"
    })
    void refuses(String msr, String value) {
        int n = (int) Long.parseLong(msr, 16);
        assertSame(
                cpu.guestFault,
                assertThrows(GuestFault.class, () -> MsrTable.write(cpu, n, Long.parseUnsignedLong(value, 16))));
        assertEquals(Vector.GP, cpu.faultVector);
        assertEquals(0, cpu.faultError);
    }

    @Test
    void cpuidHasNoLocalApicWhileItIsDisabled() {
        assertEquals(1, Cpuid.leaf(cpu, 1, 0)[3] >> 9 & 1);
        MsrTable.write(cpu, 0x1b, 0xfee0_0100L);
        assertEquals(0, Cpuid.leaf(cpu, 1, 0)[3] >> 9 & 1);
        MsrTable.write(cpu, 0x1b, 0xfee0_0900L);
        assertEquals(1, Cpuid.leaf(cpu, 1, 0)[3] >> 9 & 1);
    }
}
