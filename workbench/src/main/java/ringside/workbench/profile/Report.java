package ringside.workbench.profile;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;

/**
 * A profile as one page for a browser that needs nothing but itself: the document, the page's own code, and two
 * libraries that are on the class path as WebJars (Tabulator for tables, uPlot for charts).
 */
public final class Report {
    private static final String TABLES = "tabulator-tables", CHARTS = "uplot";

    private Report() {}

    /** @param document of a profile, with stacks */
    public static String of(Map<String, Object> document) throws IOException {
        String styles = library(TABLES, "dist/css/tabulator_simple.min.css") + "\n"
                + library(CHARTS, "dist/uPlot.min.css") + "\n" + own("report.css");
        String scripts = script(library(TABLES, "dist/js/tabulator.min.js"))
                + script(library(CHARTS, "dist/uPlot.iife.min.js"))
                + script(own("report.js"));
        // in this order: what is put in is not looked through for the places of what comes later
        String page = own("report.html");
        int data = page.indexOf("@DATA@"), code = page.indexOf("@SCRIPTS@");
        return page.substring(0, data)
                        .replace("@TITLE@", html("Profile of " + document.get("kernel")))
                        .replace("@STYLES@", withoutMaps(styles))
                + JSON.std.asString(document).replace("<", "\\u003c")
                + page.substring(data + 6, code)
                + scripts
                + page.substring(code + 9);
    }

    private static String script(String code) {
        return "<script>\n" + withoutMaps(code).replace("</script", "<\\/script") + "\n</script>\n";
    }

    /** The libraries name files that help their authors, and that a page without network cannot get. */
    private static String withoutMaps(String s) {
        return s.replaceAll("(//|/\\*)# sourceMappingURL=\\S+( \\*/)?", "");
    }

    private static String html(String s) {
        return s.replace("&", "&amp;").replace("<", "&lt;");
    }

    private static String own(String name) throws IOException {
        return read("/ringside/workbench/profile/" + name);
    }

    /** @return a file of a WebJar, whatever its version */
    private static String library(String name, String file) throws IOException {
        Properties p = new Properties();
        p.load(new StringReader(read("/META-INF/maven/org.webjars.npm/" + name + "/pom.properties")));
        return read("/META-INF/resources/webjars/" + name + "/" + p.getProperty("version") + "/" + file);
    }

    private static String read(String resource) throws IOException {
        try (InputStream in = Report.class.getResourceAsStream(resource)) {
            if (in == null) throw new IOException("the file " + resource + " is missing in this build");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
