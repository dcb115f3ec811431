package dev.widemesh.builder.sbom;

import dev.widemesh.builder.sbom.Component.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/// Files of lines `NAME="value"` by which a distribution, and a Java runtime, say what they are.
record Release() implements Evidence {
  @Override
  public boolean isAt(String path) {
    return path.equals("etc/os-release")
        || path.equals("usr/lib/os-release")
        || Evidence.name(path).equals("release");
  }

  @Override
  public long most() {
    return 100_000;
  }

  @Override
  public void read(String path, InputStream content, Budget budget, Consumer<Claim> found)
      throws IOException {
    var values = values(new String(content.readAllBytes(), StandardCharsets.UTF_8));
    if (path.endsWith("os-release")) {
      var name = values.getOrDefault("ID", "");
      var version = values.getOrDefault("VERSION_ID", "");
      found.accept(Component.of(Kind.OPERATING_SYSTEM, "", name, version, "", ""));
    } else {
      // Any program may have a file of that name.
      var version = values.getOrDefault("JAVA_VERSION", "");
      if (!version.isEmpty()) {
        var purl = Purl.of("generic", "", "java", version);
        var maker = values.getOrDefault("IMPLEMENTOR", "");
        found.accept(Component.of(Kind.APPLICATION, maker, "java", version, purl, ""));
      }
    }
  }

  private static Map<String, String> values(String text) {
    var values = new HashMap<String, String>();
    for (var line : text.lines().toList()) {
      var equals = line.indexOf('=');
      if (equals > 0) {
        var value = line.substring(equals + 1).strip().replaceAll("^[\"']|[\"']$", "");
        values.putIfAbsent(line.substring(0, equals).strip(), value);
      }
    }
    return values;
  }
}
