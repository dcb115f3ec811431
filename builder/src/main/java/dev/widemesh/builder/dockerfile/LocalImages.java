package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Image;
import dev.widemesh.builder.lifecycle.Engine;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The images that the engine has, anybody's. None is removed by force: the engine keeps what a
/// container runs or another image stands on.
record LocalImages(Engine engine) {
  private static final Logger log = LoggerFactory.getLogger(LocalImages.class);

  List<Image> all() {
    return engine.calls().listImagesCmd().withShowAll(true).exec();
  }

  Optional<String> id(String name) {
    try {
      return Optional.ofNullable(engine.calls().inspectImageCmd(name).exec().getId());
    } catch (NotFoundException _) {
      return Optional.empty();
    }
  }

  /// Ids of those of `images` on which others stand, and of those that containers run.
  Set<String> needed(List<Image> images) {
    var needed = new HashSet<String>();
    images.forEach(image -> needed.add(String.valueOf(image.getParentId())));
    engine.calls().listContainersCmd().withShowAll(true).exec().stream()
        .map(container -> String.valueOf(container.getImageId()))
        .forEach(needed::add);
    return needed;
  }

  /// Whether it is there and has no name but what a pull of `name` leaves: its digest, once the tag
  /// moved on.
  boolean isNameless(String id, String name) {
    try {
      var image = engine.calls().inspectImageCmd(id).exec();
      return said(image.getRepoTags()).isEmpty()
          && said(image.getRepoDigests()).stream()
              .map(Repository::of)
              .allMatch(Repository.of(name)::equals);
    } catch (NotFoundException _) {
      return false;
    }
  }

  private static List<String> said(@Nullable List<String> names) {
    return names == null
        ? List.of()
        : names.stream().filter(name -> !name.startsWith("<none>")).toList();
  }

  /// By its name, or by its id if it has at most one.
  boolean isRemoved(String image) {
    try {
      engine.calls().removeImageCmd(image).exec();
      return true;
    } catch (NotFoundException _) {
      return true;
    } catch (ConflictException e) {
      log.debug("image {} stays: {}", image, e.getMessage());
      return false;
    }
  }
}
