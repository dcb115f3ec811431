package dev.widemesh.builder.debian;

import dev.widemesh.builder.image.Sha256;
import java.util.List;

/// The exact packages of a base image: the same lock gives the same image for ever.
record Lock(String recipe, List<Locked> packages) {
  Lock {
    packages = List.copyOf(packages);
  }

  record Locked(
      String name,
      String version,
      String architecture,
      String source,
      String url,
      String sha256,
      long size) {
    static Locked of(DebianPackage found) {
      return new Locked(
          found.name(),
          found.version(),
          found.architecture(),
          found.source(),
          found.url(),
          found.sha256(),
          found.size());
    }

    /// As dpkg's status file lists it, for tools that look for known holes.
    String stanza() {
      return """
      Package: %s
      Status: install ok installed
      Architecture: %s
      Source: %s
      Version: %s

      """
          .formatted(name, architecture, source, version);
    }
  }

  /// Where a package came from is not part of what it is.
  String hash() {
    var text = new StringBuilder(recipe);
    packages.forEach(each -> text.append('\n').append(each.name()).append(each.sha256()));
    return Sha256.of(text.toString()).substring("sha256:".length());
  }

  long size() {
    return packages.stream().mapToLong(Locked::size).sum();
  }

  String version() {
    return "debian-13-" + hash().substring(0, 12);
  }
}
