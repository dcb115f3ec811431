package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Images of a registry with passwords.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
class DeployedImageTest {
  private static final String DOCKERFILE =
      """
      FROM BASE
      USER root
      RUN mkdir -p /srv && echo TEXT >/srv/index.html
      COPY nginx.conf /etc/site.conf
      EXPOSE 3000
      ENTRYPOINT []
      CMD ["/usr/sbin/nginx", "-e", "stderr", "-c", "/etc/site.conf"]
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

  private static PrivateRegistry registry;
  private static TestPlatform platform;

  @BeforeAll
  static void start() throws IOException {
    registry = PrivateRegistry.start();
    platform = TestPlatform.startWith(Map.of("WIDEMESH_REGISTRIES", registry.host()));
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
    registry.close();
  }

  /// Made of what the engine has, as somebody else's build would; answers its name.
  private static String publish(String name, String base, String text) throws IOException {
    var image = registry.host() + "/" + name;
    var folder = Files.createDirectories(platform.folder.resolve(text));
    Files.writeString(folder.resolve("nginx.conf"), NGINX);
    Files.writeString(
        folder.resolve("Dockerfile"), DOCKERFILE.replace("BASE", base).replace("TEXT", text));
    registry.docker("build", "-q", "-t", image, folder.toString());
    return registry.push(image);
  }

  /// The image of what serves there.
  private static String running(App app) throws IOException {
    var container = platform.containers(app.stack).getFirst();
    return registry.docker("inspect", "--format", "{{.Image}}", container).strip();
  }

  private static App site() throws IOException {
    var app = App.create(platform, platform.environmentOf("image"), "site");
    app.write("index.html", "pushed").commit("one").push().ok();
    return app;
  }

  @Test
  @Tag("DEP-6")
  void an_image_runs_as_it_is_once_its_registry_opens_to_the_environment() throws IOException {
    var app = site();
    var pushed = app.head();
    var image = registry.host() + "/team/site:1";
    var digest = publish("team/site:1", running(app), "taken");

    var closed = app.mesh("deploy", "--image", image);
    assertThat(closed.exitCode()).isEqualTo(30);
    assertThat(closed.err())
        .contains("v1 failed: the image " + image + " does not exist or is private")
        .contains("mesh registry login " + registry.host());
    assertThat(app.answer()).isEqualTo("pushed");

    registry.logIn(platform, app.environment, PrivateRegistry.PASSWORD).ok();
    var taken = app.mesh("deploy", "--image", image).ok();

    assertThat(taken.out()).contains("-----> Image " + image + " is " + digest, "Live: v2 at");
    assertThat(app.answer()).isEqualTo("taken\n");
    assertThat(app.mesh("deployments", "ls").ok().out()).contains(image + "@" + digest);
    assertThat(app.remoteHead()).isEqualTo(pushed);

    var same = app.mesh("deploy", "--image", image + "@" + digest).ok();
    assertThat(same.out()).contains("Nothing changed for the instances: they go on");

    app.write("index.html", "pushed again").commit("two").push().ok();
    assertThat(app.answer()).isEqualTo("pushed again");
    app.mesh("rollback", "v3").ok();
    assertThat(app.answer()).isEqualTo("taken\n");
    platform.mesh("doctor", "--invariants").ok();
  }

  @Test
  @Tag("DEP-6")
  @Tag("DEP-12")
  void what_cannot_run_here_is_refused_with_what_to_do() throws IOException {
    var app = site();
    registry.logIn(platform, app.environment, PrivateRegistry.PASSWORD).ok();
    var missing = app.mesh("deploy", "--image", registry.host() + "/team/none:1");
    assertThat(missing.err()).contains("/team/none:1 does not exist", "correct its name");

    registry.publish("team/file:1", "file.txt", "no program");
    assertThat(app.mesh("deploy", "--image", registry.host() + "/team/file:1").err())
        .contains("the image says neither with CMD nor with ENTRYPOINT how it starts");

    var other = otherProcessor("team/other:1");
    assertThat(app.mesh("deploy", "--image", other).err())
        .contains("the image " + other + " is for s390x, and this server is ");
    assertThat(app.answer()).isEqualTo("pushed");
  }

  /// The same files, and a configuration that says another processor.
  private static String otherProcessor(String name) throws IOException {
    var image = registry.host() + "/" + name;
    registry.publish("team/some:1", "file.txt", "for another");
    var folder = Files.createDirectories(platform.folder.resolve("other"));
    var tar = folder.resolve("image.tar").toString();
    registry.docker("pull", "-q", registry.host() + "/team/some:1");
    registry.docker("tag", registry.host() + "/team/some:1", image);
    registry.docker("save", "-o", tar, image);
    registry.docker("rmi", image);
    var edit =
        "tar xf image.tar && rm image.tar"
            + " && sed -i -E 's/\"architecture\":\"[a-z0-9]+\"/\"architecture\":\"s390x\"/' *.json"
            + " && tar cf image.tar *";
    Shell.run(folder, Map.of(), List.of("sh", "-c", edit)).ok();
    registry.docker("load", "-q", "-i", tar);
    var _ = registry.push(image);
    return image;
  }
}
