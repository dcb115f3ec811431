package dev.widemesh.builder.sbom;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/// Package URLs: one name for a package, wherever it is written down.
final class Purl {
  private static final String PLAIN = "-._~:";
  private static final int LONGEST = 300;

  private Purl() {}

  /// `namespace` may have parts with `/` between them, or be empty; so may be the version. Empty
  /// where one of them is longer than 300 characters: images say anything, and encoded it is
  /// several times that.
  static String of(String type, String namespace, String name, String version) {
    if (namespace.length() > LONGEST || name.length() > LONGEST || version.length() > LONGEST) {
      return "";
    }
    var path =
        Arrays.stream((namespace.isEmpty() ? name : namespace + "/" + name).split("/", -1))
            .filter(part -> !part.isEmpty())
            .map(Purl::encoded)
            .collect(Collectors.joining("/"));
    return "pkg:" + type + "/" + path + (version.isEmpty() ? "" : "@" + encoded(version));
  }

  /// Of a package of a distribution, which has an architecture or an empty text.
  static String of(
      String type, String namespace, String name, String version, String architecture) {
    var purl = of(type, namespace, name, version);
    return purl.isEmpty() || architecture.isEmpty() || architecture.length() > LONGEST
        ? purl
        : purl + "?arch=" + encoded(architecture);
  }

  static String encoded(String text) {
    var encoded = new StringBuilder();
    for (var each : text.getBytes(StandardCharsets.UTF_8)) {
      var letter = (char) (each & 0xff);
      if (letter < 0x80 && (Character.isLetterOrDigit(letter) || PLAIN.indexOf(letter) >= 0)) {
        encoded.append(letter);
      } else {
        encoded.append('%').append("%02X".formatted((int) letter));
      }
    }
    return encoded.toString();
  }
}
