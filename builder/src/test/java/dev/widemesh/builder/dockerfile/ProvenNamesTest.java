package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.lifecycle.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A name that a pull gives, played by `docker tag`, in the real engine.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-5")
class ProvenNamesTest {
  @TempDir Path folder;
  private final String name = "registry.invalid/" + UUID.randomUUID() + ":1";
  private final Repository repository = Repository.of(name);
  private Docker docker;
  private Engine engine;
  private String id;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @BeforeEach
  void start() throws Exception {
    docker = new Docker(folder.resolve("docker"));
    engine = new Engine("test", "127.0.0.1:1", "", "");
    var tar = folder.resolve("image.tar");
    Files.write(tar, new byte[1024]);
    id = docker.succeed("import", tar.toString()).lines().toList().getLast();
  }

  @AfterEach
  void stop() throws Exception {
    docker.run("rmi", "-f", id);
    engine.close();
  }

  private ProvenNames names() {
    return new ProvenNames(engine, notes(), () -> now);
  }

  private PullNotes notes() {
    return new PullNotes(folder.resolve("notes"));
  }

  @Test
  void a_name_is_no_proof_until_its_pull_was_judged() throws Exception {
    var names = names();
    var before = names.begin(name);
    assertThat(before.has(id)).isTrue();
    docker.succeed("tag", id, name);

    assertThat(names.inventory().names(id)).contains(name);
    assertThat(names.inventory().proven(id)).isEmpty();
    names.accept(name, id);
    assertThat(names.inventory().proven(id)).containsExactly(repository);
  }

  @Test
  void a_name_whose_pull_nobody_judged_is_taken_away_before_the_next() throws Exception {
    names().begin(name);
    docker.succeed("tag", id, name);

    var next = names().begin(name);

    assertThat(next.names(id)).isEmpty();
    assertThat(docker.run("image", "inspect", name).status()).isNotZero();
  }

  @Test
  void a_name_that_another_build_just_asks_for_stays() throws Exception {
    var names = names();
    names.begin(name);
    docker.succeed("tag", id, name);

    assertThat(names.begin(name).names(id)).contains(name);

    names.end(name);
    names.end(name);
    assertThat(names.begin(name).names(id)).isEmpty();
  }

  @Test
  void what_somebody_else_named_so_before_is_its_own() throws Exception {
    docker.succeed("tag", id, name);

    assertThat(names().begin(name).proven(id)).containsExactly(repository);
    assertThat(names().begin(name).proven(id)).containsExactly(repository);
  }

  @Test
  void what_is_gone_is_forgotten_after_a_week() throws Exception {
    docker.succeed("tag", id, name);
    names().begin(name);
    now = now.plus(Duration.ofDays(8));
    names().sweep();
    assertThat(notes().all()).hasSize(1);

    docker.succeed("rmi", name);
    docker.run("rmi", id);
    names().sweep();
    assertThat(notes().all()).isEmpty();
  }
}
