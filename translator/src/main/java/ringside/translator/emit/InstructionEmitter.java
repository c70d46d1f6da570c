package ringside.translator.emit;

/** Emits one instruction inline. One line of the table in {@link Emitters} names the mnemonic and this. */
@FunctionalInterface
interface InstructionEmitter {
    /** @return false, with nothing emitted, if this form is left to the interpreter's handler */
    boolean emit(Emission e);
}
