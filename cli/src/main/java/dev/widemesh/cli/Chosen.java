package dev.widemesh.cli;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What `mesh use` stored for this user.
record Chosen(@Nullable String environment, @Nullable String stack) {
  private static final Chosen NOTHING = new Chosen(null, null);

  private static Path file(Session session) {
    return session.folder().resolve("use.json");
  }

  static Chosen read(Session session) {
    try {
      return Json.read(Files.readString(file(session)), Chosen.class);
    } catch (NoSuchFileException | IllegalArgumentException _) {
      return NOTHING;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void forget(Session session) throws IOException {
    Files.deleteIfExists(file(session));
  }

  void write(Session session) throws IOException {
    PrivateFile.write(file(session), Json.write(this) + "\n");
  }

  Optional<String> chosenEnvironment() {
    return Optional.ofNullable(environment);
  }

  Optional<String> chosenStack() {
    return Optional.ofNullable(stack);
  }
}
