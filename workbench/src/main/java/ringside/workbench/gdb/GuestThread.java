package ringside.workbench.gdb;

import ringside.guest.GuestView;

/**
 * A task of the guest that does not run, as a client is shown it beside the processor.
 *
 * @param id by which the client names it; more than 1, which is the processor
 * @param name for people
 * @param state for people, in a word
 * @param view where it was left: RIP, RSP and RBP
 */
public record GuestThread(long id, String name, String state, GuestView view) {}
