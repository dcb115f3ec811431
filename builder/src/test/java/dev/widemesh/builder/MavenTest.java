package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.ProcessType;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Java apps that Maven builds.
@DisplayNameGeneration(ReplaceUnderscores.class)
class MavenTest {
  private static final String STACK = "java";
  private static final String MAIN = "src/main/java/web/Main.java";

  @RegisterExtension static final FirstBuild FIRST = new FirstBuild(STACK, MavenTest::checkout);

  @Test
  @Tag("BLD-1")
  void an_app_answers_with_its_libraries_in_a_layer(Workshop workshop, Job first, Built built)
      throws Exception {
    assertThat(built.processes())
        .containsExactly(new ProcessType("web", null, List.of("java", "-jar", "target/web.jar")));
    assertThat(workshop.output(first)).contains("Java 21: pom.xml compiles for Java 21");
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).contains("\"hello from java\"").contains("\"java\":21");
      assertThat(app.get("/").body()).containsPattern("\"heap\":[1-9]\\d{2},\"java\"");
      assertThat(app.exec("ls", "-l", "/workspace/target/lib/"))
          .contains("-> /layers/widemesh_maven/dependencies/target/lib/gson-2.11.0.jar");
      assertThat(app.exec("ls", "/layers/widemesh_maven")).doesNotContain("jdk", "repository");
    }
  }

  @Test
  @Tag("BLD-10")
  void the_same_commit_is_the_same_image(Workshop workshop, Job first, Built built)
      throws Exception {
    assertThat(workshop.build(first).image()).isEqualTo(built.image());
  }

  @Test
  @Tag("DEP-12")
  void what_does_not_compile_is_named_with_its_line(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("maven/fixture/web");
    Workshop.replace(checkout.resolve(MAIN), "server.start();", "server.begin();");

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary())
        .startsWith("does not compile: src/main/java/web/Main.java:23: cannot find symbol");
  }

  @Test
  @Tag("DEP-12")
  void a_dependency_that_nobody_has_is_named(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("maven/fixture/web");
    Workshop.replace(
        checkout.resolve("pom.xml"), "<version>2.11.0</version>", "<version>2.99.0</version>");

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary())
        .isEqualTo("no Maven repository has com.google.code.gson:gson:jar:2.99.0");
  }

  @Test
  @Tag("DEP-12")
  void a_java_that_cannot_be_had_is_answered_with_those_that_can(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("maven/fixture/web");
    Files.writeString(checkout.resolve("system.properties"), "java.runtime.version=11\n");

    var cause = workshop.refuse(workshop.job(STACK, checkout));

    assertThat(cause.summary())
        .isEqualTo(
            "Java 11 cannot be had here (java.runtime.version in system.properties): 17, 21 and 25 can");
    assertThat(cause.nextStep()).contains("java.runtime.version=25");
  }

  @Test
  void the_configuration_chooses_what_maven_does(Workshop workshop, Built built) throws Exception {
    var job =
        workshop.job(
            STACK,
            workshop.checkout("maven/fixture/web"),
            Optional.of(built),
            java.util.Map.of("BP_MAVEN_BUILD_ARGUMENTS", "-version", "OTHER", "x"));

    var cause = workshop.refuse(job);

    assertThat(cause.summary()).isEqualTo("Maven made no jar");
    assertThat(workshop.output(job)).contains("mvn -version");
  }

  @Test
  @Tag("nightly")
  @Tag("DEP-12")
  void a_maven_that_is_not_what_its_checksum_says_is_refused(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("maven/fixture/kotlin");
    Files.writeString(
        checkout.resolve(".mvn/wrapper/maven-wrapper.properties"),
        "distributionSha256Sum=" + "0".repeat(64) + "\n",
        java.nio.file.StandardOpenOption.APPEND);

    var cause = workshop.refuse(workshop.job("kotlin", checkout));

    assertThat(cause.summary())
        .startsWith("apache-maven-3.9.11-bin.zip is not what its checksum says");
  }

  /// That of Apache, with a Maven that is none of the usual names: it lies in the repository.
  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  @Tag("DEP-12")
  void the_projects_own_mvnw_runs_where_only_it_knows_its_maven(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("maven/fixture/web");
    var wrapper = Files.createDirectories(checkout.resolve(".mvn/wrapper"));
    var scripts = fetched("wrapper/maven-wrapper-distribution", "3.3.4", "-only-script.zip");
    try (var zip =
        FileSystems.newFileSystem(Files.write(workshop.empty().resolve("zip"), scripts))) {
      Files.write(checkout.resolve("mvnw"), Files.readAllBytes(zip.getPath("mvnw")));
    }
    Files.write(wrapper.resolve("own-bin.zip"), fetched("apache-maven", "3.9.11", "-bin.zip"));
    var properties = wrapper.resolve("maven-wrapper.properties");
    Files.writeString(properties, "distributionUrl=file:///workspace/.mvn/wrapper/own-bin.zip\n");
    var job = workshop.job("mvnw", checkout);

    try (var app = workshop.run(workshop.build(job))) {
      assertThat(app.get("/").body()).contains("\"hello from java\"");
    }
    assertThat(workshop.output(job)).contains("Maven: the project's own (mvnw)");

    Files.delete(wrapper.resolve("own-bin.zip"));
    assertThat(workshop.refuse(workshop.job("without", checkout)).summary())
        .isEqualTo("mvnw could not fetch file:///workspace/.mvn/wrapper/own-bin.zip");
  }

  private static byte[] fetched(String artifact, String version, String end) throws Exception {
    var file = artifact.replaceFirst(".*/", "") + "-" + version + end;
    var central = "https://repo.maven.apache.org/maven2/org/apache/maven/";
    try (var in =
        URI.create(central + artifact + "/" + version + "/" + file).toURL().openStream()) {
      return in.readAllBytes();
    }
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void a_war_is_served_by_tomcat_at_the_root(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("maven/fixture/web");
    Workshop.replace(
        checkout.resolve("pom.xml"),
        "<version>1.0</version>",
        "<version>1.0</version><packaging>war</packaging>");
    Files.createDirectories(checkout.resolve("src/main/webapp/WEB-INF"));
    Files.writeString(checkout.resolve("src/main/webapp/WEB-INF/web.xml"), "<web-app/>\n");
    Files.writeString(
        checkout.resolve("src/main/webapp/index.jsp"),
        """
        <%= new com.google.gson.Gson().toJson("hello from " + request.getScheme()) %>
        """);
    var job = workshop.job(STACK, checkout);

    var war = workshop.build(job);

    assertThat(workshop.output(job))
        .contains("target/web.war is served by Tomcat 11: it is for Jakarta EE 9 or newer")
        .contains("libraries in the layer dependencies");
    try (var app = workshop.run(war)) {
      assertThat(app.get("/").body()).isEqualTo("\"hello from http\"\n");
      assertThat(app.get("/index.jsp", "X-Forwarded-Proto", "https").body()).contains("https");
      assertThat(app.get("/WEB-INF/web.xml").statusCode()).isEqualTo(404);
    }
  }

  /// With a picture instead of the heap: text on white, written as a JPEG, read again and made
  /// gray.
  static Path checkout(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("maven/fixture/web");
    Workshop.replace(checkout.resolve(MAIN), " about() {", " about() throws java.io.IOException {");
    Workshop.replace(
        checkout.resolve(MAIN), "Runtime.getRuntime().maxMemory() >> 20", "Picture.darkDots()");
    Files.writeString(
        checkout.resolve("src/main/java/web/Picture.java"),
        """
        package web;

        import java.awt.Color;
        import java.awt.Font;
        import java.awt.color.ColorSpace;
        import java.awt.image.BufferedImage;
        import java.awt.image.ColorConvertOp;
        import java.io.ByteArrayInputStream;
        import java.io.ByteArrayOutputStream;
        import java.io.IOException;
        import javax.imageio.ImageIO;

        final class Picture {
          static int darkDots() throws IOException {
            BufferedImage drawn = new BufferedImage(80, 30, BufferedImage.TYPE_INT_RGB);
            var pen = drawn.createGraphics();
            pen.setBackground(Color.WHITE);
            pen.clearRect(0, 0, 80, 30);
            pen.setColor(Color.BLACK);
            pen.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 20));
            pen.drawString("Total", 5, 20);
            ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
            ImageIO.write(drawn, "jpeg", jpeg);
            BufferedImage read = ImageIO.read(new ByteArrayInputStream(jpeg.toByteArray()));
            BufferedImage gray =
                new ColorConvertOp(ColorSpace.getInstance(ColorSpace.CS_GRAY), null).filter(read, null);
            int dark = 0;
            for (int dot : gray.getRaster().getPixels(0, 0, 80, 30, (int[]) null)) {
              dark += dot < 100 ? 1 : 0;
            }
            return dark;
          }
        }
        """);
    return checkout;
  }
}
