package dev.widemesh.controller;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Json;
import dev.widemesh.api.Views;
import dev.widemesh.model.BuildpackReference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Which buildpacks a stack is built with, in order. Each build asks again what they are.
final class Buildpacks {
  private static final int MOST = 20;

  private final Database database;

  Buildpacks(Database database) {
    this.database = database;
  }

  Answer get(Call call) {
    return Answer.of(database.call(tx -> view(tx, Stacks.known(tx, call).id())));
  }

  private static Views.Buildpacks view(Tx tx, UUID stack) {
    var built =
        tx.one(
            "SELECT d.built FROM stack s JOIN deployment d ON d.id = s.live WHERE s.id = $1",
            stack);
    var live =
        built
            .flatMap(row -> Optional.ofNullable(row.getString(0)))
            .map(json -> Json.read(json, BuildWire.Built.class).used())
            .orElse(List.of());
    return new Views.Buildpacks(references(tx, stack), live);
  }

  /// None where the platform's own are asked.
  private static List<String> references(Tx tx, UUID stack) {
    return tx.one("SELECT buildpacks FROM stack WHERE id = $1", stack)
        .map(row -> List.of(row.getArrayOfStrings(0)))
        .orElse(List.of());
  }

  /// For a stack that is to be built otherwise: they would be passed over without a word.
  static void requireNone(Tx tx, Stacks.Known stack, String otherwise) {
    var row =
        tx.one("SELECT buildpacks FROM stack WHERE id = $1 FOR UPDATE", stack.id()).orElseThrow();
    if (row.getArrayOfStrings(0).length > 0) {
      throw Refusal.conflict(
          "names-buildpacks",
          "stack '%s' names buildpacks, and %s".formatted(stack.name(), otherwise),
          "mesh stack buildpacks set --none --stack %s, then again".formatted(stack.name()));
    }
  }

  Answer change(Call call) {
    var wish = call.body(Views.ChangeBuildpacks.class);
    return Answer.of(database.call(tx -> change(tx, Stacks.known(tx, call).id(), wish)));
  }

  /// These, as far as that stack may be built with them.
  static List<String> checked(Tx tx, UUID stack, List<String> references) {
    return wanted(tx, stack, new Views.ChangeBuildpacks(references, null, null, null));
  }

  private static Views.Buildpacks change(Tx tx, UUID stack, Views.ChangeBuildpacks wish) {
    var after = wanted(tx, stack, wish);
    tx.change(
        "UPDATE stack SET buildpacks = $2 WHERE id = $1", stack, after.toArray(String[]::new));
    Recipe.forgetBuildpacks(tx, stack);
    return view(tx, stack);
  }

  private static List<String> wanted(Tx tx, UUID stack, Views.ChangeBuildpacks wish) {
    var row =
        tx.one("SELECT name, formula, buildpacks FROM stack WHERE id = $1 FOR UPDATE", stack)
            .orElseThrow();
    var name = row.getString(0);
    var after = after(name, List.of(row.getArrayOfStrings(2)), wish);
    if ("dockerfile".equals(row.getString(1)) && !after.isEmpty()) {
      throw Refusal.conflict(
          "built-by-dockerfile",
          "stack '%s' is built with its Dockerfile".formatted(name),
          "mesh stack update %s --buildpack, then again".formatted(name));
    }
    if (!after.isEmpty()) {
      StackBuilders.requireNone(tx, stack, "that brings its own buildpacks");
    }
    return after;
  }

  private static List<String> after(
      String stack, List<String> before, Views.ChangeBuildpacks wish) {
    var set = wish.set();
    var after = new ArrayList<>(set == null ? before : set);
    for (var gone : present(wish.remove())) {
      if (!after.remove(gone)) {
        throw Refusal.missing(
            "no-such-buildpack",
            Absent.of("buildpack", gone, after),
            "mesh stack buildpacks ls --stack " + stack);
      }
    }
    var added = present(wish.add());
    after.addAll(Boolean.TRUE.equals(wish.first()) ? 0 : after.size(), added);
    check(before, after);
    return after;
  }

  private static List<String> present(@Nullable List<String> list) {
    return list == null ? List.of() : list;
  }

  /// What is there already was good once, and is in nobody's way: a build judges it.
  private static void check(List<String> before, List<String> references) {
    var seen = new HashSet<String>();
    for (var reference : references) {
      BuildpackReference.refusal(reference)
          .filter(_ -> !before.contains(reference))
          .ifPresent(
              words -> {
                throw Refusal.bad("bad-buildpack", words, BuildpackReference.nextStep(reference));
              });
      if (!seen.add(reference)) {
        throw Refusal.bad(
            "buildpack-twice",
            "the buildpack '%s' is there already".formatted(reference),
            "mesh stack buildpacks set, with all of them in the order that you want");
      }
    }
    if (references.size() > MOST) {
      throw Refusal.bad(
          "too-many-buildpacks",
          "a stack has at most %d buildpacks in its list".formatted(MOST),
          "put some of them into one composite buildpack");
    }
  }
}
