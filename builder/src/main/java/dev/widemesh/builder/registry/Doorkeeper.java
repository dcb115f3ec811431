package dev.widemesh.builder.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows who comes, and what is open to them. Compares hashes in constant time, and always all of
/// them.
final class Doorkeeper {
  private static final Logger log = LoggerFactory.getLogger(Doorkeeper.class);

  private enum Need {
    READ,
    PUSH,
    DELETE
  }

  private record Known(String hash, Rights rights) {}

  private final List<Known> known;

  Doorkeeper(List<RegistryConfig.Credential> credentials) {
    known =
        credentials.stream()
            .map(each -> new Known(hash(each.user() + ":" + each.password()), each.rights()))
            .toList();
  }

  Rights admit(@Nullable String authorization) throws RegistryFailure {
    var given = bytes(hash(userAndPassword(authorization)));
    var found = Optional.<Rights>empty();
    for (var each : known) {
      if (MessageDigest.isEqual(given, bytes(each.hash))) {
        found = Optional.of(each.rights);
      }
    }
    return found.orElseThrow(
        () ->
            new RegistryFailure(
                401,
                ErrorCode.UNAUTHORIZED,
                "a user name and password are needed here",
                Map.of("WWW-Authenticate", "Basic realm=\"Widemesh registry\"")));
  }

  /// Returns where they may do that.
  void check(Rights rights, String method, Resource resource) throws RegistryFailure {
    var need = need(method, resource);
    switch (rights) {
      case Rights.Manage _ -> {}
      case Rights.Push _ -> require(need != Need.DELETE, "this user may pull and push, not delete");
      case Rights.Pull(var repositories) -> {
        require(need == Need.READ, "this user may pull, not push");
        requireListed(repositories, resource);
      }
    }
  }

  private static void require(boolean allowed, String otherwise) throws RegistryFailure {
    if (!allowed) {
      throw RegistryFailure.of(ErrorCode.DENIED, otherwise);
    }
  }

  private static Need need(String method, Resource resource) {
    return switch (resource) {
      case Resource.NewUpload _, Resource.Upload _ -> Need.PUSH;
      case Resource.Version _,
          Resource.Blob _,
          Resource.Tagged _,
          Resource.Manifest _,
          Resource.Tags _,
          Resource.Referrers _ ->
          switch (method) {
            case "GET", "HEAD" -> Need.READ;
            case "DELETE" -> Need.DELETE;
            default -> Need.PUSH;
          };
    };
  }

  /// What is not open looks as if it were not there.
  private static void requireListed(Rights.Repositories repositories, Resource resource)
      throws RegistryFailure {
    var repository = resource.repository();
    if (!repository.isEmpty() && !contain(repositories, repository)) {
      throw resource.absent();
    }
  }

  private static boolean contain(Rights.Repositories repositories, String repository)
      throws RegistryFailure {
    try {
      return repositories.contain(repository);
    } catch (IOException e) {
      log.warn("nobody is let into {}: {}", repository, e.getMessage());
      throw new RegistryFailure(
          503,
          ErrorCode.UNKNOWN,
          "what this user may pull is not known now: try again in a moment",
          Map.of("Retry-After", "5"));
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
    return Digest.of("sha256", bytes(text)).hex();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
