package ringside.unwinder.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelLogTest {
    @Test
    void readsFramesAndRegistersAndLeavesGuessesOut() {
        String log = """
            [    1.000000] BUG: something broke\r
            [    1.000001] Call Trace:\r
            [    1.000002]  <IRQ>\r
            [    1.000003]  inner+0x10/0x20\r
            [    1.000003]  ? guess+0x1/0x2\r
            [    1.000004]  </IRQ>\r
            [    1.000005]  <TASK>\r
            [    1.000006]  asm_timer+0x16/0x20\r
            [    1.000007] RIP: 0010:loop+0x3/0x40 [some_module]\r
            [    1.000008] Code: 90 90 <90>\r
            [    1.000009] RSP: 0018:ffffc90000000000 EFLAGS: 00000246\r
            [    1.000010] R10: 0000000000000000 R11: 0000000000000000 R12: 0000000000000000\r
            [    1.000011]  outer+0x1a/0x30 [some_module]\r
            [    1.000012] RIP: 0033:0x47b7a0\r
            [    1.000013] ORIG_RAX: 0000000000000001\r
            [    1.000014]  </TASK>\r
            [    1.000015]  later+0x1/0x2\r
            """;
        List<KernelLog.Printed> found = KernelLog.traces(log);
        assertEquals(1, found.size());
        assertEquals("BUG: something broke", found.getFirst().headline());
        assertEquals(
                List.of(
                        "inner+0x10/0x20",
                        "asm_timer+0x16/0x20",
                        "RIP: loop+0x3/0x40 [some_module]",
                        "outer+0x1a/0x30 [some_module]",
                        "RIP: 0x47b7a0"),
                found.getFirst().items());
        assertEquals(List.of("IRQ", "TASK"), found.getFirst().stacks());
        assertTrue(found.getFirst().whole());
    }

    @Test
    void oneTraceEndsWhereTheNextBegins() {
        List<KernelLog.Printed> found =
                KernelLog.traces("Call Trace:\n <TASK>\n a+0x1/0x2\nCall Trace:\n <TASK>\n b+0x1/0x2\n </TASK>\n");
        assertEquals(List.of("a+0x1/0x2"), found.get(0).items());
        assertFalse(found.get(0).whole());
        assertEquals(List.of("b+0x1/0x2"), found.get(1).items());
        assertTrue(found.get(1).whole());
    }

    @Test
    void textWithoutTracesHasNone() {
        assertEquals(List.of(), KernelLog.traces("[    0.000000] Linux version\nhello\n"));
    }
}
