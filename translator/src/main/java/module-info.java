/** The translating engine: guest code to JVM bytecode. */
module ringside.translator {
    requires transitive ringside.runtime;
    requires org.objectweb.asm;

    exports ringside.translator;
}
