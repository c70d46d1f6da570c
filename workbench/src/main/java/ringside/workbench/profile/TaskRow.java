package ringside.workbench.profile;

/** What one task, under one name, did. */
public final class TaskRow {
    final int pid;
    final String comm;
    long user, kernel, switches;
    final int program;

    TaskRow(int pid, String comm, int program) {
        this.pid = pid;
        this.comm = comm;
        this.program = program;
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
