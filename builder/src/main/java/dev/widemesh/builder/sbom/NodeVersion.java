package dev.widemesh.builder.sbom;

import dev.widemesh.builder.sbom.Component.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// The version of Node.js, in the header that comes with it.
record NodeVersion() implements Evidence {
  private static final String HEADER = "include/node/node_version.h";

  @Override
  public boolean isAt(String path) {
    return path.endsWith("/" + HEADER) || path.equals(HEADER);
  }

  @Override
  public long most() {
    return 100_000;
  }

  @Override
  public void read(String path, InputStream content, Budget budget, Consumer<Claim> found)
      throws IOException {
    var text = new String(content.readAllBytes(), StandardCharsets.UTF_8);
    var parts = new ArrayList<String>();
    for (var part : List.of("MAJOR", "MINOR", "PATCH")) {
      var line = Pattern.compile("#define NODE_" + part + "_VERSION (\\d{1,4})").matcher(text);
      if (line.find()) {
        parts.add(line.group(1));
      }
    }
    if (parts.size() == 3) {
      var version = String.join(".", parts);
      var purl = Purl.of("generic", "", "node", version);
      found.accept(Component.of(Kind.APPLICATION, "", "node", version, purl, ""));
    }
  }
}
