package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.RegistryHost;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Names the cause why a base image did not come, from what the engine says.
record PullFailure(
    Instruction where, String image, RegistryHost host, Optional<RegistryLogin> login) {
  static final String OURS = "widemesh/run:13 and widemesh/build:13 are always there";
  private static final Pattern DENIED =
      Pattern.compile(
          "unauthorized|denied|authentication required|no basic auth|forbidden"
              + "|incorrect username or password");
  private static final Pattern UNKNOWN = Pattern.compile("not found|manifest unknown|name unknown");
  private static final int LONGEST = 200;

  static boolean isDenial(String words) {
    return DENIED.matcher(words.toLowerCase(Locale.ROOT)).find();
  }

  /// In one line, without what a server inside may have said that a registry led the engine to.
  static String shown(String words) {
    var line = words.replaceAll("\\s+", " ").replaceFirst("(?i)response body: .*", "response");
    return line.length() > LONGEST ? line.substring(0, LONGEST) : line;
  }

  BuildRefused of(String words) {
    if (isDenial(words)) {
      return denied();
    }
    if (UNKNOWN.matcher(words).find()) {
      return where.refused(
          "the base image %s does not exist".formatted(image), "correct its name or tag");
    }
    return where.refused(
        "the base image %s cannot be pulled (%s)".formatted(image, shown(words)),
        "use one that this server can pull: " + OURS);
  }

  private BuildRefused denied() {
    return login
        .map(
            known ->
                where.refused(
                    "the base image %s does not exist, or %s may not pull it"
                        .formatted(image, known.user()),
                    "correct its name, or mesh registry login %s with a user who may"
                        .formatted(host)))
        .orElseGet(
            () ->
                where.refused(
                    "the base image %s does not exist or is private".formatted(image),
                    "correct its name, or give credentials: mesh registry login " + host));
  }
}
