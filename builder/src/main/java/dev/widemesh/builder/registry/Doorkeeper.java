package dev.widemesh.builder.registry;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Knows who may read and who may push. Compares hashes in constant time, and always all of them.
final class Doorkeeper {
  private record Known(String hash, boolean mayPush) {}

  private final List<Known> known;

  Doorkeeper(List<RegistryConfig.Credential> credentials) {
    known =
        credentials.stream()
            .map(each -> new Known(hash(each.user() + ":" + each.password()), each.mayPush()))
            .toList();
  }

  void admit(@Nullable String authorization, boolean toPush) throws RegistryFailure {
    var given = hash(userAndPassword(authorization)).getBytes(StandardCharsets.UTF_8);
    var admitted = false;
    var mayPush = false;
    for (var each : known) {
      var same = MessageDigest.isEqual(given, each.hash.getBytes(StandardCharsets.UTF_8));
      admitted |= same;
      mayPush |= same && each.mayPush;
    }
    if (!admitted) {
      throw new RegistryFailure(
          401,
          ErrorCode.UNAUTHORIZED,
          "a user name and password are needed here",
          Map.of("WWW-Authenticate", "Basic realm=\"Widemesh registry\""));
    }
    if (toPush && !mayPush) {
      throw RegistryFailure.of(ErrorCode.DENIED, "this user may pull, not push");
    }
  }

  private static String userAndPassword(@Nullable String authorization) {
    if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      return "";
    }
    try {
      var decoded = Base64.getDecoder().decode(authorization.substring(6).strip());
      return new String(decoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      return "";
    }
  }

  private static String hash(String text) {
    return Digest.of("sha256", text.getBytes(StandardCharsets.UTF_8)).hex();
  }
}
