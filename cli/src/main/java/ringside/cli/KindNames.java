package ringside.cli;

import java.util.Iterator;
import java.util.stream.Stream;
import ringside.unwinder.Kind;

/** The kinds of unwinding as they are named on the command line, for help and completion. */
class KindNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return kinds().map(Kind::label).iterator();
    }

    Stream<Kind> kinds() {
        return Stream.of(Kind.values());
    }

    /** Those that can be compared with the shadow stack. */
    static final class Audited extends KindNames {
        @Override
        Stream<Kind> kinds() {
            return super.kinds().filter(k -> k != Kind.SHADOW && k != Kind.SCAN);
        }
    }
}
