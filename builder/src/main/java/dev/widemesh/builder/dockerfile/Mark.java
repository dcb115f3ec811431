package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Image;
import dev.widemesh.builder.lifecycle.Engine;
import java.util.List;
import java.util.Set;

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
    var open = images(engine).stream().map(Image::getId).filter(id -> !kept.contains(id)).toList();
    for (var before = open.size() + 1; before > open.size() && !open.isEmpty(); ) {
      before = open.size();
      open = open.stream().filter(id -> !isRemoved(engine, id)).toList();
    }
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
