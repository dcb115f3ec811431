package dev.widemesh.builder.registry;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// The content address of a blob or manifest: `sha256:<hex>` or `sha512:<hex>`.
record Digest(String algorithm, String hex) {
  private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

  static Optional<Digest> parse(String text) {
    if (!FORM.matcher(text).matches()) {
      return Optional.empty();
    }
    return Optional.of(new Digest(text.substring(0, 6), text.substring(7)));
  }

  static boolean isAlgorithm(String text) {
    return text.equals("sha256") || text.equals("sha512");
  }

  static Digest require(String text) throws RegistryFailure {
    return parse(text)
        .orElseThrow(
            () -> RegistryFailure.of(ErrorCode.DIGEST_INVALID, "not a digest: '" + text + "'"));
  }

  static Digest of(String algorithm, byte[] content) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash(algorithm).digest(content)));
  }

  static Digest finish(String algorithm, MessageDigest hash) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash.digest()));
  }

  static MessageDigest hash(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK knows SHA-2", e);
    }
  }

  /// As the name of a file that stands for the digest.
  String fileName() {
    return algorithm + "-" + hex;
  }

  static Optional<Digest> ofFileName(String name) {
    return parse(name.replaceFirst("-", ":"));
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
