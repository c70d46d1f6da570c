package ringside.workbench.entry;

import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.workbench.entry.ChainDescription.Kind;
import ringside.workbench.entry.ChainDescription.Rule;

/**
 * The entry kernel's true call chain at any instruction, found by its {@link ChainDescription} alone: the measure for
 * shadow stack and unwinders.
 */
public final class TrueChain {
    private static final int MOST = 200;
    private static final int FRAME = 128, RIP = 0, CS = 8, RSP = 24;
    /** Offset in pt_regs of each general register by its number. */
    private static final int[] SAVED = {80, 88, 96, 40, -1, 32, 104, 112, 72, 64, 56, 48, 24, 16, 8, 0};

    /**
     * One link, innermost first: a return address or interrupted code.
     *
     * @param entry whether it was interrupted (or made a system call)
     * @param slot linear address of the word that holds the return address, or of the RIP word; 0 for a system call
     *     whose frame is not there
     * @param address return address, or interrupted rip
     * @param sp stack pointer there: behind the return address, or interrupted
     * @param user whether user code was interrupted
     * @param complete whether a whole pt_regs lies at {@code slot - 128}
     */
    public record Link(boolean entry, long slot, long address, long sp, boolean user, boolean complete) {
        /** @return whether it is the same, wherever the frame lies */
        public boolean same(Link o) {
            return entry == o.entry && address == o.address && sp == o.sp && user == o.user;
        }

        @Override
        public String toString() {
            return String.format("%s%x sp %x @%x", entry ? user ? "user " : "interrupted " : "", address, sp, slot);
        }
    }

    /** The description does not fit the machine's state. */
    public static final class WrongDescription extends RuntimeException {
        private static final long serialVersionUID = 1;

        WrongDescription(String what) {
            super(what);
        }
    }

    /**
     * Where code stands with all its registers: at the start, and where it was interrupted.
     *
     * @param framed whether rbp leads on from here: it is the running function's frame, or 0 where nothing called it
     * @param kind of the rule there
     * @param register whether the rule needs a register other than rsp that only this class knows, because a helper of
     *     the entry code was called in between
     */
    public record Place(long rip, boolean framed, Kind kind, boolean register) {}

    private final ChainDescription description;
    private final GuestView view;
    private final List<Place> places = new ArrayList<>();

    public TrueChain(ChainDescription description, GuestView view) {
        this.description = description;
        this.view = view;
    }

    /** @return the links from the view's registers outward; the view must have been refreshed */
    public List<Link> links() {
        List<Link> out = new ArrayList<>();
        long rip = view.rip();
        long rsp = view.rsp();
        long[] registers = new long[16];
        for (int i = 0; i < 16; i++) registers[i] = view.gpr(i);
        // behind a call it is known only where entry code called a helper, which leaves it alone
        long rbp = registers[Cpu.RBP];
        boolean helper = false;
        boolean exact = true;
        places.clear();
        while (true) {
            if (out.size() > MOST) throw new WrongDescription("no end after " + MOST + " links");
            Rule r = description.at(exact ? rip : rip - 1);
            if (r == null) throw new WrongDescription(String.format("%x is in no function", rip));
            if (r.kind() == Kind.BOTTOM && exact) places.add(new Place(rip, rbp == 0, r.kind(), false));
            if (r.kind() == Kind.BOTTOM || r.kind() == Kind.USER) return out;
            if (r.kind() == Kind.SYSCALL) {
                places.add(new Place(rip, false, r.kind(), helper));
                out.add(new Link(true, 0, registers[Cpu.RCX], userStack(registers, rsp), true, false));
                return out;
            }
            if (!exact && r.base() != Cpu.RSP)
                throw new WrongDescription(String.format("%x needs a register behind a call", rip));
            long place = (r.base() == Cpu.RSP ? rsp : registers[r.base()]) + r.offset();
            if (r.through()) place = word(place);
            if (exact) {
                long frame = r.kind() == Kind.CALLED || r.kind() == Kind.STORED
                        ? place - 8
                        : r.kind() == Kind.LINKED ? place : 0;
                places.add(new Place(rip, frame != 0 && rbp == frame, r.kind(), helper && r.base() != Cpu.RSP));
            }
            switch (r.kind()) {
                case CALLED, LINKED, STORED -> {
                    long slot = r.kind() == Kind.LINKED ? place + 8 : place;
                    if (r.kind() == Kind.STORED) {
                        registers = saved(place + 8);
                        rbp = registers[Cpu.RBP];
                    }
                    rip = word(slot);
                    rsp = slot + 8;
                    helper = true;
                    exact = false;
                    out.add(new Link(false, slot, rip, rsp, false, false));
                }
                default -> {
                    long slot = r.kind() == Kind.REGS ? place + FRAME : place;
                    boolean user = (word(slot + CS) & 3) != 0;
                    rip = word(slot + RIP);
                    rsp = word(slot + RSP);
                    out.add(new Link(true, slot, rip, rsp, user, r.kind() == Kind.REGS && r.offset() >= 0));
                    if (user) return out;
                    if (r.kind() == Kind.REGS) {
                        registers = saved(place);
                        helper = false;
                        rbp = registers[Cpu.RBP];
                    }
                    exact = true;
                }
            }
        }
    }

    /** The places of the last {@link #links}, innermost first; user code is none. */
    public List<Place> places() {
        return List.copyOf(places);
    }

    /**
     * The user's stack pointer where SYSCALL has not saved it on a stack: still in rsp, or in the CPU's data when rsp
     * is the kernel's.
     */
    private long userStack(long[] registers, long rsp) {
        return rsp >= 0 ? rsp : word(view.kernelGs() + 16);
    }

    private long[] saved(long at) {
        long[] r = new long[16];
        for (int i = 0; i < 16; i++) {
            if (SAVED[i] >= 0) r[i] = word(at + SAVED[i]);
        }
        return r;
    }

    private long word(long address) {
        if (!view.load(address)) throw new WrongDescription(String.format("no memory at %x", address));
        return view.value();
    }
}
