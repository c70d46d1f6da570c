package ringside.device.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import ringside.device.DrivenBoard;

/** The tables that describe the board. */
class AcpiTablesTest extends DrivenBoard {
    @Test
    void acpiRootPointerAndTablesSumToZero() {
        byte[] image = new byte[0x400];
        m.memory().read(0xf0000, image, 0, image.length);
        int sum = 0;
        for (int i = 0; i < 20; i++) sum += image[i];
        assertEquals(0, sum & 0xff);
        for (int at : new int[] {0x40, 0x80, 0xc0, 0x1c0, 0x280, 0x380}) {
            int length = image[at + 4] & 0xff | (image[at + 5] & 0xff) << 8;
            sum = 0;
            for (int i = 0; i < length; i++) sum += image[at + i];
            assertEquals(0, sum & 0xff, "table at " + at);
        }
    }
}
