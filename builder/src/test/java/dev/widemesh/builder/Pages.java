package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.supply.Packed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/// An app of pages, and a buildpack of others for it that says what it looks into.
final class Pages {
  /// In the output of a build.
  static final String BUILT = "acme builds";

  /// In the output where there was none.
  static final String PATCHED = "Only files changed that no buildpack looks into: ";

  private Pages() {}

  /// Packed. It looks at `words.txt`, at the setting `BP_WORD` and at its own version, makes a
  /// slice and a bill of materials, and writes into one file of the app. `reads` is what it says of
  /// that, with `\n` between lines and `\t` between texts.
  static byte[] buildpack(String version, String reads) {
    var build =
        """
        echo '-----> acme builds'
        if [[ -f stamped.txt ]]; then echo built >>stamped.txt; fi
        printf '{"bill": 1}' >"$CNB_LAYERS_DIR/launch.sbom.cdx.json"
        mkdir -p "$CNB_LAYERS_DIR/kept"
        cat words.txt >"$CNB_LAYERS_DIR/kept/words"
        echo "VERSION ${BP_WORD:-none}" >>"$CNB_LAYERS_DIR/kept/words"
        printf '[types]\\nlaunch = true\\ncache = true\\n[metadata]\\nsize = 1.50\\n' >"$CNB_LAYERS_DIR/kept.toml"
        cat >"$CNB_LAYERS_DIR/launch.toml" <<'END'
        [[labels]]
        key = "acme.flavour"
        value = "sour"
        [[labels]]
        key = "dev.widemesh.build.reads"
        value = "READS"
        [[slices]]
        paths = ["pages"]
        [[processes]]
        type = "web"
        command = ["cat", "pages/index.html"]
        default = true
        END
        """
            .replace("VERSION", version)
            .replace("READS", reads);
    return Packed.tgz(Packed.buildpack("acme/pages", version, "exit 0", build));
  }

  /// Answers the folder that it fills; no two of them are the same.
  static Path in(Path app) throws IOException {
    Files.createDirectories(app.resolve("pages"));
    Files.createDirectories(app.resolve("bin"));
    Files.writeString(app.resolve("pages/index.html"), "hello " + UUID.randomUUID());
    Files.writeString(app.resolve("bin/run"), "#!/bin/sh\n");
    assertThat(app.resolve("bin/run").toFile().setExecutable(true)).isTrue();
    // Layers of the same content would be one, in the cache as well.
    Files.writeString(app.resolve("stamped.txt"), UUID.randomUUID() + "\n");
    Files.writeString(app.resolve("words.txt"), "one\n");
    return app;
  }
}
