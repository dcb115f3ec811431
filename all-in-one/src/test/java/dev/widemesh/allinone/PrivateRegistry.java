package dev.widemesh.allinone;

import dev.widemesh.builder.registry.Registry;
import dev.widemesh.builder.registry.RegistryConfig;
import dev.widemesh.builder.registry.RegistryConfig.Credential;
import dev.widemesh.builder.registry.Rights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A registry of somebody else, which asks everyone for a user and a password.
record PrivateRegistry(Registry registry, Path folder) implements AutoCloseable {
  static final String USER = "ada-at-work";
  static final String PASSWORD = "correct-horse-battery";
  private static final String OWNER = "owner";

  static PrivateRegistry start() throws IOException {
    var folder = Files.createTempDirectory("private-registry");
    var credentials =
        List.of(
            new Credential(OWNER, PASSWORD, new Rights.Push()),
            new Credential(USER, PASSWORD, new Rights.Pull(_ -> true)));
    var store = folder.resolve("store");
    return new PrivateRegistry(
        Registry.start(new RegistryConfig(store, "127.0.0.1", 0, credentials)), folder);
  }

  String host() {
    return registry.address();
  }

  /// Pushes an image that holds one file; the engine keeps nothing of it. Returns its digest.
  String publish(String name, String file, String content) throws IOException {
    var image = host() + "/" + name;
    Files.writeString(folder.resolve(file), content);
    run("tar", "cf", "image.tar", file);
    docker("login", "-u", OWNER, "-p", PASSWORD, host());
    docker("import", "image.tar", image);
    docker("push", image);
    var digest = docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", image).strip();
    docker("rmi", image);
    return digest;
  }

  /// A Docker configuration that may push.
  Path ownersConfig() {
    docker("login", "-u", OWNER, "-p", PASSWORD, host());
    return folder.resolve("docker");
  }

  /// Pushes what the engine has under that name of it, and keeps nothing of it there. Answers its
  /// digest alone.
  String push(String image) {
    docker("login", "-u", OWNER, "-p", PASSWORD, host());
    docker("push", image);
    var format = "{{range .RepoDigests}}{{println .}}{{end}}";
    var pushed =
        docker("image", "inspect", "--format", format, image)
            .lines()
            .filter(line -> line.startsWith(host() + "/"))
            .findFirst()
            .orElseThrow();
    docker("rmi", image);
    return pushed.substring(pushed.indexOf('@') + 1);
  }

  /// Gives that environment the credentials of the user who may pull.
  Shell.Result logIn(TestPlatform platform, String environment, String password) {
    return logIn(platform, environment, host(), password);
  }

  static Shell.Result logIn(
      TestPlatform platform, String environment, String host, String password) {
    return platform.meshTyping(
        password + "\n",
        platform.folder,
        "registry",
        "login",
        host,
        "--user",
        USER,
        "--password-stdin",
        "--env",
        environment);
  }

  /// The names under which the engine has images of it.
  List<String> pulled() {
    return docker("images", "--digests", "--format", "{{.Repository}} {{.ID}}")
        .lines()
        .filter(line -> line.startsWith(host()))
        .toList();
  }

  String docker(String... args) {
    var argv = new ArrayList<>(List.of("docker", "--config", folder.resolve("docker").toString()));
    argv.addAll(List.of(args));
    return run(argv.toArray(String[]::new));
  }

  private String run(String... argv) {
    return Shell.run(folder, Map.of(), List.of(argv)).ok().out();
  }

  @Override
  public void close() throws IOException {
    registry.close();
    for (var image : pulled()) {
      var id = image.substring(image.indexOf(' ') + 1);
      Shell.run(folder, Map.of(), List.of("docker", "rmi", "-f", id));
    }
    PostgresBinaries.deleteTree(folder);
  }
}
