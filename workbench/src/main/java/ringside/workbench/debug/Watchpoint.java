package ringside.workbench.debug;

/** Memory whose use is watched. @param address linear */
public record Watchpoint(long address, int length, Access access) {
    /** Which accesses count. */
    public enum Access {
        WRITE,
        READ,
        ANY
    }

    boolean hitBy(long la, int bytes, boolean write) {
        if (access == Access.WRITE && !write || access == Access.READ && write) return false;
        return Long.compareUnsigned(la, address + length - 1) <= 0
                && Long.compareUnsigned(la + bytes - 1, address) >= 0;
    }

    boolean onPage(long page) {
        return (page ^ address & -4096L) == 0 || (page ^ address + length - 1 & -4096L) == 0;
    }
}
