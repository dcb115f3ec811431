package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Base images that only some may pull, from a registry with passwords.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-5")
class PrivateBaseImageTest {
  private static final String DOCKERFILE =
      """
      FROM IMAGE AS private
      FROM widemesh/run:13
      COPY --from=private /secret.txt /srv/index.html
      COPY nginx.conf /etc/site.conf
      RUN env
      EXPOSE 3000
      CMD ["/usr/sbin/nginx", "-e", "stderr", "-c", "/etc/site.conf"]
      """;
  private static final String SILENT = "127.0.0.1:1";
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
  private static LyingRegistry lying;
  private static ServerSocket hanging;
  private static TestPlatform platform;
  private static String image;
  private static String digest;

  @BeforeAll
  static void start() throws IOException {
    registry = PrivateRegistry.start();
    lying = LyingRegistry.start();
    hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    hanging.setSoTimeout(20_000);
    var opened = String.join(",", registry.host(), lying.host(), SILENT, hangingHost());
    platform = TestPlatform.startWith(Map.of("WIDEMESH_REGISTRIES", opened));
    image = registry.host() + "/team/base:1";
    digest = registry.publish("team/base:1", "secret.txt", "between us\n");
  }

  @AfterAll
  static void stop() throws IOException {
    platform.close();
    hanging.close();
    lying.close();
    registry.close();
  }

  private static String hangingHost() {
    return "127.0.0.1:" + hanging.getLocalPort();
  }

  private static App app(String prefix) throws IOException {
    return App.create(platform, platform.environmentOf(prefix), "site").write("nginx.conf", NGINX);
  }

  private static Shell.Result push(App app, String image) throws IOException {
    return app.write("Dockerfile", DOCKERFILE.replace("IMAGE", image)).commit(image).push();
  }

  private static Shell.Result logIn(App app, String password) {
    return registry.logIn(platform, app.environment, password);
  }

  @Test
  @Tag("nightly")
  void a_private_base_image_needs_credentials_of_the_environment_itself() throws IOException {
    var ada = app("ada");
    assertThat(push(ada, image).err())
        .contains("the base image " + image + " does not exist or is private")
        .contains("mesh registry login " + registry.host());

    var wrong = logIn(ada, "guessed");
    assertThat(wrong.exitCode()).isEqualTo(20);
    assertThat(wrong.err())
        .contains(registry.host() + " refuses the login of " + PrivateRegistry.USER)
        .contains("access token");
    assertThat(ada.mesh("registry", "ls").ok().err()).contains("No registry has credentials yet");

    logIn(ada, PrivateRegistry.PASSWORD).ok();
    var listed = ada.mesh("registry", "ls", "--json").ok().out();
    assertThat(listed).contains(registry.host(), PrivateRegistry.USER);
    var pushed = push(ada, image).ok();
    assertThat(ada.answer()).isEqualTo("between us\n");
    assertThat(registry.pulled()).isNotEmpty();
    for (var seen : List.of(listed, pushed.all(), platform.mesh("doctor").all())) {
      assertThat(seen).doesNotContain(PrivateRegistry.PASSWORD);
    }

    nobodyElseGetsIt();
    noOtherNameLeadsToIt();
    twoNamesOfOneImageWork(ada);
    assertThat(push(ada, digest).ok().err()).contains("RUN env");
    assertThat(filesWith(PrivateRegistry.PASSWORD)).isEmpty();

    platform.mesh("doctor", "--invariants").ok();

    ada.mesh("registry", "logout", registry.host()).ok();
    assertThat(ada.mesh("registry", "logout", registry.host()).exitCode()).isEqualTo(50);
    assertThat(push(ada, image).err()).contains("does not exist or is private");
    refusesLie(ada, lying.naming("by/tag", id(image)) + ":1");
    assertThat(ada.answer()).isEqualTo("between us\n");
  }

  /// The engine has the image by now, and would take it without asking the registry.
  private static void nobodyElseGetsIt() throws IOException {
    var bob = app("bob");
    assertThat(bob.mesh("registry", "ls", "--json").ok().out()).doesNotContain(registry.host());
    for (var name : List.of(image, digest, image + digest.substring(digest.indexOf('@')))) {
      assertThat(push(bob, name).err())
          .contains("the base image " + name + " does not exist or is private");
    }
    var copied = "FROM widemesh/run:13\nCOPY --from=" + digest + " /secret.txt /srv/\n";
    assertThat(bob.write("Dockerfile", copied).commit("copied").push().err())
        .contains("Dockerfile line 2: the base image " + digest + " does not exist or is private");
  }

  /// The engine takes an image that it has once any registry names its digest.
  private static void noOtherNameLeadsToIt() throws IOException {
    var eve = app("eve");
    var byTag = lying.naming("by/tag", id(image)) + ":1";
    refusesLie(eve, byTag);
    refusesLie(eve, byTag); // it left nothing behind that would count as a proof
    var byDigest = lying.naming("by/digest", id(image));
    refusesLie(eve, byDigest + digest.substring(digest.indexOf('@')));
    var own = "name=wm-" + Platform.read(new DataFolder(platform.data)).id() + "-";
    var running = registry.docker("ps", "-q", "--filter", own).lines().findFirst();
    var app = registry.docker("inspect", "--format", "{{.Image}}", running.orElseThrow());
    refusesLie(eve, lying.naming("app", app.strip()) + ":1");
    assertThat(registry.docker("images", "--digests")).doesNotContain(lying.host());
  }

  private static void refusesLie(App app, String name) throws IOException {
    assertThat(push(app, name).err())
        .contains("the base image " + name + " is here under another name")
        .contains("mesh registry login");
  }

  private static void twoNamesOfOneImageWork(App ada) throws IOException {
    var other = registry.host() + "/other/name:1";
    registry.docker("tag", image, other);
    registry.docker("push", other);
    registry.docker("rmi", other);
    push(ada, other).ok();
  }

  private static String id(String name) {
    return registry.docker("image", "inspect", "--format", "{{.Id}}", name).strip();
  }

  /// Of what the platform wrote, whatever it is.
  private static String filesWith(String text) {
    return Shell.run(
            platform.folder,
            Map.of(),
            List.of("grep", "-rlaF", "--", text, platform.data.toString()))
        .out();
  }

  @Test
  void credentials_go_with_their_environment() throws IOException {
    var app = app("gone");
    logIn(app, PrivateRegistry.PASSWORD).ok();
    platform.mesh("env", "delete", app.environment, "--yes").ok();
    platform.mesh("env", "create", app.environment).ok();

    assertThat(platform.mesh("registry", "ls", "-e", app.environment, "--json").ok().out())
        .doesNotContain(registry.host());
  }

  @Test
  void a_registry_that_hangs_keeps_nobody_else_waiting() throws IOException {
    var slow = platform.environmentOf("slow");
    var quick = platform.environmentOf("quick");
    var first = Shell.inBackground(() -> PrivateRegistry.logIn(platform, slow, hangingHost(), "x"));
    var caller = hanging.accept();

    registry.logIn(platform, quick, PrivateRegistry.PASSWORD).ok();
    assertThat(first).isNotDone();

    hanging.close();
    caller.close();
    var ended = first.join();
    assertThat(ended.exitCode()).isEqualTo(20);
    assertThat(ended.err()).contains(hangingHost() + " does not answer as a registry");
    registry.logIn(platform, slow, PrivateRegistry.PASSWORD).ok();
  }

  @Test
  void what_is_no_registry_is_told_so() throws IOException {
    var environment = platform.environmentOf("odd");
    var inside = "127.0.0.1:" + TestPlatform.freePort();
    assertThat(PrivateRegistry.logIn(platform, environment, inside, "x").err())
        .contains(inside + " is no public registry", "WIDEMESH_REGISTRIES");
    assertThat(PrivateRegistry.logIn(platform, environment, SILENT, "x").err())
        .contains(SILENT + " does not answer as a registry");
    assertThat(PrivateRegistry.logIn(platform, environment, "https://ghcr.io", "x").err())
        .contains("'https://ghcr.io' is not a registry's name", "give its host alone");
  }
}
