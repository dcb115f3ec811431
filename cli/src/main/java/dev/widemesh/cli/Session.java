package dev.widemesh.cli;

import dev.widemesh.api.ApiClient;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// One call of `mesh`: who reads it, what surrounds it, and the controller it talks to.
record Session(Terminal terminal, Map<String, String> environment, Path directory) {
  Session {
    environment = Map.copyOf(environment);
  }

  /// A variable that is set to something.
  Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  Path home() {
    return Path.of(variable("HOME").orElseGet(() -> System.getProperty("user.home", "/")));
  }

  /// The folder of what mesh remembers about this user.
  Path folder() {
    return variable("XDG_CONFIG_HOME")
        .map(Path::of)
        .orElseGet(() -> home().resolve(".config"))
        .resolve("widemesh");
  }

  ApiClient controller() {
    return Login.of(this).client();
  }

  GitRepository repository() {
    return new GitRepository(this);
  }

  /// A path as people type it.
  Path path(String text) {
    var expanded = text.startsWith("~/") ? home().resolve(text.substring(2)) : Path.of(text);
    return directory.resolve(expanded);
  }

  void say(String line) {
    terminal.say(line);
  }

  void note(String line) {
    terminal.note(line);
  }
}
