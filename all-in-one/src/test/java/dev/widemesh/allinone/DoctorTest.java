package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Each invariant is broken by hand: `mesh doctor --invariants` names it, and is content again once
/// its advice was followed. A platform of its own, because everything of it is looked at.
@DisplayNameGeneration(ReplaceUnderscores.class)
class DoctorTest {
  private static final UUID OVERDUE = UUID.randomUUID();
  private static TestPlatform platform;
  private static App app;

  @BeforeAll
  static void start() throws IOException {
    platform = TestPlatform.start();
    app = App.create(platform, platform.environmentOf("doctor"), "shop");
    app.site("one").commit("one").push().ok();
  }

  @AfterAll
  static void stop() throws IOException {
    try {
      assertHealthy();
    } finally {
      platform.close();
    }
  }

  @Test
  void a_healthy_platform_has_no_finding() {
    assertThat(platform.mesh("doctor").ok().out()).contains("Nothing is wrong.");
    assertThat(platform.mesh("doctor", "--invariants").ok().out())
        .contains("Nothing is wrong (compared: ", "1 containers", "1 images", "1 repositories");
    assertThat(platform.mesh("doctor", "--json").ok().out()).contains("\"findings\" : [ ]");
  }

  @Test
  @Tag("nightly")
  void a_container_with_our_label_that_nobody_wants() throws IOException {
    var running = platform.containers("shop").getFirst();
    var image = docker("inspect", "--format", "{{.Image}}", running).strip();
    var name = "wm-" + id() + "-stray";
    var label = "dev.widemesh.platform=" + id();
    docker("create", "--name", name, "--label", label, "--network", "none", image);
    try {
      assertFound(
          "container " + name + " belongs to nothing that is wanted", "docker rm -f " + name);
    } finally {
      docker("rm", "-f", name);
    }
    assertHealthy();
  }

  @Test
  @Tag("nightly")
  void a_network_of_no_environment() {
    var name = "wm-" + id() + "-stray";
    docker("network", "create", "--internal", name);
    try {
      assertFound("network " + name + " belongs to no environment", "docker network rm " + name);
    } finally {
      docker("network", "rm", name);
    }
    assertHealthy();
  }

  @Test
  @Tag("nightly")
  void firewall_rules_that_are_gone() {
    var chain = "WM-" + id() + "-IN";
    var rule = List.of(chain, "-j", "REJECT");
    var sixRule = List.of("FORWARD", "-i", "wm-" + id() + "+", "-j", chain);
    // They come back by themselves twice a minute: perhaps just while the doctor looks.
    Await.until(
        "the doctor misses them",
        Duration.ofMinutes(2),
        () -> {
          remove("iptables", rule);
          remove("ip6tables", sixRule);
          var found = platform.mesh("doctor", "--invariants");
          return found.exitCode() == 1
              && found.out().contains("lacks: " + String.join(" ", rule))
              && found.out().contains("lacks: for IPv6 " + String.join(" ", sixRule));
        });
    Await.until(
        "they are back",
        Duration.ofMinutes(1),
        () ->
            run("iptables", "-S", chain).contains("-A " + String.join(" ", rule))
                && run("ip6tables", "-S").contains("-A " + String.join(" ", sixRule)));
    assertHealthy();
  }

  private static void remove(String tables, List<String> rule) {
    var argv = new ArrayList<>(List.of(tables, "-w", "5", "-D"));
    argv.addAll(rule);
    Shell.run(platform.folder, Map.of(), argv);
  }

  @Test
  void a_hidden_ref_of_no_deployment_and_a_branch_that_is_not_live() throws IOException {
    var stray = "refs/widemesh/deployments/00000000-0000-0000-0000-000000000000";
    var branch = "refs/heads/main";
    var other = git("commit-tree", "-m", "stray", app.head() + "^{tree}").strip();
    git("update-ref", stray, app.head());
    git("update-ref", branch, other);
    try {
      assertFound(
          stray + " belongs to no deployment that is kept",
          "the branch is {%s=%s} instead of %s".formatted(branch, other, app.head()),
          "2 findings",
          "git-gateway");
    } finally {
      git("update-ref", "-d", stray);
      git("update-ref", branch, app.head());
    }
    assertHealthy();
  }

  /// None of it is what a transaction of ours leaves behind. Nobody hears of it, so that nobody
  /// makes it so or goes on with it.
  @Test
  void rows_that_contradict_themselves_and_an_instance_that_is_missing() throws Exception {
    try (var rows = platform.database()) {
      change(
          rows,
          """
          INSERT INTO deployment (id, stack, version, state, state_since, cause, created)
          SELECT '%s', id, 90, 'building', now(), 'push', now() FROM stack
          """
              .formatted(OVERDUE));
      change(
          rows,
          """
          INSERT INTO operation (id, actor, action, target, cause, lease)
          VALUES ('%s', 'ada', 'stack_create', '/stray', 'api', now() - interval '1 minute')
          """
              .formatted(OVERDUE));
      change(rows, "UPDATE deployment SET state = 'failed' WHERE version = 0");
      change(rows, "UPDATE service SET instances = 2");
      try {
        assertFound(
            "v90 of stack shop is building past its deadline",
            "v90 of stack shop is being built by nobody",
            "deployment " + OVERDUE + " is being built, but not by this builder",
            "stack shop counts to v0 but has v90",
            "stack shop serves v0, which is failed",
            "the operation stack_create on /stray never ended",
            "-2 does not run, and nothing says why",
            "7 findings");
      } finally {
        change(rows, "UPDATE service SET instances = 1");
        change(rows, "UPDATE deployment SET state = 'live' WHERE version = 0");
        change(rows, "DELETE FROM operation WHERE id = '%s'".formatted(OVERDUE));
        change(rows, "DELETE FROM deployment WHERE id = '%s'".formatted(OVERDUE));
      }
    }
    assertHealthy();
  }

  private static void change(Connection rows, String sql) throws SQLException {
    try (var statement = rows.createStatement()) {
      assertThat(statement.executeUpdate(sql)).as(sql).isEqualTo(1);
    }
  }

  @Test
  @Tag("nightly")
  void routers_that_route_by_something_else() {
    try (var _ = StrayRouter.report(platform, "late", 1);
        var _ = StrayRouter.report(platform, "empty", 0)) {
      assertFound(
          "router late routes by an older table",
          "router empty knows other instances than the table",
          "2 findings");
    }
    assertHealthy();
  }

  @Test
  @Tag("nightly")
  void an_address_that_was_not_given_and_requests_that_go_where_nobody_is() throws IOException {
    var container = platform.containers("shop").getFirst();
    var networks = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}";
    var network = docker("inspect", "--format", networks, container).strip();
    var addresses = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    var given = docker("inspect", "--format", addresses, container).strip();
    var last = new AtomicInteger(200);
    // The rack takes what it sees twice a minute: perhaps just while the doctor looks.
    Await.until(
        "the doctor sees it",
        Duration.ofMinutes(2),
        () -> {
          var other = given.replaceFirst("\\d+$", "" + last.getAndIncrement());
          move(container, network, other);
          var found = platform.mesh("doctor", "--invariants");
          return found.exitCode() == 1
              && found.out().contains("has the address " + other + ", which was given to nobody")
              && found.out().contains("requests go to ")
              && found.out().contains(", which does not run there");
        });
    move(container, network, given);
    Await.until(
        "it is back",
        Duration.ofMinutes(1),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
    assertThat(app.answer()).startsWith("one");
  }

  private static void move(String container, String network, String address) {
    docker("network", "disconnect", network, container);
    docker("network", "connect", "--ip", address, network, container);
  }

  @Test
  void leftovers_of_pushes_builds_uploads_and_environments() throws IOException {
    var control = platform.data.resolve("control");
    var strays =
        List.of(
            Files.createDirectory(control.resolve("git/quarantine/stray-push")),
            Files.createDirectory(control.resolve("builder/work/stray-build")),
            Files.createDirectory(control.resolve("builder/dockerfiles/stray-dockerfile")),
            Files.createFile(control.resolve("registry/uploads/stray-upload")),
            Files.createFile(repository().resolve("packed-refs.lock")),
            Files.createFile(platform.data.resolve("rack/resolv/strayone")));
    try {
      assertFound(
          "the quarantine holds stray-push, which no push uses",
          "the work folder stray-build belongs to no build",
          "the work folder stray-dockerfile belongs to no build",
          "the registry holds stray-upload, half a blob of no upload",
          "packed-refs.lock is left of a write that broke off",
          "the rack keeps resolv of environment strayone, which does not exist",
          "6 findings");
    } finally {
      for (var stray : strays) {
        Files.delete(stray);
      }
    }
    assertHealthy();
  }

  @Test
  @Tag("nightly")
  void what_docker_has_of_a_dockerfile_build_that_ended() throws IOException {
    var mark = "dev.widemesh.dockerfile=" + id() + "/stray";
    Files.write(platform.folder.resolve("empty.tar"), new byte[1024]);
    var image = docker("import", "--change", "LABEL " + mark, "empty.tar").strip();
    var container = docker("create", image, "true").strip();
    try {
      assertFound(
          "container " + container.substring(0, 12) + " is of a Dockerfile build that ended",
          "image " + image.replace("sha256:", "").substring(0, 12) + " is of a Dockerfile build",
          "2 findings");
    } finally {
      docker("rm", container);
      docker("rmi", image);
    }
    assertHealthy();
  }

  @Test
  void a_blob_that_is_missing() throws IOException {
    var registry = platform.data.resolve("control/registry");
    var blob = largestBlob(registry);
    var aside = platform.folder.resolve("blob");
    Files.move(blob, aside);
    try {
      assertFound(
          "the registry lacks the blob sha256:" + blob.getFileName(), "push the stack again");
    } finally {
      Files.move(aside, blob);
    }
    assertHealthy();
  }

  @Test
  @Tag("nightly")
  void an_image_without_its_signature() throws IOException {
    var signature = signature(platform.data.resolve("control/registry/repositories/apps"));
    var aside = platform.folder.resolve("signature");
    Files.move(signature, aside);
    try {
      assertFound("the registry lacks the platform's signature of apps/", "push the stack again");
    } finally {
      Files.move(aside, signature);
    }
    assertHealthy();
  }

  private static Path signature(Path repositories) throws IOException {
    try (var files = Files.walk(repositories)) {
      return files.filter(file -> file.toString().endsWith(".sig")).findFirst().orElseThrow();
    }
  }

  @Test
  @Tag("nightly")
  void a_part_that_does_not_answer() throws IOException {
    var rack = platform.pidOf("rack-runner");
    run("kill", "-STOP", "" + rack);
    try {
      assertFound("rack local: it does not answer", "./widemesh status");
    } finally {
      run("kill", "-CONT", "" + rack);
    }
    Await.until(
        "it answers again",
        Duration.ofMinutes(1),
        () -> platform.mesh("doctor", "--invariants").exitCode() == 0);
  }

  private static void assertFound(String... words) {
    var found = platform.mesh("doctor", "--invariants");
    assertThat(found.exitCode()).as(found.toString()).isEqualTo(1);
    assertThat(found.all()).contains(words);
  }

  private static void assertHealthy() {
    platform.mesh("doctor", "--invariants").ok();
  }

  private static Path repository() throws IOException {
    try (var all = Files.list(platform.data.resolve("control/git/repositories"))) {
      return all.findFirst().orElseThrow();
    }
  }

  /// One of the only stack's. Of an image: what is said about images is smaller.
  private static Path largestBlob(Path registry) throws IOException {
    try (var links = Files.walk(registry.resolve("repositories/apps"))) {
      return links
          .filter(link -> link.toString().contains("/_blobs/sha256-"))
          .map(link -> link.getFileName().toString().replace("sha256-", ""))
          .map(registry.resolve("blobs/sha256")::resolve)
          .max(Comparator.comparingLong(blob -> blob.toFile().length()))
          .orElseThrow();
    }
  }

  private static String id() {
    try {
      return Platform.read(new DataFolder(platform.data)).id();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String git(String... args) throws IOException {
    return run(List.of("git", "--git-dir", repository().toString()), args);
  }

  private static String docker(String... args) {
    return run(List.of("docker"), args);
  }

  private static String run(List<String> program, String... args) {
    var argv = new ArrayList<>(program);
    argv.addAll(List.of(args));
    return Shell.run(platform.folder, platform.environment(), argv).ok().out();
  }

  private static String run(String... argv) {
    return Shell.run(platform.folder, Map.of(), List.of(argv)).ok().out();
  }
}
