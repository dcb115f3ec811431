package dev.widemesh.builder.sbom;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// A piece of software that is in an image. What is not known is empty; `purl` is a package URL.
record Component(Kind kind, String group, String name, String version, String purl, String licence)
    implements Claim {
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

  /// Of a name, group, version or licence, in characters.
  static final int LONGEST = 300;

  /// In the place of what is not shown of a licence.
  static final String CUT = "…";

  private static final int LONGEST_PURL = 800;
  private static final Pattern PURL = Pattern.compile("pkg:[a-z][a-z0-9.+-]*/[!-~]+");

  /// Of text that an image brings. A purl that is none is left out; of a licence, which some give
  /// whole, the beginning is shown.
  static Claim of(
      Kind kind, String group, String name, String version, String purl, String licence) {
    if (name.isBlank()) {
      return new Claim.None();
    }
    if (!isPlain(name) || !isPlain(version) || !isPlain(group)) {
      return new Claim.Unfit();
    }
    return new Component(
        kind,
        group,
        name,
        version,
        purl.length() <= LONGEST_PURL && PURL.matcher(purl).matches() ? purl : "",
        shown(licence));
  }

  private static boolean isPlain(String text) {
    return text.length() <= LONGEST && text.chars().allMatch(Component::isPlain);
  }

  private static boolean isPlain(int letter) {
    return !Character.isISOControl(letter)
        && Character.getType(letter) != Character.FORMAT
        && !Character.isSurrogate((char) letter);
  }

  /// Its first characters, with spaces for those that cannot be shown.
  private static String shown(String licence) {
    var shown = new StringBuilder();
    licence
        .strip()
        .chars()
        .limit(LONGEST + 1L)
        .forEach(letter -> shown.append(isPlain(letter) ? (char) letter : ' '));
    if (shown.length() > LONGEST) {
      shown.replace(LONGEST - CUT.length(), shown.length(), CUT);
    }
    return shown.toString().strip();
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
