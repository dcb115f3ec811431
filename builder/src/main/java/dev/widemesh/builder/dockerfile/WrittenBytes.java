package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Image;
import dev.widemesh.builder.lifecycle.DiskSpace;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.model.Diagnosis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What one build has written since it began: the files of the step that runs, and what each new
/// image has more than the one it stands on. What is seen in neither, such as a volume of a base
/// image, is seen once the disk is nearly full.
final class WrittenBytes {
  private final Engine engine;
  private final Mark mark;
  private final long most;
  private final Set<String> before;
  private final Map<String, Long> sizes = new HashMap<>();
  private final Optional<Path> root;
  private final long free;

  /// `most` is what may be written.
  WrittenBytes(Engine engine, Mark mark, long most) throws IOException {
    this.engine = engine;
    this.mark = mark;
    this.most = most;
    this.before = mark.images(engine).stream().map(Image::getId).collect(Collectors.toSet());
    this.root = engine.root();
    this.free = root.isPresent() ? DiskSpace.of(root.get()).free() : 0;
  }

  /// What is wrong with it; `tail` are the last lines that the build printed.
  Optional<Diagnosis> refusal(List<String> tail) throws IOException {
    var counted = step() + images();
    if (counted > most) {
      return Optional.of(
          new Diagnosis.BuildFailed(
              "the build wrote more than %d MB".formatted(most / 1_000_000),
              tail,
              "make the build write less"));
    }
    return root.isPresent() ? refusal(DiskSpace.of(root.get()), counted) : Optional.empty();
  }

  private Optional<Diagnosis> refusal(DiskSpace space, long counted) {
    var fallen = free - space.free();
    // Whoever wrote little is not whom the disk is full of.
    if (space.isFull() && Math.max(counted, fallen) > (space.used() + space.free()) / 20) {
      return Optional.of(space.diagnosis());
    }
    return Optional.empty();
  }

  private long step() {
    return engine
        .calls()
        .listContainersCmd()
        .withShowSize(true)
        .withLabelFilter(List.of(mark.label()))
        .exec()
        .stream()
        .map(Container::getSizeRw)
        .mapToLong(size -> size == null ? 0 : size)
        .sum();
  }

  private long images() {
    var images = mark.images(engine);
    images.forEach(image -> sizes.put(image.getId(), size(image)));
    return images.stream()
        .filter(image -> !before.contains(image.getId()))
        .mapToLong(image -> Math.max(0, size(image) - below(image)))
        .sum();
  }

  private static long size(Image image) {
    return image.getSize() == null ? 0 : image.getSize();
  }

  /// The size of what it stands on. The first of a stage has nothing of its own but the mark.
  private long below(Image image) {
    var parent = image.getParentId();
    if (parent == null || parent.isEmpty()) {
      return size(image);
    }
    var known = sizes.get(parent);
    if (known != null) {
      return known;
    }
    var size = asked(parent).orElse(size(image));
    sizes.put(parent, size);
    return size;
  }

  private Optional<Long> asked(String id) {
    try {
      return Optional.ofNullable(engine.calls().inspectImageCmd(id).exec().getSize());
    } catch (NotFoundException _) {
      return Optional.empty();
    }
  }
}
