package ringside.workbench.profile;

/** What one task, under one name, did. */
public final class TaskRow {
    final int pid;
    final String comm;
    long user, kernel, switches;
    /** Number of what it executes; it changes when a task executes another file. */
    int program;

    TaskRow(int pid, String comm) {
        this.pid = pid;
        this.comm = comm;
    }

    public int pid() {
        return pid;
    }

    /** @return the name of its program as the kernel keeps it, unprintable characters replaced */
    public String comm() {
        return comm;
    }

    public long user() {
        return user;
    }

    public long kernel() {
        return kernel;
    }

    /** @return how often it was switched to */
    public long switches() {
        return switches;
    }
}
