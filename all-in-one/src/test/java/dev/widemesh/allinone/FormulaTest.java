package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Both ways to build, from `git push` to the answer.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class FormulaTest {
  private static final String DOCKERFILE =
      """
      FROM widemesh/build:13 AS pages
      USER root
      ARG GREETING=nobody
      RUN mkdir /site && echo "VERSION $GREETING" >/site/index.html

      FROM widemesh/run:13
      COPY --from=pages /site /srv
      COPY nginx.conf /etc/site.conf
      USER 1000
      EXPOSE 3000
      ENTRYPOINT ["/usr/sbin/nginx", "-e", "stderr"]
      CMD ["-c", "/etc/site.conf"]
      """;
  private static final String NGINX =
      """
      daemon off; pid /tmp/nginx.pid; events {}
      http {
        access_log off; client_body_temp_path /tmp/1; proxy_temp_path /tmp/2;
        fastcgi_temp_path /tmp/3; uwsgi_temp_path /tmp/4; scgi_temp_path /tmp/5;
        server { listen 3000; root /srv; }
      }
      """;

  private static final String SPRING_POM =
      """
      <project xmlns="http://maven.apache.org/POM/4.0.0">
        <modelVersion>4.0.0</modelVersion>
        <parent>
          <groupId>org.springframework.boot</groupId>
          <artifactId>spring-boot-starter-parent</artifactId>
          <version>4.1.1</version>
          <relativePath/>
        </parent>
        <groupId>shop</groupId>
        <artifactId>shop</artifactId>
        <version>1</version>
        <properties>
          <java.version>25</java.version>
        </properties>
        <dependencies>
          <dependency>
            <groupId>org.springframework.boot</groupId>
            <artifactId>spring-boot-starter-webmvc</artifactId>
          </dependency>
        </dependencies>
        <build>
          <plugins>
            <plugin>
              <groupId>org.springframework.boot</groupId>
              <artifactId>spring-boot-maven-plugin</artifactId>
            </plugin>
          </plugins>
        </build>
      </project>
      """;
  private static final String SPRING_APP =
      """
      package shop;

      import org.springframework.boot.SpringApplication;
      import org.springframework.boot.autoconfigure.SpringBootApplication;
      import org.springframework.web.bind.annotation.GetMapping;
      import org.springframework.web.bind.annotation.RestController;

      @SpringBootApplication
      @RestController
      public class Shop {
        public static void main(String[] args) {
          SpringApplication.run(Shop.class, args);
        }

        @GetMapping("/")
        public String hello() {
          return "hello from spring";
        }
      }
      """;

  private final TestPlatform platform;

  FormulaTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  @Tag("BLD-8")
  @Tag("BLD-9")
  void a_java_app_is_pushed_and_a_changed_line_fetches_nothing() throws IOException {
    var app = App.create(platform, platform.environmentOf("java"), "shop");
    var fixture = Path.of(System.getProperty("widemesh.home"), "buildpacks/maven/fixture/web");
    var main = Files.readString(fixture.resolve("src/main/java/web/Main.java"));
    app.write("pom.xml", Files.readString(fixture.resolve("pom.xml")))
        .write("src/main/java/web/Main.java", main)
        .commit("one");

    var built = builtByDocker();
    var first = app.push().ok();

    assertThat(builtByDocker()).isEqualTo(built);
    assertThat(first.err()).contains("Java app (pom.xml)", "Start: java -jar target/web.jar");
    assertThat(app.answer()).contains("hello from java");

    app.write("src/main/java/web/Main.java", main.replace("hello from", "bye from")).commit("two");
    var second = app.push().ok();

    assertThat(second.err())
        .contains("Dependencies from the cache: nothing fetched")
        .contains("Layers reused: dependencies, graphics, jre")
        .containsPattern("Moved \\d+ kB in 1 of 5 layers");
    assertThat(app.answer()).contains("bye from java");
  }

  /// The images that Docker itself made for stacks of this platform, which keeps them as a cache.
  private Set<String> builtByDocker() throws IOException {
    var mark = "dev.widemesh.dockerfile";
    var ours = Platform.read(new DataFolder(platform.data)).id() + "/";
    var format = "{{index .Config.Labels \"" + mark + "\"}}";
    return Shell.printed("docker", "images", "-aq", "--no-trunc", "--filter", "label=" + mark)
        .lines()
        .filter(image -> inspected(format, image).startsWith(ours))
        .collect(Collectors.toSet());
  }

  /// Nothing of an image that somebody removed meanwhile.
  private String inspected(String format, String image) {
    var argv = List.of("docker", "inspect", "--format", format, image);
    return Shell.run(platform.folder, Map.of(), argv).out();
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-8")
  @Tag("BLD-9")
  void a_spring_boot_app_listens_where_it_should_and_moves_only_its_own_classes()
      throws IOException {
    var app = App.create(platform, platform.environmentOf("spring"), "shop");
    app.write("pom.xml", SPRING_POM)
        .write("src/main/java/shop/Shop.java", SPRING_APP)
        .commit("one");

    var first = app.push().ok();

    assertThat(first.err()).contains("Java app (pom.xml)", "Start: java ");
    assertThat(app.answer()).isEqualTo("hello from spring");

    app.write("src/main/java/shop/Shop.java", SPRING_APP.replace("hello from", "bye from"))
        .commit("two");
    var second = app.push().ok();

    assertThat(second.err())
        .contains("Dependencies from the cache: nothing fetched")
        .contains("Layers reused: dependencies, graphics, jre")
        .containsPattern("Moved \\d+ kB in 1 of \\d layers");
    assertThat(app.answer()).isEqualTo("bye from spring");
  }

  @Test
  @Tag("BLD-5")
  @Tag("BLD-6")
  @Tag("DEP-12")
  void an_app_with_a_dockerfile_is_pushed_and_a_step_that_fails_changes_nothing()
      throws IOException {
    var app = App.create(platform, platform.environmentOf("docker"), "site");
    app.mesh("stack", "config", "set", "GREETING=ada").ok();
    app.write("Dockerfile", DOCKERFILE.replace("VERSION", "one"))
        .write("nginx.conf", NGINX)
        .commit("one");

    var built = builtByDocker();
    var push = app.push().ok();

    assertThat(builtByDocker()).as("control").hasSizeGreaterThan(built.size());
    assertThat(push.err()).contains("RUN mkdir /site").doesNotContain("dev.widemesh");
    assertThat(app.answer()).isEqualTo("one ada\n");
    assertThat(app.mesh("stack", "info").ok().out()).contains("dockerfile");

    app.write("Dockerfile", DOCKERFILE.replace("VERSION", "one") + "RUN echo sorry; exit 4\n")
        .commit("broken");
    var images = images();
    var broken = app.push();
    assertThat(broken.exitCode()).isEqualTo(1);
    assertThat(broken.err())
        .contains("Dockerfile line 13 failed with exit code 4: RUN echo sorry; exit 4", "sorry")
        .contains("Try: ");
    assertThat(app.answer()).isEqualTo("one ada\n");
    assertThat(images()).as("the registry got nothing, old or new").isEqualTo(images);

    app.write("Dockerfile", DOCKERFILE.replace("VERSION", "two")).commit("two");
    assertThat(app.push().ok().err()).contains("cached");
    assertThat(app.answer()).isEqualTo("two ada\n");
    assertThat(images()).as("control").isNotEqualTo(images);

    app.git("rm", "-q", "Dockerfile").ok();
    app.write("index.html", "static\n").commit("no Dockerfile");
    assertThat(app.push().err()).contains("there is no Dockerfile at the top");
    assertThat(app.mesh("deploy", "--dockerfile=other/site.Dockerfile").err())
        .contains("there is no Dockerfile at other/site.Dockerfile");

    app.mesh("deploy", "--buildpack").ok();
    assertThat(app.answer()).isEqualTo("static\n");
    assertThat(app.mesh("stack", "info").ok().out()).containsPattern("Formula +dockerfile\n");
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-6")
  @Tag("DEP-6")
  void a_dockerfile_elsewhere_is_named_for_one_deployment_or_for_good() throws IOException {
    var app = App.create(platform, platform.environmentOf("docker"), "site");
    app.write("index.html", "static\n")
        .write("other/site.Dockerfile", DOCKERFILE.replace("VERSION", "one"))
        .write("nginx.conf", NGINX)
        .commit("one");
    app.push().ok();
    assertThat(app.answer()).isEqualTo("static\n");

    app.mesh("deploy", "--dockerfile=other/site.Dockerfile").ok();
    assertThat(app.answer()).isEqualTo("one nobody\n");

    app.commit("two").push().ok();
    assertThat(app.answer()).isEqualTo("static\n");

    app.mesh("stack", "update", "--dockerfile=other/site.Dockerfile").ok();
    assertThat(app.mesh("stack", "info").ok().out())
        .containsPattern("Formula +dockerfile \\(other/site.Dockerfile\\)\n");
    app.commit("three").push().ok();
    assertThat(app.answer()).isEqualTo("one nobody\n");
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-5")
  void a_stage_is_named_for_good_or_for_one_deployment() throws IOException {
    var app = App.create(platform, platform.environmentOf("staged"), "site");
    app.write(
            "Dockerfile",
            DOCKERFILE.replace("VERSION", "one").replace("run:13\n", "run:13 AS web\n")
                + """
                FROM web AS loud
                USER root
                RUN echo loud >/srv/index.html
                USER 1000
                """)
        .write("nginx.conf", NGINX)
        .commit("one");
    app.mesh("stack", "update", "--target", "WEB").ok();
    assertThat(app.mesh("stack", "info").ok().out())
        .containsPattern("Formula +dockerfile \\(target web\\)\n");

    assertThat(app.push().ok().err())
        .contains("The image is the stage web")
        .doesNotContain("echo loud");
    assertThat(app.answer()).isEqualTo("one nobody\n");

    app.mesh("deploy", "--target", "loud").ok();
    assertThat(app.answer()).isEqualTo("loud\n");
    assertThat(app.mesh("deploy", "--target", "quiet").err())
        .contains("the Dockerfile has no stage 'quiet', only pages, web, loud");

    app.mesh("stack", "update", "--target", "").ok();
    app.commit("two").push().ok();
    assertThat(app.answer()).isEqualTo("loud\n");

    app.mesh("stack", "update", "--buildpack").ok();
    assertThat(app.mesh("deploy", "--target", "web").err())
        .contains("is built with buildpacks, and stages are a Dockerfile's");
  }

  /// The images of all stacks that the registry has, by their signatures: what is said about them
  /// besides comes a while after a push.
  private List<Path> images() throws IOException {
    try (var files = Files.walk(platform.data.resolve("control/registry/repositories/apps"))) {
      return files.filter(file -> file.toString().endsWith(".sig")).sorted().toList();
    }
  }
}
