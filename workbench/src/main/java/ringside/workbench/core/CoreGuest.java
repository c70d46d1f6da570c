package ringside.workbench.core;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import ringside.guest.CoreException;
import ringside.guest.CoreFile;
import ringside.guest.GuestView;
import ringside.guest.SavedGuest;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.Vmcoreinfo;
import ringside.workbench.UsageException;
import ringside.workbench.run.KnownKernel;

/**
 * A guest that lies in a core file: one of its CPUs, and what is known of its kernel. Stays readable until it is
 * closed.
 */
public final class CoreGuest implements AutoCloseable {
    private final CoreFile file;
    private final String what;
    private final GuestView view;
    private final KernelModel kernel;

    private CoreGuest(CoreFile file, Path symbols, int cpu) throws IOException {
        this.file = file;
        List<SavedGuest> cpus = Vmcoreinfo.cpus(file);
        if (cpu < 0 || cpu >= cpus.size()) {
            throw new UsageException("--on-cpu " + cpu + ": " + file.path() + " has " + cpus.size()
                    + (cpus.size() == 1 ? " CPU" : " CPUs, counted from 0"));
        }
        Vmcoreinfo info = Vmcoreinfo.of(file);
        kernel = KnownKernel.ofCore(symbols).modelIn(new GuestView(cpus.get(cpu)), info == null ? null : info.slide());
        view = new GuestView(Vmcoreinfo.complete(cpus.get(cpu), cpu, kernel.symbols()));
        what = String.format(
                "CPU %d of %d in %s%s",
                cpu,
                cpus.size(),
                file.path().getFileName(),
                info == null || info.release() == null ? "" : ", Linux " + info.release());
        if (view.state().longMode() && !view.user() && !view.mapped(view.rip())) {
            throw new CoreException(String.format(
                    "%s is damaged or not whole: the code that CPU %d executes, at %x, is not in it",
                    file.path(), cpu, view.rip()));
        }
    }

    /**
     * Opens a core file.
     *
     * @param symbols the kernel's vmlinux or System.map, or null to use what the kernel's memory tells
     * @param cpu counted from 0
     */
    public static CoreGuest open(Path core, Path symbols, int cpu) throws IOException {
        CoreFile file = CoreFile.open(core);
        try {
            return new CoreGuest(file, symbols, cpu);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** For a heading: which CPU of which file. */
    public String what() {
        return what;
    }

    public GuestView view() {
        return view;
    }

    public KernelModel kernel() {
        return kernel;
    }

    @Override
    public void close() {
        file.close();
    }
}
