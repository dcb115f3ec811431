package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import dev.widemesh.api.Views;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeysTest {
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path root;
  private FakeController controller;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    controller = new FakeController();
    shell = new Shell(root).signedInAt(controller);
  }

  @AfterEach
  void stop() {
    controller.close();
  }

  private Path key(String name, String... options) throws Exception {
    Files.createDirectories(shell.home.resolve(".ssh"));
    var file = shell.home.resolve(".ssh").resolve(name);
    var command =
        new java.util.ArrayList<>(List.of("ssh-keygen", "-q", "-N", "", "-C", "ada@desk"));
    command.addAll(List.of(options));
    command.addAll(List.of("-f", file.toString()));
    shell.program(command.toArray(String[]::new));
    return file;
  }

  @Test
  void the_usual_key_is_added_under_its_comment() throws Exception {
    key("id_ed25519", "-t", "ed25519");
    controller.answers("POST /v1/keys", new Views.SshKey("SHA256:abc", "ada@desk", THEN));

    assertThat(shell.mesh("keys", "add").out()).isEqualTo("Added key ada@desk (SHA256:abc).\n");
    var sent = Json.read(controller.last().body(), Views.AddKey.class);
    assertThat(sent.name()).isEqualTo("ada@desk");
    assertThat(sent.publicKey()).startsWith("ssh-ed25519 ").endsWith("ada@desk");
  }

  @Test
  void a_private_key_never_leaves_the_machine() throws Exception {
    var file = key("id_ed25519", "-t", "ed25519");

    var refused = shell.mesh("keys", "add", file.toString());

    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).contains("is a private key", "mesh keys add " + file + ".pub");
    assertThat(controller.requests).isEmpty();
  }

  @Test
  void weak_keys_are_refused_with_words() throws Exception {
    var weak = key("weak", "-t", "rsa", "-b", "2048");
    assertThat(shell.mesh("keys", "add", weak + ".pub").err())
        .contains("an RSA key of 2048 bits, must have 3072 or more", "ssh-keygen -t ed25519");

    shell.typed = "ssh-dss AAAAB3NzaC1kc3M= old";
    assertThat(shell.mesh("keys", "add", "-").err()).contains("is a DSA key");

    shell.typed = "ssh-ed25519 AAAA broken";
    assertThat(shell.mesh("keys", "add", "-").err()).contains("holds a damaged key");
  }

  @Test
  void a_strong_rsa_key_is_welcome() throws Exception {
    var file = key("id_rsa", "-t", "rsa", "-b", "3072");

    assertThat(PublicKey.read(Path.of(file + ".pub")).comment()).isEqualTo("ada@desk");
  }

  @Test
  void a_key_is_removed_by_its_file_or_its_name() throws Exception {
    var file = Path.of(key("id_ed25519", "-t", "ed25519") + ".pub");
    var printed = shell.program("ssh-keygen", "-l", "-f", file.toString()).split(" ", -1)[1];
    assertThat(PublicKey.read(file).fingerprint()).isEqualTo(printed);
    var path = dev.widemesh.api.Route.DELETE_KEY.with(printed);
    controller.answers("GET /v1/keys", List.of(new Views.SshKey(printed, "desk", THEN)));
    controller.answers("DELETE " + path, 204, "");

    assertThat(shell.mesh("keys", "rm", file.toString()).code()).isEqualTo(ExitCode.OK);
    assertThat(shell.mesh("keys", "rm", "desk").code()).isEqualTo(ExitCode.OK);
    assertThat(shell.mesh("keys", "rm", "dsek").err()).contains("try: mesh keys rm 'desk'");
  }
}
