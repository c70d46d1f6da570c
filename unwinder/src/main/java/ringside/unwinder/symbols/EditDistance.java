package ringside.unwinder.symbols;

/** How many letters have to be changed, put in or left out to make one name of another (Levenshtein). */
final class EditDistance {
    private EditDistance() {}

    /** @return the distance, or -1 if it is more than {@code most} */
    static int atMost(String a, String b, int most) {
        if (Math.abs(a.length() - b.length()) > most) return -1;
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            int least = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                row[j] = Math.min(
                        Math.min(above, row[j - 1]) + 1, diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
                diagonal = above;
                least = Math.min(least, row[j]);
            }
            if (least > most) return -1;
        }
        return row[b.length()] <= most ? row[b.length()] : -1;
    }
}
