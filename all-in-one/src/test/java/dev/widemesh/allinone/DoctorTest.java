package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/// Each invariant is broken by hand: `mesh doctor --invariants` names it, and is content again once
/// its advice was followed. A platform of its own, because everything of it is looked at.
@DisplayNameGeneration(ReplaceUnderscores.class)
class DoctorTest {
  private static TestPlatform platform;
  private static App app;

  @BeforeAll
  static void start() throws IOException {
    platform = TestPlatform.start();
    app = App.create(platform, platform.environmentOf("doctor"), "shop");
    app.node("one").commit("one").push().ok();
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
  void a_firewall_rule_that_is_gone() {
    var chain = "WM-" + id() + "-IN";
    // It comes back by itself twice a minute: perhaps just while the doctor looks.
    Await.until(
        "the doctor misses it",
        Duration.ofMinutes(2),
        () -> {
          Shell.run(
              platform.folder,
              Map.of(),
              List.of("iptables", "-w", "5", "-D", chain, "-j", "REJECT"));
          var found = platform.mesh("doctor", "--invariants");
          return found.exitCode() == 1 && found.out().contains("lacks: " + chain + " -j REJECT");
        });
    Await.until(
        "it is back",
        Duration.ofMinutes(1),
        () -> run("iptables", "-S", chain).contains("-A " + chain + " -j REJECT"));
    assertHealthy();
  }

  @Test
  void a_hidden_ref_of_no_deployment() throws IOException {
    var repository = repository();
    var ref = "refs/widemesh/deployments/00000000-0000-0000-0000-000000000000";
    run("git", "--git-dir", repository.toString(), "update-ref", ref, app.head());
    try {
      assertFound(ref + " belongs to no deployment that is kept", "git-gateway");
    } finally {
      run("git", "--git-dir", repository.toString(), "update-ref", "-d", ref);
    }
    assertHealthy();
  }

  @Test
  void leftovers_of_pushes_builds_and_uploads() throws IOException {
    var control = platform.data.resolve("control");
    var quarantine = Files.createDirectory(control.resolve("git/quarantine/stray-push"));
    var work = Files.createDirectory(control.resolve("builder/work/stray-build"));
    var dockerfile = Files.createDirectory(control.resolve("builder/dockerfiles/stray-dockerfile"));
    var upload = Files.createFile(control.resolve("registry/uploads/stray-upload"));
    var lock = Files.createFile(repository().resolve("packed-refs.lock"));
    try {
      assertFound(
          "the quarantine holds stray-push, which no push uses",
          "the work folder stray-build belongs to no build",
          "the work folder stray-dockerfile belongs to no build",
          "the registry holds stray-upload, half a blob of no upload",
          "packed-refs.lock is left of a write that broke off",
          "5 findings");
    } finally {
      for (var stray : List.of(quarantine, work, dockerfile, upload, lock)) {
        Files.delete(stray);
      }
    }
    assertHealthy();
  }

  @Test
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
    var blob =
        registry.resolve("blobs/sha256").resolve(blobOf(registry.resolve("repositories/apps")));
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
  void state_of_an_environment_that_does_not_exist() throws IOException {
    var stray = Files.createFile(platform.data.resolve("rack/resolv/strayone"));
    try {
      assertFound("the rack keeps resolv of environment strayone, which does not exist");
    } finally {
      Files.delete(stray);
    }
    assertHealthy();
  }

  @Test
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

  /// One of the only stack's.
  private static String blobOf(Path repositories) throws IOException {
    try (var links = Files.walk(repositories)) {
      return links
          .filter(link -> link.toString().contains("/_blobs/sha256-"))
          .findFirst()
          .orElseThrow()
          .getFileName()
          .toString()
          .replace("sha256-", "");
    }
  }

  private static String id() {
    try {
      return Platform.read(new DataFolder(platform.data)).id();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String docker(String... args) {
    return run(
        java.util.stream.Stream.concat(java.util.stream.Stream.of("docker"), List.of(args).stream())
            .toArray(String[]::new));
  }

  private static String run(String... argv) {
    return Shell.run(platform.folder, Map.of(), List.of(argv)).ok().out();
  }
}
