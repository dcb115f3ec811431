package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.registry.Durable;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Small files, one for each name: whole or not there, also after the power went. One that is
/// damaged all the same is dropped, so that it stops nothing but what it said.
record NoteFolder(Path folder, String suffix) {
  private static final Logger log = LoggerFactory.getLogger(NoteFolder.class);
  private static final Pattern UNFINISHED = Pattern.compile(".*\\.(new|part)");

  /// `meaning` refuses text that it does not understand with an [IllegalArgumentException].
  <T> Optional<T> read(String name, Function<String, T> meaning) throws IOException {
    return read(file(name), meaning);
  }

  <T> List<T> all(Function<String, T> meaning) throws IOException {
    var all = new ArrayList<T>();
    for (var file : files(name -> name.endsWith(suffix) && !isUnfinished(name))) {
      read(file, meaning).ifPresent(all::add);
    }
    return all;
  }

  private static <T> Optional<T> read(Path file, Function<String, T> meaning) throws IOException {
    try {
      return Optional.of(meaning.apply(Files.readString(file)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (CharacterCodingException | IllegalArgumentException e) {
      log.warn("{} is damaged and goes; what it named is nobody's now: {}", file, e.getMessage());
      Files.deleteIfExists(file);
      return Optional.empty();
    }
  }

  void write(String name, String text) throws IOException {
    Durable.write(file(name), text.getBytes(StandardCharsets.UTF_8));
  }

  void drop(String name) throws IOException {
    Files.deleteIfExists(file(name));
  }

  /// Removes what was not written to its end. Only before the first write.
  void clean() throws IOException {
    for (var file : files(NoteFolder::isUnfinished)) {
      Files.deleteIfExists(file);
    }
  }

  private static boolean isUnfinished(String name) {
    return UNFINISHED.matcher(name).matches();
  }

  private List<Path> files(Predicate<String> names) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.filter(file -> names.test(String.valueOf(file.getFileName()))).toList();
    }
  }

  // A name comes from outside and may say anything.
  private Path file(String name) {
    return folder.resolve(Sha256.of(name).replace("sha256:", "") + suffix);
  }
}
