package dev.widemesh.allinone;

import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;

/// The credentials with which the parts know each other: made once, one file each, mode 0600.
record Secrets(Path folder) {
  static final String SIGNING = "signing.key";

  String admin() throws IOException {
    return token("admin");
  }

  String gateway() throws IOException {
    return token("gateway");
  }

  String builder() throws IOException {
    return token("builder");
  }

  String rack() throws IOException {
    return token("rack");
  }

  String registryPush() throws IOException {
    return token("registry-push");
  }

  String registryPull() throws IOException {
    return token("registry-pull");
  }

  /// Of the role that owns the database and is no superuser.
  String database() throws IOException {
    return kept("database", random(32));
  }

  /// Of PostgreSQL's superuser, used by the supervisor alone.
  String superuser() throws IOException {
    return kept("superuser", random(32));
  }

  boolean hasSigning() {
    return Files.exists(folder.resolve(SIGNING));
  }

  /// With which the builder signs images.
  SigningKey signing() throws IOException {
    var file = folder.resolve(SIGNING);
    if (!Files.exists(file)) {
      AtomicFile.write(file, SigningKey.generate().pem());
    }
    try {
      return SigningKey.parse(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new Refused(
          "%s is damaged: %s".formatted(file, e.getMessage()),
          "put it back from a backup, or remove it: then images are signed anew with a fresh key");
    }
  }

  Path sealKey() {
    return folder.resolve("seal.key");
  }

  /// Makes all of them, so that no two processes make the same one at once.
  void make() throws IOException {
    admin();
    gateway();
    builder();
    rack();
    registryPush();
    registryPull();
    database();
    superuser();
    signing();
  }

  private String token(String name) throws IOException {
    return kept(name, "wm_" + random(9).replaceAll("[-_]", "x") + "_" + random(32));
  }

  private String kept(String name, String fresh) throws IOException {
    var file = folder.resolve(name);
    if (!Files.exists(file)) {
      AtomicFile.write(file, fresh);
    }
    return Files.readString(file).strip();
  }

  private static String random(int bytes) {
    var random = new byte[bytes];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }
}
