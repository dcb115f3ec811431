package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PreflightTest {
  @TempDir Path folder;

  @Test
  void a_data_folder_with_a_path_too_long_for_sockets_is_refused_before_it_is_made() {
    var data = new DataFolder(Path.of("/tmp", "x".repeat(110)));

    assertThatThrownBy(() -> Preflight.folder(data))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("too long");
  }

  @Test
  void a_data_folder_that_PostgreSQLs_user_may_not_enter_is_refused_before_it_is_made()
      throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));

    assertThatThrownBy(() -> Preflight.folder(new DataFolder(folder.resolve("a/b"))))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("may not enter " + folder);
  }

  @Test
  void a_data_folder_in_an_open_one_is_fine() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));

    assertThatCode(() -> Preflight.folder(new DataFolder(folder.resolve("a/b"))))
        .doesNotThrowAnyException();
  }

  @Test
  void one_port_for_two_things_is_refused() {
    var platform = Platform.fresh().with(new Platform.Wishes(null, 1234, 1234, null, null, null));

    assertThatThrownBy(() -> Preflight.ports(platform))
        .isInstanceOf(Refused.class)
        .hasMessage("--http and --https are both 1234");
  }
}
