package dev.widemesh.builder.sbom;

import dev.widemesh.builder.sbom.Component.Kind;
import java.io.InputStream;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// The name under which Ruby keeps what it knows of a gem; what is in the file is a program.
record RubyGem() implements Evidence {
  private static final Pattern PLACE =
      Pattern.compile(".*/specifications/(?:default/)?([^/]+?)-(\\d[^/-]*)(?:-[^/]+)?\\.gemspec");

  @Override
  public boolean isAt(String path) {
    return path.endsWith(".gemspec") && PLACE.matcher(path).matches();
  }

  @Override
  public long most() {
    return 1_000_000;
  }

  @Override
  public void read(String path, InputStream content, Budget budget, Consumer<Claim> found) {
    var place = PLACE.matcher(path);
    if (place.matches()) {
      var purl = Purl.of("gem", "", place.group(1), place.group(2));
      found.accept(Component.of(Kind.LIBRARY, "", place.group(1), place.group(2), purl, ""));
    }
  }
}
