package ringside.unwinder.symbols;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads a System.map, or what nm prints: address, letter, name on each line. */
public final class SystemMap {
    private record Line(long address, byte type, String name) {}

    private SystemMap() {}

    /**
     * {@return the symbols of a System.map}
     *
     * @param file its bytes
     * @throws SymbolException if it is none
     */
    public static Symbols read(byte[] file) throws SymbolException {
        List<Line> lines = new ArrayList<>();
        int number = 0;
        for (String text : new String(file, StandardCharsets.UTF_8).split("\n")) {
            number++;
            if (text.isBlank()) continue;
            String[] words = text.strip().split("\\s+");
            try {
                if (words.length < 3 || words[1].length() != 1) throw new NumberFormatException();
                lines.add(new Line(Long.parseUnsignedLong(words[0], 16), (byte) words[1].charAt(0), words[2]));
            } catch (NumberFormatException e) {
                throw new SymbolException("line " + number + " is not 'ADDRESS LETTER NAME': not a System.map");
            }
        }
        if (lines.isEmpty()) throw new SymbolException("no symbols in it");
        lines.sort(Comparator.comparingLong(l -> l.address + Long.MIN_VALUE));
        long[] start = lines.stream().mapToLong(Line::address).toArray();
        byte[] type = new byte[start.length];
        for (int i = 0; i < type.length; i++) type[i] = lines.get(i).type;
        return new Symbols(start, new long[start.length], type, i -> lines.get(i).name, List.of());
    }
}
