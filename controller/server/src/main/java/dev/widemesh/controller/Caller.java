package dev.widemesh.controller;

import java.util.UUID;

/// Whose token it was.
sealed interface Caller {
  record Nobody() implements Caller {}

  record Person(UUID id, String name, boolean admin) implements Caller {}

  record Gateway() implements Caller {}

  record Builder() implements Caller {}

  record Rack(String name) implements Caller {}

  /// For the operation's row.
  default String label() {
    return switch (this) {
      case Nobody _ -> "nobody";
      case Person person -> person.name();
      case Gateway _ -> "git-gateway";
      case Builder _ -> "builder";
      case Rack rack -> "rack " + rack.name();
    };
  }
}
