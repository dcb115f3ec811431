package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Image;
import dev.widemesh.builder.lifecycle.Engine;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// How containers and images of a stack's Dockerfile builds are known: a label that every one of
/// them inherits. The finished image goes without.
record Mark(String platform, String stack) {
  static final String NAME = "dev.widemesh.dockerfile";

  /// Besides, nothing that a build makes may look like the platform's own.
  static final List<String> NAMES = List.of(NAME, Engine.PLATFORM, Engine.BUILD);

  String label() {
    return NAME + "=" + platform + "/" + stack;
  }

  /// Constant for the stack, so that it does not spoil the engine's cache.
  String labels() {
    return "%s=%s/%s %s= %s=".formatted(NAME, platform, stack, Engine.PLATFORM, Engine.BUILD);
  }

  /// All of them, also those between two steps.
  List<Image> images(Engine engine) {
    return engine.images(label());
  }

  List<Container> containers(Engine engine) {
    return engine.containers(label());
  }

  /// Removes the images but these (ids); children first, so again and again until nothing goes.
  void removeImagesBut(Engine engine, Set<String> kept) {
    var open = images(engine).stream().filter(image -> !kept.contains(image.getId())).toList();
    for (var before = open.size() + 1; before > open.size() && !open.isEmpty(); ) {
      before = open.size();
      open = open.stream().filter(image -> !isRemoved(engine, image)).toList();
    }
  }

  /// Takes all other names from the image that this one leads to.
  void nameOnly(Engine engine, String name) {
    for (var image : images(engine)) {
      if (names(image).contains(name)) {
        names(image).stream().filter(other -> !other.equals(name)).forEach(remove(engine));
      }
    }
  }

  // With several names it cannot be removed by its id.
  private static boolean isRemoved(Engine engine, Image image) {
    names(image).forEach(remove(engine));
    return isRemoved(engine, image.getId());
  }

  private static Consumer<String> remove(Engine engine) {
    return name -> {
      var _ = isRemoved(engine, name);
    };
  }

  private static List<String> names(Image image) {
    var names = image.getRepoTags();
    return names == null
        ? List.of()
        : Arrays.stream(names).filter(name -> !name.startsWith("<none>")).toList();
  }

  private static boolean isRemoved(Engine engine, String id) {
    try {
      engine.calls().removeImageCmd(id).withNoPrune(true).exec();
      return true;
    } catch (NotFoundException _) {
      return true;
    } catch (ConflictException _) {
      return false; // something stands on it, or runs it
    }
  }
}
