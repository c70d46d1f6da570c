package ringside;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The floors of docs/architecture.md: no circle between packages, and no package that knows one on a higher floor. */
class ArchitectureTest {
    /** Lowest first; packages of one floor are separated by spaces, each with all below it in the folder tree. */
    private static final String[] FLOORS = {
        "decoder state",
        "bus softfloat",
        "memory",
        "shadow",
        "cpu",
        "simd",
        "interpreter",
        "device",
        "machine",
        "boot snapshot guest",
        "lab",
        "translator unwinder",
        "workbench examples",
        "cli"
    };

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(l -> !l.contains("/test/"))
                .importPackages("ringside");
    }

    @Test
    void noPackagesNeedEachOtherInACircle() {
        slices().matching("ringside.(**)").should().beFreeOfCycles().check(classes);
    }

    @Test
    void noPackageKnowsAHigherFloor() {
        LayeredArchitecture floors = layeredArchitecture().consideringOnlyDependenciesInAnyPackage("ringside..");
        for (String floor : FLOORS) floors = floors.layer(floor).definedBy(packages(floor));
        for (int i = 0; i < FLOORS.length; i++) {
            String[] below = new String[i];
            System.arraycopy(FLOORS, 0, below, 0, i);
            floors = i == 0
                    ? floors.whereLayer(FLOORS[i]).mayNotAccessAnyLayer()
                    : floors.whereLayer(FLOORS[i]).mayOnlyAccessLayers(below);
        }
        floors.ensureAllClassesAreContainedInArchitecture().check(classes);
    }

    @Test
    void translatorAndUnwinderDoNotKnowEachOther() {
        com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("ringside.translator..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ringside.unwinder..")
                .check(classes);
        com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("ringside.unwinder..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ringside.translator..")
                .check(classes);
    }

    /** Whatever changes belongs to a machine or to one of its processors, so that any number of them can exist. */
    @Test
    void noStaticFieldChanges() {
        com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields()
                .that()
                .areStatic()
                .should()
                .beFinal()
                .check(classes);
    }

    private static String[] packages(String floor) {
        String[] p = floor.split(" ");
        for (int i = 0; i < p.length; i++) p[i] = "ringside." + p[i] + "..";
        return p;
    }
}
