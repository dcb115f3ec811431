package dev.widemesh.controller;

import dev.widemesh.api.Views;
import dev.widemesh.model.ImageReference;
import java.util.Optional;
import java.util.UUID;

/// Which builder of somebody else's a stack is built with, instead of the platform's lifecycle and
/// buildpacks. Each build asks again what its name stands for.
final class StackBuilders {
  private final Database database;

  StackBuilders(Database database) {
    this.database = database;
  }

  /// For a stack that is to be built otherwise: the builder would be passed over without a word.
  static void requireNone(Tx tx, UUID stack, String otherwise) {
    var row =
        tx.one("SELECT name, builder FROM stack WHERE id = $1 FOR UPDATE", stack).orElseThrow();
    if (row.getString(1) != null) {
      throw Refusal.conflict(
          "names-builder",
          "stack '%s' is built with the builder %s, and %s"
              .formatted(row.getString(0), row.getString(1), otherwise),
          "mesh stack set-builder --none --stack %s, then again".formatted(row.getString(0)));
    }
  }

  Answer change(Call call) {
    var image = call.body(Views.StackBuilder.class).image();
    if (image != null) {
      ImageReference.refusal(image)
          .ifPresent(
              words -> {
                throw Refusal.bad("bad-builder", words, "write it like heroku/builder:24");
              });
    }
    return Answer.of(
        database.call(tx -> change(tx, Stacks.known(tx, call), Optional.ofNullable(image))));
  }

  private static Views.StackBuilder change(Tx tx, Stacks.Known stack, Optional<String> image) {
    if (image.isPresent()) {
      Buildpacks.requireNone(tx, stack, "a builder brings its own");
      requireNoDockerfile(tx, stack);
    }
    tx.change("UPDATE stack SET builder = $2 WHERE id = $1", stack.id(), image.orElse(null));
    return new Views.StackBuilder(image.orElse(null));
  }

  private static void requireNoDockerfile(Tx tx, Stacks.Known stack) {
    var row =
        tx.one("SELECT formula FROM stack WHERE id = $1 FOR UPDATE", stack.id()).orElseThrow();
    if ("dockerfile".equals(row.getString(0))) {
      throw Refusal.conflict(
          "built-by-dockerfile",
          "stack '%s' is built with its Dockerfile".formatted(stack.name()),
          "mesh stack update %s --buildpack, then again".formatted(stack.name()));
    }
  }
}
