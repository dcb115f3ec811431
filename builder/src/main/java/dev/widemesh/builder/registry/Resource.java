package dev.widemesh.builder.registry;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/// What a request is about. A path that is none of these is refused before any file is looked at.
sealed interface Resource {
  /// Empty where it is about none.
  default String repository() {
    return "";
  }

  /// What is said where it is not there.
  default RegistryFailure absent() {
    return switch (this) {
      case Blob _ -> RegistryFailure.of(ErrorCode.BLOB_UNKNOWN, "this repository has no such blob");
      case Tagged _, Manifest _ ->
          RegistryFailure.of(ErrorCode.MANIFEST_UNKNOWN, "this repository has no such manifest");
      case Upload _ ->
          RegistryFailure.of(ErrorCode.BLOB_UPLOAD_UNKNOWN, "no such upload: start again");
      case Version _, NewUpload _, Tags _, Referrers _ ->
          RegistryFailure.of(ErrorCode.NAME_UNKNOWN, "no such repository");
    };
  }

  /// `GET /v2/`: are you a registry, and do you know me?
  record Version() implements Resource {}

  record Blob(String repository, Digest digest) implements Resource {}

  record NewUpload(String repository) implements Resource {}

  record Upload(String repository, UUID id) implements Resource {}

  record Tagged(String repository, String tag) implements Resource {}

  record Manifest(String repository, Digest digest) implements Resource {}

  record Tags(String repository) implements Resource {}

  record Referrers(String repository, Digest subject) implements Resource {}

  Pattern NAME =
      Pattern.compile(
          "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*");
  Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");
  Pattern PATH =
      Pattern.compile(
          "/v2/(.+)/(?:(blobs/uploads)/?([^/]*)|(blobs|manifests|tags|referrers)/([^/]+))");
  int LONGEST_NAME = 200;

  static boolean isName(String text) {
    return text.length() <= LONGEST_NAME && NAME.matcher(text).matches();
  }

  static Resource parse(String path) throws RegistryFailure {
    if (path.equals("/v2/") || path.equals("/v2")) {
      return new Version();
    }
    var match = path.length() > 1000 ? null : PATH.matcher(path);
    if (match == null || !match.matches()) {
      throw new RegistryFailure(404, ErrorCode.UNSUPPORTED, "no such path", Map.of());
    }
    var repository = match.group(1);
    if (!isName(repository)) {
      throw RegistryFailure.of(ErrorCode.NAME_INVALID, "not a repository name");
    }
    return match.group(2) != null
        ? upload(repository, match.group(3))
        : stored(repository, match.group(4), match.group(5));
  }

  private static Resource upload(String repository, String id) throws RegistryFailure {
    if (id.isEmpty()) {
      return new NewUpload(repository);
    }
    try {
      return new Upload(repository, UUID.fromString(id));
    } catch (IllegalArgumentException _) {
      throw RegistryFailure.of(ErrorCode.BLOB_UPLOAD_UNKNOWN, "no such upload: start again");
    }
  }

  private static Resource stored(String repository, String kind, String reference)
      throws RegistryFailure {
    if (kind.equals("tags") && reference.equals("list")) {
      return new Tags(repository);
    }
    if (kind.equals("manifests")) {
      return manifest(repository, reference);
    }
    var digest = Digest.require(reference);
    return kind.equals("blobs") ? new Blob(repository, digest) : new Referrers(repository, digest);
  }

  private static Resource manifest(String repository, String reference) throws RegistryFailure {
    Optional<Digest> digest = Digest.parse(reference);
    if (digest.isPresent()) {
      return new Manifest(repository, digest.get());
    }
    if (TAG.matcher(reference).matches()) {
      return new Tagged(repository, reference);
    }
    var code = reference.contains(":") ? ErrorCode.DIGEST_INVALID : ErrorCode.MANIFEST_UNKNOWN;
    throw RegistryFailure.of(code, "neither a tag nor a digest");
  }
}
