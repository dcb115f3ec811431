package dev.widemesh.builder.registry;

import static dev.widemesh.builder.registry.RegistryClient.code;
import static dev.widemesh.builder.registry.RegistryClient.digest;
import static dev.widemesh.builder.registry.RegistryClient.header;
import static dev.widemesh.builder.registry.RegistryClient.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.image.RunningRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may do what: the reader here may read `apps/mine`, and nothing else.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RightsTest {
  private static final String BLOB = digest("blob");
  private static final String IMAGE = manifest(BLOB, "", "");

  @TempDir private Path folder;
  private boolean silent;
  private RunningRegistry running;
  private RegistryClient manager;
  private RegistryClient pusher;
  private RegistryClient reader;

  @BeforeEach
  void start() throws Exception {
    running = RunningRegistry.in(folder.resolve("store"), this::isMine);
    manager = RegistryClient.of(running, RunningRegistry.MANAGER);
    pusher = manager.as(RunningRegistry.PUSHER);
    reader = manager.as(RunningRegistry.READER);
    for (var repository : List.of("apps/mine", "apps/other")) {
      pusher.push(repository, "blob");
      assertThat(pusher.put(repository, "v1", IMAGE).statusCode()).isEqualTo(201);
    }
  }

  private boolean isMine(String repository) throws IOException {
    if (silent) {
      throw new IOException("nobody says");
    }
    return repository.equals("apps/mine");
  }

  @AfterEach
  void stop() {
    manager.close();
    running.close();
  }

  private static List<String> readings(String repository) {
    return List.of(
        "/v2/%s/blobs/%s".formatted(repository, BLOB),
        "/v2/%s/manifests/v1".formatted(repository),
        "/v2/%s/manifests/%s".formatted(repository, digest(IMAGE)),
        "/v2/%s/tags/list".formatted(repository));
  }

  @Test
  void nobody_gets_in_without_a_credential() throws Exception {
    for (var path : readings("apps/mine")) {
      assertThat(manager.as("stranger").call("GET", path).statusCode()).as(path).isEqualTo(401);
    }
    var answer = manager.as("").call("GET", "/v2/");
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(code(answer)).isEqualTo("UNAUTHORIZED");
    assertThat(header(answer, "WWW-Authenticate")).startsWith("Basic ");
  }

  @Test
  void a_reader_reads_its_own_repositories_and_the_others_are_not_there() throws Exception {
    assertThat(reader.call("GET", "/v2/").statusCode()).isEqualTo(200);
    for (var path : readings("apps/mine")) {
      assertThat(reader.call("GET", path).statusCode()).as(path).isEqualTo(200);
      assertThat(reader.call("HEAD", path).statusCode()).as(path).isEqualTo(200);
    }
    for (var path : readings("apps/other")) {
      var refused = reader.call("GET", path);
      var absent = reader.call("GET", path.replace("/apps/other/", "/apps/nobody/"));
      assertThat(refused.statusCode()).as(path).isEqualTo(404);
      assertThat(refused.body()).as(path).isEqualTo(absent.body());
      assertThat(reader.call("HEAD", path).statusCode()).as(path).isEqualTo(404);
    }
  }

  @Test
  void a_reader_changes_nothing() throws Exception {
    for (var repository : List.of("apps/mine", "apps/other")) {
      var base = "/v2/" + repository;
      var upload = pusher.begin(repository);
      for (var call :
          List.of(
              "POST " + base + "/blobs/uploads/",
              "POST " + base + "/blobs/uploads/?mount=" + BLOB + "&from=apps/mine",
              "GET " + upload,
              "PATCH " + upload,
              "PUT " + upload + "?digest=" + BLOB,
              "DELETE " + upload,
              "PUT " + base + "/manifests/v2",
              "DELETE " + base + "/manifests/v1",
              "DELETE " + base + "/manifests/" + digest(IMAGE),
              "DELETE " + base + "/blobs/" + BLOB)) {
        var answer = reader.call(call.replaceFirst(" .*", ""), call.replaceFirst(".* ", ""));
        assertThat(answer.statusCode()).as(call).isEqualTo(403);
        assertThat(code(answer)).as(call).isEqualTo("DENIED");
      }
    }
    assertThat(running.registry().lacks("apps/mine@" + digest(IMAGE))).isEmpty();
  }

  /// So nobody in a platform does: its parts push or pull.
  @Test
  void who_may_push_does_not_delete_but_for_an_upload() throws Exception {
    for (var path : readings("apps/mine").subList(0, 3)) {
      var answer = pusher.call("DELETE", path);
      assertThat(answer.statusCode()).as(path).isEqualTo(403);
      assertThat(code(answer)).as(path).isEqualTo("DENIED");
    }
    assertThat(pusher.call("DELETE", pusher.begin("apps/mine")).statusCode()).isEqualTo(204);
    assertThat(running.registry().lacks("apps/mine@" + digest(IMAGE))).isEmpty();
  }

  @Test
  void while_nobody_knows_what_a_reader_may_read_it_waits_and_is_not_told_that_it_is_gone()
      throws Exception {
    silent = true;

    for (var path : readings("apps/mine")) {
      var answer = reader.call("HEAD", path);
      assertThat(answer.statusCode()).as(path).isEqualTo(503);
      assertThat(header(answer, "Retry-After")).isNotEmpty();
    }
    assertThat(pusher.call("HEAD", readings("apps/mine").getFirst()).statusCode()).isEqualTo(200);
  }
}
