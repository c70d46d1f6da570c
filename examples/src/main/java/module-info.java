/** Programs that embed Ringside, compiled and run against its modules. */
module ringside.examples {
    requires ringside.translator;
    requires ringside.unwinder;
}
