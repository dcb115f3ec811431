package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.builder.SignedWith;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is written down of the key of before, where `up` or a restore is about to make one.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-10")
class FormerKeyTest {
  @TempDir private Path folder;
  private DataFolder data = new DataFolder(Path.of("/"));
  private Secrets secrets = new Secrets(Path.of("/"));

  @BeforeEach
  void make() throws IOException {
    data = new DataFolder(folder.resolve("data"));
    data.make();
    secrets = new Secrets(data.secrets());
  }

  @Test
  void before_the_first_key_what_is_kept_counts_and_once_there_is_one_nothing_is_written()
      throws IOException {
    new FormerKey(data).keep();
    assertThat(written().path("everything").asBoolean()).isTrue();

    Files.delete(file());
    secrets.make();
    new FormerKey(data).keep();
    assertThat(file()).doesNotExist();
  }

  @Test
  void where_the_key_is_gone_what_it_signed_counts_as_far_as_that_is_known() throws IOException {
    var former = SigningKey.generate().verifying().pem();
    Files.writeString(data.signedBy(), former);
    new FormerKey(data).keep();
    assertThat(written().path("keys")).hasSize(1);
    assertThat(written().path("keys").path(0).asText()).isEqualTo(former);

    // What an operator, or the builder, wrote is not made more of.
    Files.writeString(file(), "{\"keys\":[]}");
    new FormerKey(data).keep();
    assertThat(written().path("keys")).isEmpty();

    Files.delete(file());
    Files.writeString(data.signedBy(), "damaged");
    new FormerKey(data).keep();
    assertThat(written().path("keys").isArray()).isTrue();
    assertThat(written().path("keys")).isEmpty();
  }

  @Test
  void of_a_backup_counts_what_its_key_signed_and_all_where_it_has_none() throws IOException {
    new FormerKey(data).restored();
    assertThat(written().path("everything").asBoolean()).isTrue();

    Files.delete(file());
    secrets.make();
    new FormerKey(data).restored();
    assertThat(written().path("keys")).hasSize(1);
    assertThat(written().path("keys").path(0).asText())
        .isEqualTo(secrets.signing().verifying().pem());
  }

  private Path file() {
    return SignedWith.in(ControlProcess.builds(data)).file();
  }

  private JsonNode written() throws IOException {
    return Json.MAPPER.readTree(file().toFile());
  }
}
