package dev.widemesh.builder.lifecycle;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Where builds fetch what they are made with, as the operator names it, instead of from where
/// everybody does: Debian's packages, Gradle, Maven Central, the npm registry, PyPI's index. Each
/// may hold a login, which builds need and no log does.
public record Mirrors(
    String debian,
    Optional<String> gradle,
    Optional<String> maven,
    Optional<String> npm,
    Optional<String> pypi) {
  public static final String DEBIAN = "http://deb.debian.org/debian";

  public static final Mirrors NONE =
      new Mirrors(DEBIAN, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /// What buildpacks read.
  Map<String, String> environment() {
    var all = new TreeMap<String, String>();
    all.put("WIDEMESH_DEBIAN_MIRROR", debian);
    gradle.ifPresent(url -> all.put("WIDEMESH_GRADLE_MIRROR", url));
    maven.ifPresent(url -> all.put("WIDEMESH_MAVEN_MIRROR", url));
    npm.ifPresent(url -> all.put("WIDEMESH_NPM_MIRROR", url));
    pypi.ifPresent(url -> all.put("WIDEMESH_PYPI_MIRROR", url));
    return all;
  }

  @Override
  public String toString() {
    return "Mirrors" + environment().keySet();
  }
}
