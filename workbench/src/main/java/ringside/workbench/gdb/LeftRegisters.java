package ringside.workbench.gdb;

import java.util.List;
import ringside.guest.GuestView;

/**
 * The registers of a Linux task that sleeps: those that {@code __switch_to_asm} saved on its stack before it left it
 * (struct inactive_task_frame), and what the view says. The others it did not need to keep.
 */
final class LeftRegisters {
    /** What lies below the stack pointer, the lowest first; the last is where the task goes on. */
    private static final List<String> SAVED = List.of("r15", "r14", "r13", "r12", "rbx", "rbp", "rip");

    private LeftRegisters() {}

    /** @return the register's value, or null if nobody can tell */
    static Long of(GuestView view, String name) {
        switch (name) {
            case "rip" -> {
                return view.rip();
            }
            case "rsp" -> {
                return view.rsp();
            }
            case "rbp" -> {
                return view.rbp();
            }
            default -> {
                int i = SAVED.indexOf(name);
                return i >= 0 && view.load(view.rsp() - 8L * (SAVED.size() - i)) ? (Long) view.value() : null;
            }
        }
    }
}
