/** Guest stacks to frames and saved registers, and the symbols and tables for that. */
module ringside.unwinder {
    requires transitive ringside.runtime;

    exports ringside.unwinder;
    exports ringside.unwinder.linux;
    exports ringside.unwinder.orc;
    exports ringside.unwinder.symbols;
    exports ringside.unwinder.table;
    exports ringside.unwinder.audit to
            ringside.workbench;
}
