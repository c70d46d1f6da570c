package ringside.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Memory sizes as people write them: 256M, 1G, 65536K; a bare number is MiB, as in QEMU. */
record Size(long bytes) {
    static final class Converter implements ITypeConverter<Size> {
        @Override
        public Size convert(String text) {
            java.util.regex.Matcher m = java.util.regex.Pattern.compile(
                            "(\\d{1,9})([KMG]?)i?B?", java.util.regex.Pattern.CASE_INSENSITIVE)
                    .matcher(text);
            if (!m.matches()) throw new TypeConversionException("'" + text + "' is not a size; write e.g. 256M or 1G");
            long n = Long.parseLong(m.group(1));
            long bytes = switch (m.group(2).toUpperCase(java.util.Locale.ROOT)) {
                case "K" -> n << 10;
                case "G" -> n << 30;
                default -> n << 20;
            };
            if (bytes < 1 << 20 || bytes > 64L << 30)
                throw new TypeConversionException("memory must be between 1M and 64G, not " + text);
            return new Size(bytes & -4096L);
        }
    }

    @Override
    public String toString() {
        return bytes % (1L << 30) == 0 ? (bytes >> 30) + "G" : (bytes >> 20) + "M";
    }
}
