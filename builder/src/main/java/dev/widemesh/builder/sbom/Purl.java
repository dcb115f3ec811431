package dev.widemesh.builder.sbom;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/// Package URLs: one name for a package, wherever it is written down.
final class Purl {
  private static final String PLAIN = "-._~:";

  private Purl() {}

  /// `namespace` may have parts with `/` between them, or be empty; so may be the version.
  static String of(String type, String namespace, String name, String version) {
    var path =
        Arrays.stream((namespace.isEmpty() ? name : namespace + "/" + name).split("/", -1))
            .filter(part -> !part.isEmpty())
            .map(Purl::encoded)
            .collect(Collectors.joining("/"));
    return "pkg:" + type + "/" + path + (version.isEmpty() ? "" : "@" + encoded(version));
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
