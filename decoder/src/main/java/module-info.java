/** Bytes to x86 instructions and their text; needs no machine. */
module ringside.decoder {
    exports ringside.decoder;
}
