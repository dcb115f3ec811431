package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// The one folder that holds everything of one platform.
record DataFolder(Path root) {
  DataFolder {
    root = root.toAbsolutePath().normalize();
  }

  /// `/var/lib/widemesh`: where a system service keeps its state (FHS 3.0, 5.8).
  static Path usual() {
    return Path.of("/var/lib/widemesh");
  }

  /// Others may pass through (PostgreSQL runs as a user of its own) but see nothing.
  void make() throws IOException {
    Files.createDirectories(root);
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
    for (var closed : new Path[] {secrets(), run(), logs(), control(), rack(), router()}) {
      Files.createDirectories(closed);
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }
  }

  boolean exists() {
    return Files.exists(settings());
  }

  Path settings() {
    return root.resolve("platform.json");
  }

  Path secrets() {
    return root.resolve("secrets");
  }

  Path run() {
    return root.resolve("run");
  }

  Path logs() {
    return root.resolve("logs");
  }

  Path postgres() {
    return root.resolve("postgres");
  }

  Path control() {
    return root.resolve("control");
  }

  Path rack() {
    return root.resolve("rack");
  }

  Path router() {
    return root.resolve("router");
  }

  Path login() {
    return root.resolve("login.json");
  }

  /// The certificate that browsers and curl are to trust, for everyone on this machine to read.
  Path ca() {
    return root.resolve("ca.pem");
  }

  /// The key with which anyone on this machine can verify the signatures of images.
  Path signedBy() {
    return root.resolve("signing.pub");
  }

  /// Between rack-runner and router.
  Path routesSocket() {
    return run().resolve("routes.sock");
  }
}
