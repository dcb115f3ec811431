package dev.widemesh.builder.sbom;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// A piece of software that is in an image. What is not known is empty; `purl` is a package URL.
record Component(
    Kind kind, String group, String name, String version, String purl, String licence) {
  /// As CycloneDX calls them.
  enum Kind {
    APPLICATION,
    LIBRARY,
    FRAMEWORK,
    OPERATING_SYSTEM;

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Empty for what is no software of its own: files, data, machines.
    static Optional<Kind> of(String word) {
      for (var kind : values()) {
        if (kind.word().equals(word)) {
          return Optional.of(kind);
        }
      }
      return Optional.empty();
    }
  }

  /// What it takes besides its letters, in characters.
  private static final int FIXED = 100;

  private static final int LONGEST = 300;
  private static final int LONGEST_PURL = 800;
  private static final Pattern PURL = Pattern.compile("pkg:[a-z][a-z0-9.+-]*/[!-~]+");

  /// Of text that an image brings: empty where its name or version is nothing that could be one. A
  /// purl or licence that is none is left out.
  static Optional<Component> of(
      Kind kind, String group, String name, String version, String purl, String licence) {
    if (name.isBlank() || !isPlain(name) || !isPlain(version) || !isPlain(group)) {
      return Optional.empty();
    }
    return Optional.of(
        new Component(
            kind,
            group,
            name,
            version,
            purl.length() <= LONGEST_PURL && PURL.matcher(purl).matches() ? purl : "",
            isPlain(licence) ? licence.strip() : ""));
  }

  private static boolean isPlain(String text) {
    return text.length() <= LONGEST
        && text.chars()
            .noneMatch(
                letter ->
                    Character.isISOControl(letter)
                        || Character.getType(letter) == Character.FORMAT
                        || Character.isSurrogate((char) letter));
  }

  /// The same for what is the same software, however often it is there.
  String reference() {
    return purl.isEmpty() ? "%s:%s/%s@%s".formatted(kind.word(), group, name, version) : purl;
  }

  /// How much of a memory it takes, about, in characters.
  long weight() {
    return (long) FIXED
        + group.length()
        + name.length()
        + version.length()
        + purl.length()
        + licence.length();
  }

  Component withPurl(String other) {
    return new Component(kind, group, name, version, other, licence);
  }
}
