package dev.widemesh.model;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Where images come from: `host`, or `host:port` where that is not 443. In small letters.
public record RegistryHost(String value) {
  public static final RegistryHost HUB = new RegistryHost("docker.io");
  private static final Set<String> HUBS = Set.of("docker.io", "index.docker.io");
  private static final Pattern HOST =
      Pattern.compile("[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:[1-9]\\d{0,4})?");

  /// For text that came from outside: empty when it names none.
  public static Optional<RegistryHost> parse(String text) {
    var host = text.toLowerCase(Locale.ROOT).replaceFirst(":443$", "");
    if (HUBS.contains(host)) {
      return Optional.of(HUB);
    }
    var isHost = text.contains(".") || text.contains(":") || host.equals("localhost");
    return isHost && HOST.matcher(host).matches()
        ? Optional.of(new RegistryHost(host))
        : Optional.empty();
  }

  /// Read as Docker reads it: an image without a host is Docker Hub's.
  public static Optional<RegistryHost> ofImage(String image) {
    var slash = image.indexOf('/');
    var first = slash < 0 ? "" : image.substring(0, slash);
    var isHost =
        first.contains(".")
            || first.contains(":")
            || first.equals("localhost")
            || !first.equals(first.toLowerCase(Locale.ROOT));
    return isHost ? parse(first) : Optional.of(HUB);
  }

  /// Without the port.
  public String name() {
    return value.replaceFirst(":.*", "");
  }

  @Override
  public String toString() {
    return value;
  }
}
