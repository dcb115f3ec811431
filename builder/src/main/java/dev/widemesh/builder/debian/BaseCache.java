package dev.widemesh.builder.debian;

import dev.widemesh.api.Json;
import dev.widemesh.builder.image.Layer;
import dev.widemesh.builder.image.Sha256;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/// Locks and finished layers on disk: `bases/<recipe>.lock.json`, `bases/<lock>.layer.json` and the
/// tars. Platforms on one machine share it.
final class BaseCache {
  private record Made(String diffId, long bytes) {}

  private final Path folder;

  BaseCache(Path cache) throws IOException {
    folder = Files.createDirectories(cache.resolve("bases"));
  }

  Optional<Lock> lock(BaseRecipe recipe) throws IOException {
    return read(lockFile(recipe), Lock.class);
  }

  void keep(BaseRecipe recipe, Lock lock) throws IOException {
    write(lockFile(recipe), Json.write(lock));
  }

  /// Named after all that the recipe says, so that another recipe makes a lock of its own.
  private Path lockFile(BaseRecipe recipe) {
    var hash = Sha256.of(recipe.identity()).substring(7, 19);
    return folder.resolve(recipe.name() + "-" + hash + ".lock.json");
  }

  Optional<Layer> layer(BaseRecipe recipe, Lock lock) throws IOException {
    return read(layerFile(lock), Made.class)
        .map(made -> new Layer(recipe.layer(), made.diffId, tar(made.diffId), made.bytes))
        .filter(layer -> Files.exists(layer.tar()));
  }

  void keep(Lock lock, Layer layer) throws IOException {
    write(layerFile(lock), Json.write(new Made(layer.diffId(), layer.bytes())));
  }

  private Path layerFile(Lock lock) {
    return folder.resolve(lock.hash() + ".layer.json");
  }

  private Path tar(String diffId) {
    return tars().resolve(diffId.replace(':', '-') + ".tar");
  }

  Path tars() {
    return folder.resolve("tars");
  }

  Path work() throws IOException {
    removeWork();
    return Files.createDirectories(folder.resolve("work"));
  }

  /// Also what a process that was killed left there.
  void removeWork() throws IOException {
    if (!Files.exists(folder.resolve("work"))) {
      return;
    }
    Files.walkFileTree(
        folder.resolve("work"),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  FileChannel gate() throws IOException {
    return FileChannel.open(
        folder.resolve("gate"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static <T> Optional<T> read(Path file, Class<T> type) throws IOException {
    try {
      return Optional.of(Json.read(Files.readString(file), type));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private static void write(Path file, String text) throws IOException {
    var temporary = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(temporary, text);
    try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
