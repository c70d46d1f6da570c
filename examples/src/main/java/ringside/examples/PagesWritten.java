package ringside.examples;

import java.util.Set;
import java.util.TreeSet;
import ringside.cpu.Cpu;
import ringside.cpu.Observer;

/** Notes the pages that a guest stores into; docs/add-an-observer.md explains it. */
public final class PagesWritten implements Observer {
    private final Set<Long> pages = new TreeSet<>();

    @Override
    public Set<Interest> interests() {
        return Set.of(Interest.MEMORY);
    }

    @Override
    public void access(Cpu cpu, long la, int bytes, boolean write) {
        if (!write) return;
        pages.add(la >>> 12);
        pages.add(la + bytes - 1 >>> 12);
    }

    /** @return linear page numbers */
    public Set<Long> pages() {
        return pages;
    }
}
