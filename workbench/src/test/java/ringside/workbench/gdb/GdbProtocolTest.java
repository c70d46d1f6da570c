package ringside.workbench.gdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.guest.GuestView;
import ringside.machine.Machine;

/**
 * What gdb itself never does: broken, endless, senseless and simultaneous clients. The guest is never harmed and the
 * server always serves the next one.
 */
class GdbProtocolTest {
    private static final int SECONDS = 60;
    /** Packets of the fuzz test; a million by -Dringside.gdb.packets=1000000. */
    private static final int PACKETS = Integer.getInteger("ringside.gdb.packets", 3000);

    @TempDir
    Path folder;

    /** A client that writes what it likes. */
    private static final class Client implements AutoCloseable {
        final SocketChannel channel;
        final PacketReader reader;

        Client(ServedGuest g) throws Exception {
            channel = g.connect();
            InputStream in = Channels.newInputStream(channel);
            reader = new PacketReader(in);
        }

        void raw(String s) throws Exception {
            channel.write(ByteBuffer.wrap(s.getBytes(StandardCharsets.ISO_8859_1)));
        }

        String packet() {
            PacketReader.Item i;
            do i = reader.next();
            while (i.kind() == PacketReader.Kind.ACKNOWLEDGED);
            return i.kind() == PacketReader.Kind.PACKET
                    ? expand(new String(i.data(), StandardCharsets.ISO_8859_1))
                    : i.kind().name();
        }

        String ask(String data) throws Exception {
            channel.write(ByteBuffer.wrap(PacketWriter.frame(data.getBytes(StandardCharsets.ISO_8859_1))));
            return packet();
        }

        private static String expand(String s) {
            StringBuilder b = new StringBuilder();
            for (int i = 0; i < s.length(); i++) {
                if (s.charAt(i) == '*')
                    b.append(String.valueOf(b.charAt(b.length() - 1)).repeat(s.charAt(++i) - 29));
                else b.append(s.charAt(i));
            }
            return b.toString();
        }

        @Override
        public void close() throws Exception {
            channel.close();
        }
    }

    private static void serves(Client c) throws Exception {
        assertEquals("QC1", c.ask("qC"));
    }

    @Test
    void aPacketThatCannotBeReadIsAskedForAgain() throws Exception {
        try (ServedGuest g = new ServedGuest(folder, Machine::interpreter);
                Client c = new Client(g)) {
            c.raw("$qC#00");
            assertEquals("AGAIN", c.packet());
            serves(c);
            c.raw("-");
            assertEquals("QC1", c.packet(), "the answer is sent again");
        }
    }

    @Test
    void withoutAcknowledgementsNothingButAnswersComes() throws Exception {
        try (ServedGuest g = new ServedGuest(folder, Machine::interpreter);
                Client c = new Client(g)) {
            assertEquals("OK", c.ask("QStartNoAckMode"));
            c.channel.write(ByteBuffer.wrap("$qC#b4".getBytes(StandardCharsets.ISO_8859_1)));
            PacketReader.Item i = c.reader.next();
            assertEquals(PacketReader.Kind.PACKET, i.kind());
        }
    }

    /** An ELF kernel starts without paging: there are no tables whose pages could be listed. */
    @Test
    void withoutPagingThereAreNoMappingsToList() throws Exception {
        try (ServedGuest g = new ServedGuest(folder, Machine::interpreter);
                Client c = new Client(g)) {
            g.machine.cpu().cr0 &= ~0x8000_0000L;
            for (String what : new String[] {"mem", "tlb", "tlb 0x1000"}) {
                StringBuilder command = new StringBuilder("qRcmd,");
                for (byte b : ("info " + what).getBytes(StandardCharsets.ISO_8859_1))
                    command.append(String.format("%02x", b));
                String said = "";
                for (String p = c.ask(command.toString()); p.startsWith("O") && !p.equals("OK"); p = c.packet())
                    said += new String(java.util.HexFormat.of().parseHex(p.substring(1)), StandardCharsets.ISO_8859_1);
                assertEquals("paging is off\n", said, what);
            }
        }
    }

    private static String little(long v) {
        return String.format("%016x", Long.reverseBytes(v));
    }

    /** Tasks are threads with the registers that they left; only the processor's can be written and run. */
    @Test
    void tasksOfTheGuestAreThreads() throws Exception {
        try (ServedGuest g = new ServedGuest(folder, Machine::interpreter);
                Client c = new Client(g)) {
            // a stack with r15, r14, r13, r12, rbx, rbp, rip below its pointer; paging is still off
            for (int k = 0; k < 7; k++) g.machine.memory().write(0x5000 + 8 * k, 8, 0x100 + k);
            GuestView view = new GuestView(g.machine.cpu()).elsewhere(0, 0x106, 0x5038, 0x105);
            g.tasks = List.of(
                    new GuestThread(100_007, "<a>&\"\u00ff", "pid 7, state S", view),
                    new GuestThread(100_009, "b", "pid 9, state D", view));
            assertEquals("m1,186a7,186a9", c.ask("qfThreadInfo"));
            assertEquals("l", c.ask("qsThreadInfo"));
            assertEquals("m1,186a7,186a9", c.ask("qfThreadInfo"), "again from its beginning");
            String xml = c.ask("qXfer:threads:read::0,1000");
            assertTrue(
                    xml.contains("<thread id=\"186a7\" name=\"&lt;a&gt;&amp;&quot;?\">pid 7, state S</thread>"), xml);
            assertEquals(
                    "b, pid 9, state D",
                    new String(
                            java.util.HexFormat.of().parseHex(c.ask("qThreadExtraInfo,186a9")),
                            StandardCharsets.US_ASCII));
            assertEquals("E03", c.ask("T186a8"));
            assertEquals("OK", c.ask("T186a7"));
            String processor = c.ask("g");
            assertEquals("OK", c.ask("Hg186a7"));
            String all = c.ask("g");
            assertEquals(processor.length(), all.length());
            // rax rbx rcx rdx rsi rdi rbp rsp r8..r15 rip, as gdb has them
            assertEquals(
                    "x".repeat(16) + little(0x104) + "x".repeat(64) + little(0x105) + little(0x5038),
                    all.substring(0, 128));
            assertEquals(
                    "x".repeat(64) + little(0x103) + little(0x102) + little(0x101) + little(0x100) + little(0x106),
                    all.substring(128, 272));
            assertEquals(little(0x106), c.ask("p10"));
            assertEquals("E03", c.ask("P0=0123456789abcdef"));
            // not as c.ask sends it: no client says long runs once
            String write = "G" + processor;
            c.raw(String.format("$%s#%02x", write, write.chars().sum() & 0xff));
            assertEquals("E03", c.packet());
            assertEquals("E03", c.ask("vCont;s:186a7"));
            assertEquals("E03", c.ask("Hg186a8"));
            assertTrue(c.ask("vCont;s:1").startsWith("T05"));
            assertTrue(!c.ask("p10").contains("x"), "the processor's again");
        }
    }

    @Test
    void malformedPacketsAreErrorsAndUnknownOnesEmpty() throws Exception {
        try (ServedGuest g = new ServedGuest(folder, Machine::interpreter);
                Client c = new Client(g)) {
            for (String bad : new String[] {
                "m",
                "m1",
                "m1,",
                "m1,zz",
                "m11111111111111111,1",
                "M0,2:00",
                "G00",
                "P0",
                "P0=",
                "p",
                "Z0",
                "Z2,0,0",
                "vCont;x",
                "c12,34",
                "bz",
                "H",
                "X0,4:a",
                "qXfer:features:read:target.xml:1",
                "m0,fffff"
            }) {
                assertEquals("E16", c.ask(bad), bad);
            }
            for (String unknown :
                    new String[] {"vMustReplyEmpty", "!", "qFoo", "Z9,1,1", "vFile:open:00,0,0", "qXfer:auxv:read::0,10"
                    }) assertEquals("", c.ask(unknown), unknown);
            assertEquals("E0e", c.ask("m7fff1234567,4"));
            assertEquals("E03", c.ask("Hg7"));
            assertTrue(c.ask("P0=" + "0".repeat(14)).startsWith("E"));
        }
    }

    @Test
    void anOversizedPacketIsRefusedAndAnEndlessOneEndsTheConnection() throws Exception {
        try (ServedGuest g = new ServedGuest(folder, Machine::interpreter)) {
            try (Client c = new Client(g)) {
                assertTrue(c.ask("M0,ffff:" + "01".repeat(0xffff)).startsWith("E."), "longer than PacketSize");
                serves(c);
            }
            try (Client c = new Client(g)) {
                serves(c);
                String much = "A".repeat(1 << 16);
                c.raw("$");
                try {
                    for (int i = 0; i < 300; i++) c.raw(much);
                } catch (java.io.IOException e) {
                    // the server has hung up
                }
                assertEquals("END", c.packet());
            }
            try (Client c = new Client(g)) {
                serves(c);
            }
        }
    }

    @Test
    void aSecondClientIsTurnedAwayAndTheFirstGoesOn() throws Exception {
        try (ServedGuest g = new ServedGuest(folder, Machine::interpreter);
                Client first = new Client(g)) {
            serves(first);
            try (Client second = new Client(g)) {
                assertEquals("E.another gdb is connected", second.packet());
                assertEquals("END", second.packet());
            }
            serves(first);
        }
    }

    @Test
    void aClientThatVanishesWhileTheGuestRunsLeavesItStandingForTheNext() throws Exception {
        try (ServedGuest g = new ServedGuest(folder, Machine::interpreter)) {
            try (Client c = new Client(g)) {
                // a loop that never ends, in place of the first instructions
                assertEquals("OK", c.ask("M100014,2:ebfe"));
                c.channel.write(ByteBuffer.wrap(PacketWriter.frame("c".getBytes(StandardCharsets.US_ASCII))));
            }
            try (Client c = new Client(g)) {
                assertTrue(c.ask("?").startsWith("T05"));
                assertTrue(c.ask("p10").startsWith("1400100000"), "at the loop");
                c.channel.write(ByteBuffer.wrap(PacketWriter.frame("c".getBytes(StandardCharsets.US_ASCII))));
                c.raw("\u0003");
                assertTrue(c.packet().startsWith("T02"), "Ctrl-C stops it");
                c.channel.write(ByteBuffer.wrap(PacketWriter.frame("c".getBytes(StandardCharsets.US_ASCII))));
                assertTrue(c.ask("qC").startsWith("T02"), "a packet in place of Ctrl-C stops it too");
                assertEquals("QC1", c.packet());
            }
        }
    }

    /**
     * Random packets, many of them near to good ones, in random order, some cut or with a wrong sum; then the server
     * still serves.
     */
    @Test
    void randomPacketsHarmNobody() throws Exception {
        String[] seeds = {
            "g",
            "p10",
            "P0=0000000000000000",
            "m100000,10",
            "M100000,1:90",
            "X100000,1:a",
            "Z0,100014,1",
            "z0,100014,1",
            "Z2,100000,8",
            "z2,100000,8",
            "Z3,100000,4",
            "z4,100000,8",
            "s",
            "vCont;s:1",
            "vCont;r100000,100020:1",
            "vCont?",
            "bs",
            "bc",
            "qSupported:swbreak+",
            "qXfer:features:read:target.xml:0,fff",
            "qXfer:threads:read::0,fff",
            "qfThreadInfo",
            "Hg1",
            "Hc-1",
            "T1",
            "?",
            "qRcmd,696e666f206d656d",
            "qRcmd,68656c70",
            "qAttached",
            "qOffsets",
            "Qqemu.sstep=5",
            "qqemu.sstep",
            "Qqemu.PhyMemMode:1",
            "Qqemu.PhyMemMode:0",
            "vMustReplyEmpty",
            "!",
            "C05",
            "S05"
        };
        Random random = new Random(20261127);
        try (ServedGuest g = new ServedGuest(folder, Machine::interpreter)) {
            for (int sent = 0; sent < PACKETS; ) {
                try (Client c = new Client(g)) {
                    Thread drain = Thread.ofPlatform().daemon().start(() -> {
                        while (c.reader.next().kind() != PacketReader.Kind.END) {
                            // nobody reads the answers
                        }
                    });
                    for (int k = 0; k < 500 && sent < PACKETS; k++, sent++) {
                        byte[] frame = PacketWriter.frame(mutate(seeds[random.nextInt(seeds.length)], random)
                                .getBytes(StandardCharsets.ISO_8859_1));
                        if (random.nextInt(20) == 0) frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
                        if (random.nextInt(40) == 0)
                            frame = java.util.Arrays.copyOf(frame, random.nextInt(frame.length));
                        c.channel.write(ByteBuffer.wrap(frame));
                        if (random.nextInt(10) == 0) c.raw("\u0003");
                        if (g.end.isDone()) break;
                    }
                    c.channel.shutdownOutput();
                    drain.join(SECONDS * 1000L);
                    assertFalse(drain.isAlive(), "the server hangs");
                } catch (java.io.IOException e) {
                    // hung up in the middle
                }
                assertFalse(g.end.isCompletedExceptionally(), () -> String.valueOf(g.end.exceptionNow()));
                if (g.end.isDone()) return; // the guest came to its end
            }
            try (Client c = new Client(g)) {
                serves(c);
            }
            g.end.completeOnTimeout(null, 1, TimeUnit.MILLISECONDS);
        }
    }

    private static String mutate(String seed, Random random) {
        StringBuilder s = new StringBuilder(seed);
        for (int n = random.nextInt(4) - 1; n > 0; n--) {
            int at = random.nextInt(s.length() + 1);
            switch (random.nextInt(3)) {
                case 0 ->
                    s.insert(at, (char)
                            (random.nextBoolean()
                                    ? "0123456789abcdef,:;=-".charAt(random.nextInt(21))
                                    : random.nextInt(256)));
                case 1 -> s.delete(at, Math.min(s.length(), at + 1));
                default -> s.setLength(Math.max(1, at));
            }
            if (s.isEmpty()) return "";
        }
        // kill and continue would end the run or never come back
        char first = s.charAt(0);
        return first == 'k'
                        || first == 'c'
                        || first == 'C'
                        || first == 'D'
                        || s.toString().startsWith("vKill")
                        || s.toString().startsWith("vCont;c")
                        || s.toString().startsWith("vCont;C")
                ? "?"
                : s.toString();
    }
}
