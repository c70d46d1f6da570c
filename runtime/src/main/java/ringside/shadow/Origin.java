package ringside.shadow;

/**
 * What a stretch of calls hangs on: an entry into a handler, or a place on another stack that was left by a change of
 * the stack pointer.
 */
sealed interface Origin {
    /** Stretches outward from here, this one included; bounds what a guest can make the chain hold on to. */
    int depth();

    /** Longs that this and all outward of it takes, about. */
    int weight();

    /**
     * An interrupt, exception or system call. Keeps the interrupted registers, so that it stays true when the guest
     * moves or changes the saved frame.
     *
     * @param parent where the interrupted code was, or null if that is too far outward
     */
    record Marker(ShadowEntry entry, Position parent) implements Origin {
        @Override
        public int depth() {
            return parent == null ? 1 : parent.depth();
        }

        @Override
        public int weight() {
            return parent == null ? 0 : parent.weight();
        }
    }

    /**
     * A place in a stretch.
     *
     * @param n entries in use, as an index into the stretch's array
     * @param sp stack pointer when the stretch was left
     */
    record Position(Stretch stretch, int n, long sp) implements Origin {
        @Override
        public int depth() {
            return stretch.depth;
        }

        @Override
        public int weight() {
            return stretch.weight(n);
        }

        /** @return address of the innermost return address that is still on the stack, or of what bounds the stretch */
        long top() {
            return stretch.e[last() - 2];
        }

        /** @return {@link #n} without entries that the stack pointer was above, or that the stretch has lost since */
        int last() {
            int k = Math.min(n, stretch.n);
            while (k > Stretch.FIRST && stretch.e[k - 2] < sp) k -= 2;
            return Math.max(k, Stretch.FIRST);
        }
    }
}
